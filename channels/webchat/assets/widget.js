// The launcher for other sites: <script src="https://HOST/chat/widget.js" async></script>
// data-language="zh" and data-code="SOURCE" are optional. A button, and the chat in a frame of its own origin.

(() => {
  const WORDS = "WORDS";
  const script = document.currentScript;
  const base = new URL(".", script.src);
  const OPENED = "guanxi.opened";
  const tags = [script.dataset.language, document.documentElement.lang, ...navigator.languages];
  const language = tags.map((tag) => (tag ?? "").toLowerCase().split("-")[0]).find((code) => code in WORDS) ?? Object.keys(WORDS)[0];
  const say = (key, count = 0) => WORDS[language][key].replace("{count}", String(count));

  const STYLE = `
    :host { all: initial; color-scheme: light dark; }
    .launcher { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; inline-size: 60px; block-size: 60px;
      border: 0; border-radius: 50%; background: #2f5fd8; color: #fff; cursor: pointer; display: grid; place-items: center; padding: 0;
      box-shadow: 0 6px 24px rgb(16 24 40 / .24), 0 1px 4px rgb(16 24 40 / .16); transition: transform .16s ease, background-color .16s ease; }
    .launcher:hover { background: #2650bd; transform: translateY(-1px); }
    .launcher:active { transform: scale(.96); }
    .launcher:focus-visible { outline: 3px solid #9db7ff; outline-offset: 3px; }
    svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-inline-size: 22px; block-size: 22px; padding: 0 6px; box-sizing: border-box;
      border-radius: 11px; background: #d92d20; color: #fff; font: 600 12px/22px system-ui, sans-serif; text-align: center; box-shadow: 0 0 0 2px #fff; }
    .frame { position: fixed; inset-block-end: 96px; inset-inline-end: 20px; z-index: 2147483000; inline-size: min(400px, calc(100vw - 40px));
      block-size: min(680px, calc(100dvh - 120px)); border: 0; border-radius: 18px; background: Canvas; overflow: hidden;
      box-shadow: 0 16px 56px rgb(16 24 40 / .22), 0 2px 8px rgb(16 24 40 / .12); transition: opacity .16s ease, transform .16s ease; }
    .frame.away { visibility: hidden; opacity: 0; transform: translateY(10px); pointer-events: none; }
    [hidden] { display: none; }
    @media (max-width: 480px) { .frame { inset: 0; inline-size: 100vw; block-size: 100dvh; border-radius: 0; } .launcher.open.ready { display: none; } }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
  `;

  const host = document.createElement("div");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.className = "launcher";
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.hidden = true;
  launcher.append(drawing("M21 11.500a7.500 7.500 0 0 1-7.500 7.500H12l-5 3.200V18a7.500 7.500 0 0 1 2.800-14.200 9 9 0 0 1 3.700-.8A7.500 7.500 0 0 1 21 11.500z"), badge);
  shadow.append(launcher);

  let frame = null;
  let isOpen = false;
  let unread = 0;

  function drawing(line) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    svg.append(path);
    return svg;
  }

  function load() {
    const address = new URL("../chat", base);
    address.searchParams.set("embed", "1");
    address.searchParams.set("lang", language);
    if (script.dataset.code) address.searchParams.set("code", script.dataset.code);
    frame = document.createElement("iframe");
    frame.className = "frame away";
    frame.title = say("open");
    frame.src = address;
    shadow.prepend(frame);
  }

  function show(wanted) {
    if (!frame) load();
    isOpen = wanted;
    frame.classList.toggle("away", !isOpen);
    remember();
    tell();
    draw();
    if (isOpen) frame.focus();
    else launcher.focus();
  }

  function draw() {
    const label = isOpen ? say("close") : say("open");
    launcher.setAttribute("aria-label", unread && !isOpen ? `${label}, ${say("unread", unread)}` : label);
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.classList.toggle("open", isOpen);
    launcher.querySelector("path").setAttribute("d", isOpen ? "m6 9.500 6 6 6-6" : "M21 11.500a8.500 8.500 0 0 1-12.300 7.600L3.500 20.500l1.400-5.200A8.500 8.500 0 1 1 21 11.500z");
    badge.hidden = isOpen || unread === 0;
    badge.textContent = unread > 99 ? "99+" : String(unread);
  }

  function tell() {
    frame?.contentWindow?.postMessage({ guanxi: "shown", isShown: isOpen }, base.origin);
  }

  // Whoever opened the chat before is told of answers on every page; whoever never did costs no connection.
  function remember() {
    try {
      localStorage.setItem(OPENED, "1");
    } catch {
      // the count then waits for the next click
    }
  }

  function wasOpened() {
    try {
      return localStorage.getItem(OPENED) === "1";
    } catch {
      return false;
    }
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
    if (event.data?.guanxi === "ready") {
      launcher.classList.add("ready"); // the chat has a way out of its own; before, the launcher is the only one
      tell();
    } else if (event.data?.guanxi === "close") show(false);
    else if (event.data?.guanxi === "unread") {
      unread = Number(event.data.count) || 0;
      draw();
    }
  });
  launcher.addEventListener("click", () => show(!isOpen));

  function start() {
    document.body.append(host);
    draw();
    if (wasOpened()) load();
  }
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
