// What is pressed goes to the server, once; the outcome is told here.

import { find, page, toast } from "./page.js";
import { refresh } from "./live.js";

export function random() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(12))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Gives "done", "refused" (with the reason told), or "lost": then nobody knows whether it went through.
export async function post(form, data, key) {
  const headers = { Accept: "application/json", "X-CSRF-Token": page.csrf, "Idempotency-Key": key };
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", headers, body }).catch(() => null);
  const told = (await answer?.json().catch(() => null)) ?? {};
  if (told.refusal || !answer?.ok) toast(told.refusal ?? page.failed);
  if (told.pending) toast(told.pending, false);
  if (answer?.ok) return "done";
  return told.refusal && answer.status < 500 ? "refused" : "lost";
}

export function takePresses() {
  // A dialog tells of its closing in a later task: the next question may stand by then, and this is no answer to it.
  question.addEventListener("close", () => { if (!question.open) settle(); });
  document.addEventListener("submit", send);
  addEventListener("click", sortOut, true);
}

async function send(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-send")) return;
  event.preventDefault();
  const dialog = form.closest("dialog");
  const button = event.submitter;
  const waits = dialog ? null : button;  // a dialog closes at once, and its buttons may be pressed for the next message
  if (waits?.getAttribute("aria-busy") === "true") return;
  const data = new FormData(form);
  if (button?.name) data.set(button.name, button.value);
  if (form.dataset.confirm && !(await confirmed(form.dataset.confirm))) return;
  dialog?.close();
  waits?.setAttribute("aria-busy", "true");
  await post(form, data, random());
  await refresh();
  waits?.removeAttribute("aria-busy");
}

// ---- a question before ----

const question = find("confirm");
let answered = () => {};  // told what was chosen
const settle = () => answered(question.returnValue === "yes");

function confirmed(text) {
  settle();  // the question before, if the dialog has closed and not told of it yet
  find("confirm-text").textContent = text;
  question.returnValue = "no";
  question.showModal();
  find("confirm-yes").focus();
  return new Promise((done) => { answered = done; });
}

// ---- double clicks ----

let first = null;  // where a series of clicks began

// The second click of a double click is meant for what the first one pressed, and not for what stands there by then.
function sortOut(event) {
  const place = event.target.closest?.("form[data-send], dialog") ?? null;
  if (event.detail < 2) { first = place; return; }
  if (place === first && !(place && event.target.closest("button"))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
