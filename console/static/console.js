// The console's script. Every page works without it; with it pages stay up to date, texts are not lost, keys work.

import { Composer } from "./composer.js";
import { openDialogs } from "./dialogs.js";
import { takeKeys } from "./keys.js";
import { stayFresh } from "./live.js";
import { find } from "./page.js";
import { takePresses } from "./sending.js";
import { keepAtEnd, markUnread, watchThread } from "./thread.js";

const list = find("list");
if (list) {
  list.scrollTop = Number(sessionStorage.getItem("guanxi-list") ?? 0);
  addEventListener("pagehide", () => sessionStorage.setItem("guanxi-list", String(list.scrollTop)));
}
document.querySelector(".queues [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

takePresses();
takeKeys();
openDialogs();
watchThread();
const composer = find("composer");
if (composer) new Composer(composer);
markUnread();
keepAtEnd();
stayFresh();
