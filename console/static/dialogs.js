// The dialogs: the preferences, and what a message means.

import { find, keep, kept } from "./page.js";

const retag = find("retag");

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) find(opener.dataset.opens).showModal();
    const reading = event.target.closest("[data-retag]");
    if (reading && retag) { event.preventDefault(); chooseTag(reading); return; }
    const closer = event.target.closest("[data-closes]");
    if (closer?.matches("a")) event.preventDefault();
    if (closer || event.target instanceof HTMLDialogElement) event.target.closest("dialog")?.close();
  });
  const shortcutsOn = find("shortcuts-on");
  shortcutsOn.checked = kept("guanxi-shortcuts", true);
  shortcutsOn.addEventListener("change", () => keep("guanxi-shortcuts", shortcutsOn.checked));
  if (retag?.open) { retag.close(); retag.showModal(); }
}

// One dialog for all messages: it is filled with what the one that was chosen means now.
function chooseTag(reading) {
  const { retag: message, intent, sentiment, urgent, action } = reading.dataset;
  if (action) retag.querySelector("form").setAttribute("action", action);  // where messages of many tickets stand
  const text = find(`message-${message}`).querySelector(".text")?.textContent ?? "";
  find("retag-message").value = message;
  find("retag-as-read").value = intent;
  find("retag-text").textContent = text.length > 280 ? `${text.slice(0, 280)}…` : text;
  for (const tone of retag.querySelectorAll("[name=sentiment]")) tone.checked = tone.value === sentiment;
  retag.querySelector("[type=checkbox][name=urgent]").checked = urgent === "yes";
  for (const choice of retag.querySelectorAll(".choice")) {
    choice.setAttribute("aria-pressed", String(choice.value === intent));
  }
  retag.showModal();
  retag.scrollTop = 0;
}
