// The words of the interface. A language is a file; texts are put into the page as text, never as markup.

const STORAGE = "guanxi.language";
let words = {};
let language = "";

export const say = (key, values = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

export const currentLanguage = () => language;

export const locale = () => words.locale || language;

export function wantedLanguage(root, languages) {
  const asked = new URLSearchParams(location.search).get("lang");
  const kept = recall(STORAGE);
  return [kept, asked, root.lang].find((code) => code && code in languages) ?? Object.keys(languages)[0];
}

// A choice of the visitor's own holds over what a page asks for.
export const rememberLanguage = (code) => keep(STORAGE, code);

export async function speak(code) {
  const answer = await fetch(new URL(`${code}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`no words for ${code}`);
  words = await answer.json();
  language = code;
  document.documentElement.lang = code;
  document.title = say("title", { company: document.documentElement.dataset.company });
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll("[data-words]")) node.querySelector("span").textContent = say(node.dataset.words);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = say(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
    if (node.localName === "button") node.title = say(node.dataset.label);
  }
}

export const size = (bytes) => {
  const [unit, figure] = bytes >= 1048576 ? ["megabyte", bytes / 1048576] : ["kilobyte", Math.max(1, bytes / 1024)];
  const digits = figure < 10 && unit === "megabyte" ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(figure);
};

export const time = (at) => new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);

export function day(at) {
  const moment = new Date(at);
  const away = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  if (away === 0) return say("today");
  if (away === 1) return say("yesterday");
  const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "long", year }).format(moment);
}

// Storage may be forbidden in a frame: then the chat works, and forgets what was not sent.
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // nothing to be done, and nothing lost but a reload
  }
}
