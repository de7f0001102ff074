// The thread: whoever reads its end stays there, and what was read is remembered.

import { find, isVisible, keep, kept, page, ticket } from "./page.js";

const thread = find("thread");

// Whether the reader is at the end, where new lines belong; pictures that load late must not push them away from it.
let stays = !location.hash.startsWith("#message-");
let height = 0;
const atEnd = () => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;

export function keepAtEnd() {
  if (stays && ticket) thread.scrollTop = thread.scrollHeight;
}

export function goToEnd() {
  stays = true;
  keepAtEnd();
}

export function watchThread() {
  if (!ticket) return;
  // A scroll that comes with a new height is not the reader's.
  thread.addEventListener("scroll", () => { if (thread.scrollHeight === height) stays = atEnd(); }, { passive: true });
  const observer = new ResizeObserver(() => { height = thread.scrollHeight; keepAtEnd(); });
  observer.observe(find("messages"));
  observer.observe(thread);  // the composer below it grows
}

// ---- unread ----

export function lastSaid() {
  return [...document.querySelectorAll("#messages .bubble.customer")].at(-1)?.id ?? "";
}

export function markUnread() {
  const read = kept("guanxi-read", {});
  if (ticket && isVisible()) {
    const said = find(`line-${ticket}`)?.dataset.said || lastSaid().replace("message-", "");
    if (said && read[ticket] !== said) { read[ticket] = said; keep("guanxi-read", read); }
  }
  for (const line of document.querySelectorAll(".line")) {
    const isUnread = Boolean(line.dataset.said) && read[line.dataset.ticket] !== line.dataset.said;
    line.classList.toggle("unread", isUnread);
    const word = line.querySelector(".unread-word");
    if (isUnread && !word) line.append(unreadWord());
    if (!isUnread) word?.remove();
  }
}

function unreadWord() {
  const word = document.createElement("span");
  word.className = "hush unread-word";
  word.textContent = page.unread;
  return word;
}
