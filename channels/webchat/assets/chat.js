// The chat: puts the parts together.

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { icon, initial, isComposing, make, tint } from "./dom.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { Pending } from "./pending.js";
import { currentLanguage, keep, recall, rememberLanguage, say, speak, wantedLanguage } from "./words.js";

const READ = "guanxi.read";
const BANNER_AFTER = 1500;
const TOAST_FOR = 4000;
const READ_AFTER = 400;

const root = document.documentElement;
const { company } = root.dataset;
const languages = JSON.parse(root.dataset.languages);
const limits = JSON.parse(root.dataset.limits);
const isEmbedded = root.dataset.embed === "yes" && parent !== window;
const find = (selector) => document.querySelector(selector);

let isShown = !isEmbedded;
let lineState = "connecting";
let readTimer = 0;
let bannerTimer = 0;
let toastTimer = 0;
let announced = 0;
let readUpTo = Number(recall(READ) ?? 0);

drawIcons();
await speak(wantedLanguage(root, languages));

const connection = new Connection(greeting);
const pending = new Pending(connection);
const log = new Log({ company, pending, act });
const composer = new Composer(limits, { report: toast, announce });
const menu = new Menu(find("#menu-button"), find("#menu"));

fillMenu();
showLine("connecting");
listen();
find(".chat").hidden = false;
log.draw();
composer.refresh();
connection.open();
if (isShown && matchMedia("(pointer: fine)").matches) composer.focus();
if (isEmbedded) tellParent({ guanxi: "ready" });

function greeting() {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const code = new URLSearchParams(location.search).get("code") ?? "";
  return { language: currentLanguage(), timezone, code };
}

function listen() {
  connection.addEventListener("state", ({ detail }) => showLine(detail));
  connection.addEventListener("frame", ({ detail }) => heard(detail));
  pending.addEventListener("change", () => log.draw());
  log.addEventListener("drawn", noteUnread);
  log.addEventListener("homeless", () => composer.focus());
  log.addEventListener("older", ({ detail }) => connection.send({ type: "older", before: detail }));
  composer.addEventListener("send", ({ detail }) => {
    pending.add({ type: "message", ...detail });
    log.toEnd();
  });
  log.scroll.addEventListener("scroll", noteUnread, { passive: true });
  document.addEventListener("visibilitychange", noteUnread);
  addEventListener("focus", noteUnread);
  addEventListener("message", (event) => isEmbedded && event.source === parent && heardParent(event.data));
  addEventListener("keydown", (event) => event.key === "Escape" && !isComposing(event) && isEmbedded && tellParent({ guanxi: "close" }));
  find("#minimise").addEventListener("click", () => tellParent({ guanxi: "close" }));
}

function heard(frame) {
  if (frame.type === "messages") {
    log.take(frame);
    if (frame.span === "tail") pending.start();
  } else if (frame.type === "removed") log.remove(frame.ids);
  else if (frame.type === "stored") pending.confirm(frame.client_id);
  else if (frame.type === "error") refused(frame);
}

function refused({ code, client_id, retry_after }) {
  if (!client_id) return log.askAgain(retry_after);
  if (code === "stale") toast(say("error.stale"));
  pending.refuse(client_id, code, retry_after);
}

function act({ press, message, edit, delete: dropped }) {
  if (press) {
    pending.add({ type: "press", action: press, message });
    log.choose(message, press);
  } else if (edit) {
    pending.remove(edit.client_id);
    composer.write(edit.text);
  } else if (dropped) {
    pending.remove(dropped.client_id);
    composer.focus();
  }
}

// ---- the line ----------------------------------------------------------------------------------

function showLine(state) {
  if (state === "outdated") return reloadOnce();
  if (state === "closed") log.forgetQuestion();
  lineState = state;
  const status = find(".head-status");
  status.dataset.state = state;
  status.textContent = say(state === "open" ? "status.online" : "status.connecting");
  clearTimeout(bannerTimer);
  if (state === "open") find(".banner").hidden = true;
  else bannerTimer = setTimeout(showBanner, state === "nocookie" ? 0 : BANNER_AFTER);
}

function showBanner() {
  const banner = find(".banner");
  if (lineState === "nocookie") {
    const link = make("a", { href: "/chat", target: "_blank", rel: "noopener" }, say("banner.cookies.link"));
    banner.replaceChildren(say("banner.cookies"), " ", link);
  } else banner.textContent = say("banner.offline");
  banner.hidden = false;
}

// The server speaks a newer language than this page: the draft and what was not sent survive the reload.
function reloadOnce() {
  if (Date.now() - Number(recall("guanxi.reloaded") ?? 0) < 60_000) return;
  keep("guanxi.reloaded", String(Date.now()));
  location.reload();
}

// ---- read and unread ---------------------------------------------------------------------------

function noteUnread() {
  readUpTo = Math.max(readUpTo, Number(recall(READ) ?? 0)); // another window of the same chat may have read on
  const unread = log.theirs.filter(({ at, state }) => at > readUpTo && state !== "read");
  showCount(unread.length);
  clearTimeout(readTimer);
  if (unread.length && isLooking()) readTimer = setTimeout(markRead, READ_AFTER, unread.at(-1));
}

const isLooking = () => isShown && document.visibilityState === "visible" && log.isAtEnd && connection.isOpen;

function markRead({ id, at }) {
  if (!isLooking()) return;
  connection.send({ type: "read", message: id });
  readUpTo = Math.max(readUpTo, at); // nothing may be kept in a frame
  keep(READ, String(readUpTo));
  noteUnread();
}

function showCount(count) {
  const title = say("title", { company });
  document.title = count ? `(${count}) ${title}` : title;
  if (!isEmbedded || count === announced) return;
  announced = count;
  tellParent({ guanxi: "unread", count });
}

// ---- the page around it ------------------------------------------------------------------------

// Nothing but a number leaves the frame; which sites may hold it, the server's frame-ancestors says.
function tellParent(message) {
  parent.postMessage(message, "*");
}

function heardParent(message) {
  if (message?.guanxi !== "shown") return;
  isShown = message.isShown === true;
  if (isShown) {
    composer.focus();
    log.toEnd();
  }
  noteUnread();
}

// ---- words and looks ---------------------------------------------------------------------------

function fillMenu() {
  const choices = Object.entries(languages).map(([code, label]) => {
    const isChecked = code === currentLanguage();
    return { label, isChecked, lang: code, run: () => isChecked || changeLanguage(code) };
  });
  const person = { label: say("menu.human"), symbol: "person", run: askForPerson };
  menu.fill([{ entries: [person] }, { title: say("menu.language"), entries: choices }]);
}

async function changeLanguage(code) {
  await speak(code);
  rememberLanguage(code);
  pending.add({ type: "press", action: `lang:${code}` });
  fillMenu();
  showLine(lineState);
  composer.refresh();
  log.draw(true);
}

function askForPerson() {
  pending.add({ type: "press", action: "human" });
  toast(say("asked.human"));
}

function toast(text) {
  const place = find(".toast");
  place.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (place.textContent = ""), TOAST_FOR);
}

// What the eye sees anyway, said to those who listen.
function announce(text) {
  find("#announcer").textContent = text;
}

function drawIcons() {
  for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
  for (const node of document.querySelectorAll("[data-words]")) node.append(make("span"));
  for (const avatar of document.querySelectorAll(".head-avatar, .welcome-avatar")) {
    avatar.textContent = initial(company);
    avatar.dataset.tint = tint(company);
  }
  find("#minimise").hidden = !isEmbedded;
}
