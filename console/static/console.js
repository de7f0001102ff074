// The console's script. Every page works without it; with it pages stay up to date, texts are not lost, keys work.

const page = document.getElementById("page").dataset;
const ticket = document.getElementById("composer")?.dataset.ticket ?? null;
const find = (id) => document.getElementById(id);

// ---- keeping small things in this browser ----

function kept(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
}

function keep(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private windows have no store */ }
}

// ---- telling ----

function toast(text, bad = true) {
  const note = document.createElement("p");
  note.className = bad ? "toast bad" : "toast";
  note.textContent = text;
  find("toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 6000);
}

// ---- bringing the page up to date ----

const thread = find("thread");
const shown = new Map();
let tag = "";
let fetching = null;
let again = false;

const regions = (root) => [...root.querySelectorAll("[data-live]")];
for (const region of regions(document)) shown.set(region.id, region.innerHTML);

// Whether the reader is at the end, where new lines belong; pictures that load late must not push them away from it.
let stays = !location.hash.startsWith("#message-");
let height = 0;
const atEnd = () => !thread || thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
const toEnd = () => { if (ticket && thread) thread.scrollTop = thread.scrollHeight; };

function lastSaid() {
  return [...document.querySelectorAll("#messages .bubble.customer")].at(-1)?.id ?? "";
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

function replaceRegions(fresh) {
  const focused = document.activeElement?.id;
  const before = lastSaid();
  for (const region of regions(fresh)) {
    const now = find(region.id);
    if (!now || shown.get(region.id) === region.innerHTML) continue;
    shown.set(region.id, region.innerHTML);
    if (region.dataset.live === "items") replaceItems(now, region); else now.innerHTML = region.innerHTML;
  }
  if (focused && document.activeElement?.id !== focused) find(focused)?.focus({ preventScroll: true });
  if (stays) toEnd();
  if (lastSaid() !== before) tellNew();
  markUnread();
  wakeAtNextDue();
}

function tellNew() {
  const name = document.querySelector("#head h1")?.firstChild?.textContent.trim() ?? "";
  find("said").textContent = page.new.replace("{name}", name);
}

async function refresh() {
  if (fetching) { again = true; return fetching; }
  fetching = (async () => {
    do {
      again = false;
      const answer = await fetch(location.pathname + location.search, { headers: { "Guanxi-Refresh": page.key, "If-None-Match": tag } });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.status !== 200) continue;
      tag = answer.headers.get("ETag") ?? "";
      replaceRegions(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } while (again);
  })().catch(() => {}).finally(() => { fetching = null; });
  return fetching;
}

let late = 0;
// A page of figures does not count anew with each message that comes.
const still = "still" in page;
const soon = () => { if (still) return; clearTimeout(late); late = setTimeout(refresh, 60); };

function listen() {
  const source = new EventSource(`${page.path}/events`);
  let lost = 0;
  source.addEventListener("hello", () => { clearTimeout(lost); lost = 0; soon(); });
  source.addEventListener("changed", soon);
  source.addEventListener("gone", () => { source.close(); location.reload(); });
  source.addEventListener("error", () => {
    if (!lost) lost = setTimeout(() => toast(page.offline), 4000);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

// ---- time that passes: the server says it in words, the page asks again when they change ----

let wake = 0;
function wakeAtNextDue() {
  clearTimeout(wake);
  const now = Date.now();
  const next = [...document.querySelectorAll("[data-due]")].map((due) => Date.parse(due.dataset.due) - now).filter((left) => left > 0);
  wake = setTimeout(soon, Math.min(60_000, Math.min(...next, Infinity) + 500));
}

// ---- unread ----

function markUnread() {
  const read = kept("guanxi-read", {});
  if (ticket) {
    const said = find(`line-${ticket}`)?.dataset.said || lastSaid().replace("message-", "");
    if (said && document.visibilityState === "visible" && read[ticket] !== said) { read[ticket] = said; keep("guanxi-read", read); }
  }
  for (const line of document.querySelectorAll(".line")) {
    const unread = Boolean(line.dataset.said) && read[line.dataset.ticket] !== line.dataset.said;
    line.classList.toggle("unread", unread);
    let word = line.querySelector(".unread-word");
    if (unread && !word) { word = document.createElement("span"); word.className = "hush unread-word"; word.textContent = page.unread; line.append(word); }
    if (!unread) word?.remove();
  }
}

// ---- sending ----

const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function post(form, data, key) {
  const headers = { Accept: "application/json", "X-CSRF-Token": page.csrf, "Idempotency-Key": key };
  const plain = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", headers, body: plain });
  const told = await answer.json().catch(() => ({}));
  if (told.refusal || !answer.ok) toast(told.refusal ?? page.failed);
  if (told.pending) toast(told.pending, false);
  return answer.ok;
}

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

// A dialog tells of its closing in a later task: the next question may stand by then, and this is no answer to it.
question.addEventListener("close", () => { if (!question.open) settle(); });

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-send")) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.getAttribute("aria-busy") === "true") return;
  const data = new FormData(form);
  if (button?.name) data.set(button.name, button.value);
  if (form.dataset.confirm && !(await confirmed(form.dataset.confirm))) return;
  form.closest("dialog")?.close();
  button?.setAttribute("aria-busy", "true");
  try { await post(form, data, random()); } catch { toast(page.failed); }
  button?.removeAttribute("aria-busy");
  await refresh();
});

// ---- the composer ----

const composer = find("composer");

function compose() {
  const text = find("text");
  const files = find("files");
  const send = find("send");
  const draft = `guanxi-draft-${ticket}`;  // kept as long as the tab is open: what is not sent yet is nobody else's
  let key = random();
  let chosen = [];
  const kind = () => (find("kind-note").checked ? "note" : "reply");
  const showKind = () => { text.placeholder = kind() === "note" ? text.dataset.note : text.dataset.reply; };
  const showFiles = () => {
    find("chosen").replaceChildren(...[...files.files].map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const button = document.createElement("button");
      item.className = "chip";
      name.textContent = file.name;
      Object.assign(button, { type: "button", textContent: "×", ariaLabel: page.remove.replace("{name}", file.name) });
      button.addEventListener("click", () => { choose([...files.files].filter((other) => other !== file)); text.focus(); });
      item.append(name, button);
      return item;
    }));
    chosen = [...files.files];
  };
  const choose = (wanted) => {
    const carrier = new DataTransfer();
    for (const file of wanted) carrier.items.add(file);
    files.files = carrier.files;
    showFiles();
  };
  text.value ||= sessionStorage.getItem(draft) ?? "";
  text.addEventListener("input", () => sessionStorage.setItem(draft, text.value));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); composer.requestSubmit(send); }
  });
  text.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) { event.preventDefault(); choose([...chosen, ...event.clipboardData.files]); }
  });
  files.addEventListener("change", () => choose([...chosen, ...files.files]));
  composer.addEventListener("change", showKind);
  composer.addEventListener("dragover", (event) => { event.preventDefault(); composer.classList.add("dropping"); });
  composer.addEventListener("dragleave", () => composer.classList.remove("dropping"));
  composer.addEventListener("drop", (event) => {
    event.preventDefault();
    composer.classList.remove("dropping");
    if (event.dataTransfer.files.length) choose([...chosen, ...event.dataTransfer.files]);
  });
  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled || (!text.value.trim() && !files.files.length)) { text.focus(); return; }
    send.disabled = true;
    try {
      // The same key until it went through: a second try after a lost answer sends nothing twice.
      if (await post(composer, new FormData(composer), key)) {
        text.value = "";
        files.value = "";
        sessionStorage.removeItem(draft);
        showFiles();
      }
      key = random();
    } catch { toast(page.failed); }
    send.disabled = false;
    await refresh();
    toEnd();
    text.focus();
  });
}

