// What the visitor sent and the transcript does not show yet: kept over a reload, sent one after the other, in order.

import { keep, recall } from "./words.js";

const PREFIX = "guanxi.pending.";
const FORGET_AFTER = 24 * 3600_000;

export class Pending extends EventTarget {
  #connection;
  #waiting = null; // the client_id on its way
  #pause = 0;
  #isReady = false;

  constructor(connection) {
    super();
    this.#connection = connection;
    this.entries = new Map(stored().map((entry) => [entry.client_id, entry]));
    connection.addEventListener("state", ({ detail }) => detail === "closed" && this.#stop());
  }

  // After the greeting: whatever was not confirmed goes again; the server knows it by its client_id.
  start() {
    this.#isReady = true;
    this.#flush();
  }

  add(entry) {
    const whole = { ...entry, client_id: newId(), at: Date.now(), state: "waiting" };
    this.#save(whole);
    this.#flush();
    return whole;
  }

  confirm(clientId) {
    const entry = this.entries.get(clientId);
    if (entry?.type === "press") this.remove(clientId);
    else if (entry) this.#save({ ...entry, state: "stored" });
    this.#next(clientId);
  }

  refuse(clientId, code, retryAfter) {
    const entry = this.entries.get(clientId);
    if (retryAfter !== undefined) {
      this.#pause = Date.now() + retryAfter * 1000;
      setTimeout(() => this.#next(clientId), retryAfter * 1000 + 50);
      return;
    }
    if (entry?.type === "press") this.remove(clientId);
    else if (entry) this.#save({ ...entry, state: "failed", code });
    this.#next(clientId);
  }

  remove(clientId) {
    this.entries.delete(clientId);
    keep(PREFIX + clientId, null);
    this.dispatchEvent(new Event("change"));
  }

  get messages() {
    return [...this.entries.values()].filter((entry) => entry.type === "message");
  }

  #save(entry) {
    this.entries.set(entry.client_id, entry);
    keep(PREFIX + entry.client_id, JSON.stringify(entry));
    this.dispatchEvent(new Event("change"));
  }

  #stop() {
    this.#isReady = false;
    this.#waiting = null;
  }

  #next(clientId) {
    if (this.#waiting === clientId) this.#waiting = null;
    this.#flush();
  }

  #flush() {
    if (!this.#isReady || this.#waiting || Date.now() < this.#pause) return;
    const entry = [...this.entries.values()].filter(({ state }) => state === "waiting").sort((a, b) => a.at - b.at)[0];
    if (!entry) return;
    this.#waiting = entry.client_id;
    const { type, client_id, text, files, action, message } = entry;
    const content = type === "press" ? { action, message } : { text, files: files.map(({ key }) => key) };
    this.#connection.send({ type, client_id, ...content });
  }
}

function stored() {
  const entries = [];
  for (const name of names()) {
    const entry = JSON.parse(recall(name) ?? "null");
    if (entry === null || (entry.state === "stored" && Date.now() - entry.at > FORGET_AFTER)) keep(name, null);
    else entries.push(entry);
  }
  return entries.sort((a, b) => a.at - b.at);
}

function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

// Pages on plain http outside localhost have no randomUUID.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
