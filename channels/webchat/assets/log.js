// The conversation on the screen: entries in order, days between them, the place where the visitor reads kept.

import { dayNode, entryNode, showState } from "./entry.js";
import { day } from "./words.js";

const TOGETHER_WITHIN = 5 * 60_000;
const NEAR_END = 90;
const NEAR_START = 120;
const MOMENTARY = /^(human$|helped:)/; // buttons that only belong under what was said last

export class Log extends EventTarget {
  #items = new Map(); // what the server told of, by id
  #nodes = new Map(); // what is drawn: key to {node, print}
  #chosen = new Map(); // message id to the pressed action
  #hasMore = false;
  #isAsking = false;
  #top = 0; // where the last scroll that we know of led to

  constructor({ company, pending, act }) {
    super();
    Object.assign(this, { company, pending, act });
    this.scroll = document.querySelector(".scroll");
    this.list = document.querySelector(".log");
    this.latest = document.querySelector(".latest");
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.latest.addEventListener("click", () => this.toEnd(true));
    this.wasAtEnd = true;
    // Whoever reads the end stays there: when a picture arrives, the keyboard opens, the composer grows.
    const observer = new ResizeObserver(() => this.wasAtEnd && this.toEnd());
    observer.observe(this.scroll);
    observer.observe(this.list);
  }

  // Frames of the server.
  take({ items, span, more = false }) {
    if (span === "tail") this.#dropTakenBack(items);
    for (const item of items) this.#items.set(item.id, { files: [], buttons: [], text: "", state: "", ...item });
    if (span !== "changed") this.#hasMore = more;
    if (span === "older") this.#isAsking = false;
    for (const { client_id } of items) if (client_id && this.pending.entries.has(client_id)) this.pending.remove(client_id);
    const height = this.scroll.scrollHeight - this.scroll.scrollTop;
    this.draw();
    if (span === "older") this.scroll.scrollTop = this.scroll.scrollHeight - height;
    if (span === "tail") this.#firstShown();
  }

  remove(ids) {
    for (const id of ids) this.#items.delete(id);
    this.draw();
  }

  choose(message, action) {
    this.#chosen.set(message, action);
    this.draw();
  }

  get theirs() {
    return [...this.#items.values()].filter(({ author }) => author !== "customer").sort(inOrder);
  }

  get isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END;
  }

  toEnd(isSmooth = false) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: isSmooth && !isCalm ? "smooth" : "instant" });
    this.wasAtEnd = true;
    this.#top = this.scroll.scrollTop;
  }

  // Draw what changed and nothing else: a node that stays is not read out again.
  draw(isForgetful = false) {
    if (this.scroll.scrollTop !== this.#top) this.wasAtEnd = this.isAtEnd; // a scroll tells of itself in the next frame only
    if (isForgetful) this.#nodes.clear();
    const drawn = this.#described().map((wanted) => this.#drawn(wanted));
    this.#nodes = new Map(drawn.map((entry) => [entry.key, entry]));
    this.#place(drawn.map(({ node }) => node));
    document.querySelector(".welcome").hidden = this.list.getAttribute("aria-live") === "off" || drawn.length > 0;
    document.querySelector(".older").hidden = !this.#hasMore;
    if (this.wasAtEnd) this.toEnd();
    this.#scrolled();
    this.dispatchEvent(new Event("drawn"));
  }

  #drawn({ key, print, build, item, isFirst, isLast }) {
    const known = this.#nodes.get(key);
    const node = known?.print === print ? known.node : build();
    if (item) {
      showState(node, item, this.act);
      node.classList.toggle("first", isFirst);
      node.classList.toggle("last", isLast);
    }
    return { key, print, node };
  }

  #place(nodes) {
    const stays = new Set(nodes);
    const held = this.list.contains(document.activeElement);
    for (const node of [...this.list.children]) if (!stays.has(node)) node.remove();
    nodes.forEach((node, place) => this.list.children[place] === node || this.list.insertBefore(node, this.list.children[place] ?? null));
    if (held && !this.list.contains(document.activeElement)) this.dispatchEvent(new Event("homeless"));
  }

  #described() {
    const items = this.#all();
    const result = [];
    let lastDay = "";
    items.forEach((item, place) => {
      const today = day(item.at);
      if (today !== lastDay) result.push({ key: `day ${today}`, print: today, build: () => dayNode(today) });
      const isFirst = today !== lastDay || !together(items[place - 1], item);
      const next = items[place + 1];
      lastDay = today;
      const build = () => entryNode(item, this.company, this.act);
      result.push({ key: item.key, print: print(item), build, item, isFirst, isLast: !next || !together(item, next) || day(next.at) !== today });
    });
    return result;
  }

  // A reply of a person means that they have read what stands before it.
  #all() {
    const answered = Math.max(0, ...this.theirs.filter(({ author }) => author === "agent").map(({ at }) => at));
    const written = Math.max(0, ...[...this.#items.values()].filter(({ author }) => author === "customer").map(({ at }) => at));
    const kept = [...this.#items.values()].map((item) => {
      const isRead = item.state === "read" || item.at < answered;
      const buttons = item.at < written ? item.buttons.map((row) => row.filter(({ action }) => !MOMENTARY.test(action))).filter((row) => row.length) : item.buttons;
      return { ...item, buttons, key: item.client_id ?? item.id, state: isRead ? "read" : "stored", chosen: this.#chosen.get(item.id) };
    });
    const own = this.pending.messages.map((entry) => ({ ...entry, key: entry.client_id, author: "customer", buttons: [] }));
    return [...kept.sort(inOrder), ...own.sort(inOrder)];
  }

  #dropTakenBack(items) {
    const from = items.length ? items[0].at : -Infinity;
    const told = new Set(items.map(({ id }) => id));
    for (const [id, item] of this.#items) if (item.at >= from && !told.has(id)) this.#items.delete(id);
  }

  #firstShown() {
    if (this.list.getAttribute("aria-live") !== "off") return;
    this.toEnd();
    requestAnimationFrame(() => {
      this.list.setAttribute("aria-live", "polite"); // the history was there before: only what comes now is news
      this.draw();
    });
  }

  #scrolled() {
    this.wasAtEnd = this.isAtEnd;
    this.#top = this.scroll.scrollTop;
    this.latest.hidden = this.wasAtEnd;
    const first = [...this.#items.values()].sort(inOrder)[0];
    if (this.scroll.scrollTop > NEAR_START || !this.#hasMore || this.#isAsking || !first) return;
    if (this.list.getAttribute("aria-live") === "off") return;
    this.#isAsking = true;
    this.dispatchEvent(new CustomEvent("older", { detail: first.id }));
  }

  // A lost line loses the question too.
  forgetQuestion() {
    this.#isAsking = false;
  }

  // Too much was asked at a time: whoever still reads at the start asks again when there is room.
  askAgain(seconds) {
    if (!this.#isAsking || seconds === undefined) return;
    setTimeout(() => {
      this.#isAsking = false;
      this.#scrolled();
    }, seconds * 1000 + 50);
  }
}

const inOrder = (a, b) => a.at - b.at || (a.id ?? 0) - (b.id ?? 0);

const together = (a, b) => Boolean(a) && a.author === b.author && a.name === b.name && b.at - a.at < TOGETHER_WITHIN;

function print({ author, name, text, files, buttons, edited, code }) {
  return JSON.stringify([author, name, text, files.map((file) => [file.name, file.size]), buttons, edited, code]);
}
