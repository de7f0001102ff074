// The keyboard: one letter for what is done often, unless somebody types.

import { find, isComposing, kept } from "./page.js";

const keys = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  "/": () => find("search").focus(),
  "?": () => find("preferences").showModal(),
};

export function takeKeys() {
  document.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    // A dialog that has just closed may still hold the focus, until the next frame.
    const typing = event.target.closest?.("input, textarea, select, dialog[open], [contenteditable]");
    if (event.key === "Escape" && typing && !event.target.closest("dialog")) event.target.blur();
    if (event.key === " " && event.target.matches?.("a[role=button]")) pressLink(event);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !kept("guanxi-shortcuts", true)) return;
    const pressed = event.key.toLowerCase();
    const button = document.querySelector(`[data-shortcut="${CSS.escape(pressed)}"]`);
    if (!keys[pressed] && !button) return;
    event.preventDefault();
    if (keys[pressed]) keys[pressed](); else button.click();
  });
}

// What is called a button is pressed by Space as well, and the page does not scroll.
function pressLink(event) {
  event.preventDefault();
  if (!event.repeat) event.target.click();
}

function step(by) {
  const lines = [...document.querySelectorAll(".line")];
  const here = lines.indexOf(document.activeElement.closest?.(".line") ?? document.querySelector(".line.current"));
  const next = lines[Math.max(0, Math.min(lines.length - 1, here + by))];
  if (document.querySelector(".with-case") && next) next.click(); else next?.focus();
}

function write(kind) {
  const choice = find(`kind-${kind}`);
  if (!choice || choice.disabled) return;
  choice.click();
  find("text").focus();
}
