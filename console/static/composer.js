// Where replies and notes are written: nothing typed is lost, nothing goes out twice, or to whom it was not meant for.

import { refresh } from "./live.js";
import { find, isComposing, page, ticket, toast } from "./page.js";
import { post, random } from "./sending.js";
import { goToEnd } from "./thread.js";

const DRAFT = `guanxi-draft-${ticket}`;  // kept as long as the tab is open: what is not sent yet is nobody else's

export class Composer {
  #key = random();  // of what is written now: sent a second time under the same key, it arrives once
  #chosen = [];
  #isNoteMeant = false;  // it was chosen, and does not stand there only because a reply may not be written
  #isSending = false;
  #composed = Promise.resolve();

  constructor(form) {
    this.form = form;
    this.text = find("text");
    this.files = find("files");
    this.button = find("send");
    this.reply = find("kind-reply");
    this.note = find("kind-note");
    form.autocomplete = "off";  // what was written comes back out of the draft, not as the browser remembers it
    this.#recall();
    this.#listen();
    this.#listenToDrops();
    this.#show();
  }

  get #kind() {
    return this.note.checked ? "note" : "reply";
  }

  get #isEmpty() {
    return !this.text.value.trim() && !this.#chosen.length;
  }

  // A reply was begun while it might be written. It stays one: as a note the customer would wait for it in vain.
  get #isLocked() {
    return this.reply.checked && this.reply.disabled;
  }

  #listen() {
    const { form, text, files } = this;
    text.addEventListener("input", () => this.#changed());
    text.addEventListener("compositionstart", () => {
      this.#composed = new Promise((done) => text.addEventListener("compositionend", done, { once: true }));
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing(event)) return;
      event.preventDefault();
      form.requestSubmit(this.button);
    });
    text.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      this.#choose([...this.#chosen, ...event.clipboardData.files]);
    });
    files.addEventListener("change", () => this.#choose([...this.#chosen, ...files.files]));
    for (const kind of [this.reply, this.note]) {
      kind.addEventListener("click", () => { this.#isNoteMeant = kind === this.note; });
      kind.addEventListener("change", () => this.#changed());
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    document.addEventListener("refreshed", ({ detail }) => this.#bringUpToDate(detail));
  }

  #listenToDrops() {
    const { form } = this;
    form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("dropping"); });
    form.addEventListener("dragleave", () => form.classList.remove("dropping"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("dropping");
      if (event.dataTransfer.files.length) this.#choose([...this.#chosen, ...event.dataTransfer.files]);
    });
  }

  async #send() {
    this.text.focus();
    if (this.#isSending || this.#isEmpty) return;
    if (this.#isLocked) { this.#tellWhy(); return; }
    const sent = { text: this.text.value, files: this.#chosen };
    this.#isSending = true;
    this.#show();
    const outcome = await post(this.form, new FormData(this.form), this.#key);
    if (outcome === "done") await this.#takeOut(sent);
    // After a lost answer the key stays: a second try of the same sends nothing twice.
    if (outcome !== "lost") this.#changed();
    this.#isSending = false;
    this.#show();
    if (outcome === "done") goToEnd();
    await refresh();
  }

  // What was written and chosen while the message was on its way stays.
  async #takeOut({ text, files }) {
    await this.#composed;  // a change from outside would break what an input method is at
    if (this.text.value.startsWith(text)) {
      const rest = this.text.value.slice(text.length).trimStart();
      this.text.setRangeText("", 0, this.text.value.length - rest.length, "preserve");
    }
    this.#choose(this.#chosen.filter((file) => !files.includes(file)));
    this.#isNoteMeant = false;
  }

  // Whether a reply may be written changes while the page stands: a colleague takes the ticket, or it is reopened.
  #bringUpToDate(fresh) {
    const mayReply = !fresh.getElementById("kind-reply").disabled;
    const hasChanged = this.reply.disabled === mayReply;
    this.reply.disabled = !mayReply;
    Object.assign(this.text.dataset, fresh.getElementById("text").dataset);
    if (hasChanged) this.#follow(mayReply);
    this.#show();
  }

  // What is written keeps its kind, and so does a note that somebody is about to write.
  #follow(mayReply) {
    const isAtWork = !this.#isEmpty || document.activeElement === this.text;
    if (!mayReply && this.reply.checked && isAtWork) this.#tellWhy();
    if (!this.#isEmpty || (mayReply && this.#isNoteMeant)) return;
    (mayReply ? this.reply : this.note).checked = true;
  }

  #tellWhy() {
    toast(find("reach").textContent.trim());
  }

  #changed() {
    this.#key = random();
    const draft = { text: this.text.value, kind: this.#kind, key: this.#key };
    if (draft.text) sessionStorage.setItem(DRAFT, JSON.stringify(draft)); else sessionStorage.removeItem(DRAFT);
    this.#show();
  }

  #recall() {
    const draft = readDraft();
    if (!draft) return;
    this.text.value = draft.text;
    this.#key = draft.key;
    (draft.kind === "note" ? this.note : this.reply).checked = true;
  }

  #show() {
    const { note, reply } = this.text.dataset;
    this.text.placeholder = this.#kind === "note" ? note : reply;
    this.button.disabled = this.#isSending || this.#isLocked;
  }

  #choose(wanted) {
    this.#chosen = wanted;
    const carrier = new DataTransfer();
    for (const file of wanted) carrier.items.add(file);
    this.files.files = carrier.files;
    find("chosen").replaceChildren(...wanted.map((file) => this.#chip(file)));
    this.#changed();
  }

  #chip(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const button = document.createElement("button");
    item.className = "chip";
    name.textContent = file.name;
    Object.assign(button, { type: "button", textContent: "×", ariaLabel: page.remove.replace("{name}", file.name) });
    button.addEventListener("click", () => {
      this.#choose(this.#chosen.filter((other) => other !== file));
      this.text.focus();
    });
    item.append(name, button);
    return item;
  }
}

function readDraft() {
  const stored = sessionStorage.getItem(DRAFT);
  if (!stored) return null;
  try {
    const draft = JSON.parse(stored);
    if (typeof draft?.text === "string") return draft;
  } catch { /* not ours */ }
  // A page of an older version kept the text alone. What may have been a note must not go out.
  return { text: stored, kind: "note", key: random() };
}
