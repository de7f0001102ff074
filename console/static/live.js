// The page stays up to date: it fetches itself anew when the server tells of a change, and when time has passed.

import { find, isVisible, page, toast } from "./page.js";
import { keepAtEnd, lastSaid, markUnread } from "./thread.js";

// A page of figures does not count anew with each message that comes.
const isStill = "still" in page;

const regions = (root) => [...root.querySelectorAll("[data-live]")];
const shown = new Map(regions(document).map((region) => [region.id, region.innerHTML]));

let tag = "";
let fetching = null;
let again = false;
let late = 0;
let wake = 0;
let hangUp = () => {};

export function stayFresh() {
  listenForPresses();
  document.addEventListener("visibilitychange", () => { markUnread(); soon(); listen(); });
  wakeAtNextDue();
  listen();
}

// ---- asking ----

export async function refresh() {
  if (fetching) { again = true; return fetching; }
  fetching = bringUpToDate().catch(() => {}).finally(() => { fetching = null; wakeAtNextDue(); });
  return fetching;
}

async function bringUpToDate() {
  do {
    again = false;
    const headers = { "Guanxi-Refresh": page.key, "If-None-Match": tag };
    const answer = await fetch(location.pathname + location.search, { headers });
    if (answer.status === 401) { location.reload(); return; }
    if (answer.status !== 200) continue;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (isPressed) { hasNews = true; return; }
    tag = answer.headers.get("ETag") ?? "";
    replaceRegions(fresh);
    document.dispatchEvent(new CustomEvent("refreshed", { detail: fresh }));
  } while (again);
}

// A tab that nobody sees asks for nothing: it is brought up to date when it is shown.
function soon() {
  clearTimeout(late);
  if (!isStill && isVisible()) late = setTimeout(refresh, 60);
}

// Over HTTP/1.1 a browser has six connections to a server for all its tabs together: only who is seen holds one.
function listen() {
  hangUp();
  if (isStill || !isVisible()) return;
  const source = new EventSource(`${page.path}/events`);
  let lost = 0;
  let retry = 0;
  hangUp = () => { source.close(); clearTimeout(lost); clearTimeout(retry); };
  source.addEventListener("hello", () => { clearTimeout(lost); lost = 0; soon(); });
  source.addEventListener("changed", soon);
  source.addEventListener("gone", () => { source.close(); location.reload(); });
  source.addEventListener("error", () => {
    if (!lost) lost = setTimeout(() => toast(page.offline), 4000);
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 5000);
  });
}

// The server says times in words; the page asks again when they change, whatever the answer before was.
function wakeAtNextDue() {
  clearTimeout(wake);
  const now = Date.now();
  const dues = [...document.querySelectorAll("[data-due]")].map((due) => Date.parse(due.dataset.due) - now);
  wake = setTimeout(soon, Math.min(60_000, ...dues.filter((left) => left > 0).map((left) => left + 500)));
}

// ---- replacing what changed ----

function replaceRegions(fresh) {
  const focused = document.activeElement;
  const home = focused?.closest("[data-live]");
  const before = lastSaid();
  for (const region of regions(fresh)) {
    const now = find(region.id);
    if (!now || shown.get(region.id) === region.innerHTML) continue;
    shown.set(region.id, region.innerHTML);
    if (region.dataset.live === "items") replaceItems(now, region); else now.innerHTML = region.innerHTML;
  }
  if (home && !focused.isConnected) focusAgain(focused, home);
  keepAtEnd();
  if (lastSaid() !== before) tellNew();
  markUnread();
}

// Messages that look as before stay the same nodes, so that nothing that plays or loads begins anew.
function replaceItems(now, fresh) {
  let here = now.firstElementChild;
  for (const item of [...fresh.children]) {
    const old = item.id && [...now.children].find((each) => each.id === item.id);
    if (!old) { now.insertBefore(item, here); continue; }
    while (here && here !== old) { const gone = here; here = here.nextElementSibling; gone.remove(); }
    here = old.nextElementSibling;
    if (!old.isEqualNode(item)) old.replaceWith(item);
  }
  while (here) { const gone = here; here = here.nextElementSibling; gone.remove(); }
}

// What had the focus has it as a new node. Where it is gone, its region has it: nothing else is pressed by mistake.
function focusAgain(focused, home) {
  const href = focused.getAttribute("href");
  const linked = href && [...home.querySelectorAll("a")].find((link) => link.getAttribute("href") === href);
  const next = (focused.id && find(focused.id)) || linked || home;
  if (next === home) home.tabIndex = -1;
  next.focus({ preventScroll: true });
}

function tellNew() {
  const name = document.querySelector("#head h1")?.firstChild?.textContent.trim() ?? "";
  find("said").textContent = page.new.replace("{name}", name);
}

// ---- a press takes its time: what is pressed is not replaced before its click has come ----

const CLICK_WITHIN = 100;  // of the release: a tap's click comes a little later
const PRESSED = "[data-live] :is(a, button, label, input)";

let isPressed = false;
let hasNews = false;
let releasing = 0;

function listenForPresses() {
  addEventListener("pointerdown", (event) => {
    clearTimeout(releasing);
    isPressed = event.button === 0 && event.target.closest?.(PRESSED) != null;
  }, true);
  addEventListener("click", release, true);
  // However a press ends without a click, it ends.
  const ends = ["pointerup", "pointercancel", "contextmenu", "dragend", "visibilitychange"];
  for (const end of ends) addEventListener(end, releaseSoon, true);
  addEventListener("blur", releaseSoon);  // the window's; a field loses its focus with every press
}

function releaseSoon() {
  clearTimeout(releasing);
  releasing = setTimeout(release, CLICK_WITHIN);
}

function release() {
  isPressed = false;
  if (!hasNews) return;
  hasNews = false;
  refresh();
}
