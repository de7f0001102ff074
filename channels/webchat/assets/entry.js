// One entry of the conversation as nodes.

import { hidden, icon, initial, linked, make, tint } from "./dom.js";
import { say, size, time } from "./words.js";

const PLAYERS = { voice: "audio", audio: "audio", video: "video", animation: "video" };

// `act` is called with what the visitor does: {press, message}, {edit} or {delete}.
export function entryNode(item, company, act) {
  const isOwn = item.author === "customer";
  const name = item.name ?? company;
  const node = make("article", { class: `entry ${isOwn ? "own" : "theirs"}` });
  if (!isOwn) node.append(make("span", { class: "avatar", "data-tint": tint(name), "aria-hidden": "true" }, initial(name)));
  const body = make("div", { class: "body" });
  if (!isOwn) body.append(make("p", { class: "name" }, name, item.author === "bot" ? badge() : null));
  const images = item.files.filter((file) => file.image && file.url);
  if (images.length) body.append(make("div", { class: "images", "data-count": Math.min(images.length, 4) }, ...images.map(imageNode)));
  for (const file of item.files) if (!images.includes(file)) body.append(file.url && PLAYERS[file.kind] ? playerNode(file) : cardNode(file));
  if (item.text) body.append(bubble(item, isOwn));
  body.append(footer(item, isOwn));
  if (item.buttons.length) body.append(chips(item, act));
  node.append(body);
  showState(node, item, act);
  return node;
}

// The clock, the tick, the mark, the pressed chip: changed in place, so that nothing is read out twice.
export function showState(node, item, act) {
  for (const chip of node.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(chip.dataset.action === item.chosen));
  const place = node.querySelector(".state");
  if (!place || place.dataset.state === item.state) return;
  place.dataset.state = item.state;
  place.replaceChildren(icon(item.state), hidden(say(`state.${item.state}`)));
  node.classList.toggle("failed", item.state === "failed");
  node.querySelector(".rescue")?.remove();
  if (item.state === "failed") node.querySelector(".body").append(rescue(item, act));
}

export function dayNode(text) {
  return make("p", { class: "day" }, make("span", {}, text));
}

const badge = () => make("span", { class: "badge" }, say("bot"));

function bubble(item, isOwn) {
  const who = isOwn ? hidden(`${say("you")}: `) : null;
  return make("div", { class: "bubble" }, who, make("p", { class: "text", dir: "auto" }, ...linked(item.text)));
}

function footer(item, isOwn) {
  const edited = item.edited ? `${say("edited")} · ` : "";
  const clock = make("time", { datetime: new Date(item.at).toISOString() }, edited + time(item.at));
  return make("p", { class: "foot" }, clock, isOwn ? make("span", { class: "state" }) : null);
}

function imageNode(file) {
  const label = file.name || say("image");
  const picture = make("img", { src: file.url, alt: label, loading: "lazy", decoding: "async" });
  picture.addEventListener("error", () => link.replaceWith(cardNode({ ...file, image: false })), { once: true });
  const link = make("a", { class: "image", href: file.url, target: "_blank", rel: "noopener" }, picture, hidden(say("open.new")));
  return link;
}

// What the browser cannot play is a file to be fetched.
function playerNode(file) {
  const label = file.name || say(PLAYERS[file.kind]);
  const player = make(PLAYERS[file.kind], { class: "player", src: file.url, controls: true, preload: "metadata", playsinline: true, "aria-label": label });
  player.addEventListener("error", () => player.replaceWith(cardNode(file)), { once: true });
  return player;
}

function cardNode(file) {
  const { href, symbol, title, detail } = cardFacts(file);
  const text = make("span", { class: "card-text" }, make("span", { class: "card-title", dir: "auto" }, title), make("span", { class: "card-detail" }, detail));
  const target = file.phone ? {} : { target: "_blank", rel: "noopener noreferrer" };
  return href ? make("a", { class: "card", href, ...target }, icon(symbol), text) : make("div", { class: "card" }, icon(symbol), text);
}

function cardFacts(file) {
  if (file.latitude !== undefined) {
    const spot = `${file.latitude.toFixed(5)}, ${file.longitude.toFixed(5)}`;
    const map = `https://www.openstreetmap.org/?mlat=${file.latitude}&mlon=${file.longitude}#map=16/${file.latitude}/${file.longitude}`;
    return { href: map, symbol: "place", title: say("location"), detail: spot };
  }
  if (file.phone) return { href: `tel:${file.phone.replace(/[^+\d]/g, "")}`, symbol: "person", title: file.person ?? file.phone, detail: file.phone };
  const ending = (file.name ?? "").split(".").slice(1).pop()?.toUpperCase() ?? "";
  const detail = [ending, file.size ? size(file.size) : ""].filter(Boolean).join(" · ");
  return { href: file.url, symbol: "file", title: file.name ?? say("file"), detail };
}

function chips(item, act) {
  const group = make("div", { class: "chips", role: "group", "aria-label": say("choose") });
  for (const row of item.buttons) {
    const line = make("div", { class: "chip-row" });
    for (const { label, action } of row) {
      const chip = make("button", { type: "button", class: "chip", "data-action": action }, label);
      chip.addEventListener("click", () => act({ press: action, message: item.id }));
      line.append(chip);
    }
    group.append(line);
  }
  return group;
}

function rescue(item, act) {
  const edit = make("button", { type: "button", class: "plain" }, say("action.edit"));
  const drop = make("button", { type: "button", class: "plain" }, say("action.delete"));
  edit.addEventListener("click", () => act({ edit: item }));
  drop.addEventListener("click", () => act({ delete: item }));
  return make("p", { class: "rescue", role: "alert" }, `${say(`error.${item.code}`)} `, edit, " ", drop);
}