// ---- keys ----

const lines = () => [...document.querySelectorAll(".line")];

function step(by) {
  const all = lines();
  const here = all.indexOf(document.activeElement.closest?.(".line") ?? document.querySelector(".line.current"));
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (document.querySelector(".with-case") && next) next.click(); else next?.focus();
}

function write(kind) {
  const choice = find(`kind-${kind}`);
  if (!choice || choice.disabled) return;
  choice.click();
  find("text").focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  "/": () => find("search").focus(),
  "?": () => find("preferences").showModal(),
};

document.addEventListener("keydown", (event) => {
  // A dialog that has just closed may still hold the focus, until the next frame.
  const typing = event.target.closest?.("input, textarea, select, dialog[open], [contenteditable]");
  if (event.key === "Escape" && typing && !event.target.closest("dialog")) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !kept("guanxi-shortcuts", true)) return;
  const pressed = event.key.toLowerCase();
  const button = document.querySelector(`[data-shortcut="${CSS.escape(pressed)}"]`);
  if (!keys[pressed] && !button) return;
  event.preventDefault();
  if (keys[pressed]) keys[pressed](); else button.click();
});

// ---- dialogs ----

const retag = find("retag");

// One dialog for all messages: it is filled with what the one that was chosen means now.
function chooseTag(reading) {
  const { retag: message, intent, sentiment, urgent, action } = reading.dataset;
  if (action) retag.querySelector("form").setAttribute("action", action);  // where messages of many tickets stand
  const text = find(`message-${message}`).querySelector(".text")?.textContent ?? "";
  find("retag-message").value = message;
  find("retag-text").textContent = text.length > 280 ? `${text.slice(0, 280)}…` : text;
  for (const tone of retag.querySelectorAll("[name=sentiment]")) tone.checked = tone.value === sentiment;
  retag.querySelector("[type=checkbox][name=urgent]").checked = urgent === "yes";
  for (const choice of retag.querySelectorAll(".choice")) choice.setAttribute("aria-pressed", String(choice.value === intent));
  retag.showModal();
  retag.scrollTop = 0;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) find(opener.dataset.opens).showModal();
  const reading = event.target.closest("[data-retag]");
  if (reading && retag) { event.preventDefault(); chooseTag(reading); return; }
  if (event.target.closest("a[data-closes]")) event.preventDefault();
  if (event.target.closest("[data-closes]") || event.target instanceof HTMLDialogElement) event.target.closest("dialog")?.close();
});

const shortcutsOn = find("shortcuts-on");
shortcutsOn.checked = kept("guanxi-shortcuts", true);
shortcutsOn.addEventListener("change", () => keep("guanxi-shortcuts", shortcutsOn.checked));

// ---- begin ----

const list = find("list");
if (list) {
  list.scrollTop = Number(sessionStorage.getItem("guanxi-list") ?? 0);
  addEventListener("pagehide", () => sessionStorage.setItem("guanxi-list", String(list.scrollTop)));
}
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { markUnread(); soon(); } });
if (ticket) {
  // A scroll that comes with a new height is not the reader's.
  thread.addEventListener("scroll", () => { if (thread.scrollHeight === height) stays = atEnd(); }, { passive: true });
  new ResizeObserver(() => { height = thread.scrollHeight; if (stays) toEnd(); }).observe(find("messages"));
}
document.querySelector(".queues [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
if (composer) compose();
if (retag?.open) { retag.close(); retag.showModal(); }
markUnread();
if (stays) toEnd();
wakeAtNextDue();
if (!still) listen();
