// What every part of the console's script uses: the page's own data, what this browser keeps, a word to the reader.

export const find = (id) => document.getElementById(id);

export const page = find("page").dataset;
export const ticket = find("composer")?.dataset.ticket ?? null;

export const isVisible = () => document.visibilityState === "visible";

// While an input method composes, its keys are its own. Safari tells of the last one by its code alone.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

// ---- keeping small things in this browser ----

export function kept(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
}

export function keep(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private windows have no store */ }
}

// ---- telling ----

export function toast(text, bad = true) {
  const note = document.createElement("p");
  note.className = bad ? "toast bad" : "toast";
  note.textContent = text;
  find("toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 6000);
}
