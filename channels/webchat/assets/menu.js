// The menu: opened by click or key, walked by arrows, left by Escape, as screen readers expect of a menu.

import { icon, make } from "./dom.js";

export class Menu {
  constructor(button, panel) {
    Object.assign(this, { button, panel });
    button.addEventListener("click", () => this.#toggle(panel.hidden));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.#toggle(true);
    });
    panel.addEventListener("keydown", (event) => this.#walk(event));
    panel.addEventListener("focusout", (event) => !panel.contains(event.relatedTarget) && event.relatedTarget !== button && this.#toggle(false, false));
    document.addEventListener("pointerdown", (event) => !panel.contains(event.target) && !button.contains(event.target) && this.#toggle(false, false));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  // Groups of {label, symbol?, isChecked?, run}; a group may have a title.
  fill(groups) {
    this.panel.setAttribute("aria-label", this.button.getAttribute("aria-label"));
    this.panel.replaceChildren(...groups.map(({ title, entries }) => this.#group(title, entries)));
  }

  #group(title, entries) {
    const heading = title ? make("p", { class: "menu-title", "aria-hidden": "true" }, title) : null;
    return make("div", { role: "group", "aria-label": title }, heading, ...entries.map((entry) => this.#entry(entry)));
  }

  #entry({ label, symbol, isChecked, lang, run }) {
    const isChoice = isChecked !== undefined;
    const state = isChoice ? { role: "menuitemradio", "aria-checked": String(isChecked) } : { role: "menuitem" };
    const mark = isChoice && !isChecked ? make("span", { class: "icon" }) : icon(isChoice ? "check" : symbol);
    const node = make("button", { type: "button", class: "menu-item", tabindex: "-1", lang, ...state }, mark, label);
    node.addEventListener("click", () => {
      this.#toggle(false);
      run();
    });
    return node;
  }

  #toggle(isOpen, givesFocus = true) {
    if (isOpen === this.isOpen) return;
    this.panel.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.panel.querySelector("button")?.focus();
    else if (givesFocus) this.button.focus();
  }

  #walk(event) {
    const entries = [...this.panel.querySelectorAll("button")];
    const at = entries.indexOf(document.activeElement);
    const places = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in places) entries.at(places[event.key] % entries.length)?.focus();
    else if (event.key === "Escape") this.#toggle(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
