// Where the visitor writes: a field that grows, a tray of files, nothing lost by a reload.

import { hidden, icon, isComposing, make } from "./dom.js";
import { keep, recall, say, size } from "./words.js";

const DRAFT = "guanxi.draft";
const WARN_BELOW = 200;

export class Composer extends EventTarget {
  #tray = new Map(); // a number to {file, key, progress, node}
  #count = 0;

  constructor(limits, { report, announce }) {
    super();
    this.limits = limits;
    this.report = report;
    this.announce = announce;
    this.form = document.querySelector(".composer");
    this.text = document.querySelector("#text");
    this.button = document.querySelector("#send");
    this.list = document.querySelector(".tray");
    this.text.value = recall(DRAFT) ?? "";
    this.#listen();
    this.#changed();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  write(text) {
    this.text.value = [text, this.text.value].filter(Boolean).join("\n");
    this.#changed();
    this.focus();
  }

  add(files) {
    for (const file of files) {
      if (this.#tray.size >= this.limits.files) return this.report(say("error.too_many_files"));
      if (file.size > this.limits.fileSize) this.report(say("error.file_size", { name: file.name, size: size(this.limits.fileSize) }));
      else this.#upload(file);
    }
  }

  // The language changed.
  refresh() {
    this.#changed();
    for (const { node, file } of this.#tray.values()) node.querySelector("button").setAttribute("aria-label", say("remove", { name: file.name }));
  }

  #listen() {
    const picker = document.querySelector("#files");
    document.querySelector("#attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.add(picker.files);
      picker.value = "";
      this.focus();
    });
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => this.#pressed(event));
    this.text.addEventListener("paste", (event) => this.#pasted(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#listenToDrops(document.querySelector(".drop"));
  }

  #listenToDrops(cover) {
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      cover.hidden = false;
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && (cover.hidden = true));
    addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      cover.hidden = true;
      this.add(event.dataTransfer.files);
    });
  }

  // While an input method composes, Enter chooses a word: it must not send half a sentence.
  #pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    this.#send();
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  #changed() {
    keep(DRAFT, this.text.value || null);
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = `${this.text.scrollHeight}px`;
    const left = this.limits.textLength - [...this.text.value.trim()].length;
    const count = document.querySelector("#count");
    count.hidden = left > WARN_BELOW;
    count.classList.toggle("over", left < 0);
    count.textContent = left < 0 ? say("over", { count: -left }) : say("left", { count: left });
    const files = [...this.#tray.values()];
    const hasContent = this.text.value.trim() !== "" || files.length > 0;
    this.button.disabled = !hasContent || left < 0 || files.some(({ key }) => !key);
    this.list.hidden = files.length === 0;
  }

  #send() {
    if (this.button.disabled) return;
    const files = [...this.#tray.values()].map(({ described }) => described);
    const text = this.text.value.trim();
    this.text.value = "";
    this.#tray.clear();
    this.list.replaceChildren();
    this.#changed();
    this.focus();
    this.dispatchEvent(new CustomEvent("send", { detail: { text, files } }));
  }

  #upload(file) {
    const number = (this.#count += 1);
    const request = new XMLHttpRequest();
    const node = this.#trayNode(file, () => {
      request.abort();
      this.#forget(number);
      this.focus();
    });
    this.#tray.set(number, { file, node });
    this.list.append(node);
    this.#changed();
    request.upload.onprogress = ({ loaded, total }) => node.querySelector("progress").setAttribute("value", loaded / total);
    request.onload = () => this.#uploaded(number, request);
    request.onerror = () => this.#failed(number, "upload");
    const form = new FormData();
    form.append("file", file, file.name || "image.png");
    request.open("POST", "/chat/files");
    request.responseType = "json";
    request.send(form);
    this.announce(say("uploading", { name: file.name }));
  }

  #uploaded(number, { status, response }) {
    const entry = this.#tray.get(number);
    if (!entry) return;
    if (status !== 200) return this.#failed(number, response?.error ?? "upload");
    const url = `/chat/files/${response.key}`;
    Object.assign(entry, { key: response.key, described: { ...response, url } });
    entry.node.classList.add("done");
    this.announce(say("uploaded", { name: entry.file.name }));
    this.#changed();
  }

  #failed(number, code) {
    const { file } = this.#tray.get(number);
    const key = `error.${code}`;
    const values = { name: file.name, size: size(this.limits.fileSize) };
    this.report(say(key, values) === key ? say("error.upload", values) : say(key, values));
    this.#forget(number);
  }

  #forget(number) {
    this.#tray.get(number)?.node.remove();
    this.#tray.delete(number);
    this.#changed();
  }

  #trayNode(file, remove) {
    const isImage = /^image\/(jpeg|png|gif|webp)$/.test(file.type);
    const picture = isImage ? make("img", { src: URL.createObjectURL(file), alt: "" }) : icon("file");
    picture.addEventListener?.("load", () => URL.revokeObjectURL(picture.src), { once: true });
    const button = make("button", { type: "button", class: "remove", "aria-label": say("remove", { name: file.name }) }, icon("close"));
    button.addEventListener("click", remove);
    const label = make("span", { class: "tray-name", dir: "auto" }, file.name);
    const progress = make("progress", { max: "1", value: "0" }, hidden(say("uploading", { name: file.name })));
    return make("li", { class: `tray-item ${isImage ? "is-image" : ""}` }, picture, label, progress, button);
  }
}
