// The line to the server: opens, says hello, notices when it is dead, comes back by itself.

const VERSION = 1;
const NO_COOKIE = 4401;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const PING_EVERY = 25_000;
const ANSWER_WITHIN = 10_000;

export class Connection extends EventTarget {
  #socket = null;
  #failures = 0;
  #retry = 0;
  #ping = 0;
  #deadline = 0;
  #isRenewed = false;

  constructor(greeting) {
    super();
    this.greeting = greeting;
    addEventListener("online", () => this.#hurry());
    // Closing politely waits for a network that is gone: given up, the line is open again as soon as there is one.
    addEventListener("offline", () => this.#socket && this.#abandon());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    addEventListener("pageshow", (event) => event.persisted && this.#hurry());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(new URL("/chat/ws", location.href.replace(/^http/, "ws")));
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
  }

  send(frame) {
    if (this.isOpen) this.#socket.send(JSON.stringify(frame));
  }

  #opened() {
    this.send({ type: "hello", version: VERSION, ...this.greeting() });
    this.#listen();
    this.#tell("open");
  }

  #heard(text) {
    this.#listen();
    this.#failures = 0;
    const frame = JSON.parse(text);
    if (frame.type === "error" && frame.code === "version") this.#tell("outdated");
    else if (frame.type !== "pong") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  // Any frame proves the line; silence is asked about once, then taken for death.
  #listen() {
    clearTimeout(this.#ping);
    clearTimeout(this.#deadline);
    this.#ping = setTimeout(() => {
      this.send({ type: "ping" });
      this.#deadline = setTimeout(() => this.#abandon(), ANSWER_WITHIN);
    }, PING_EVERY);
  }

  #abandon() {
    const dead = this.#socket;
    this.#closed(1006);
    dead.close();
  }

  async #closed(code) {
    clearTimeout(this.#ping);
    clearTimeout(this.#deadline);
    this.#socket = null;
    this.#tell("closed");
    if (code === NO_COOKIE && !(await this.#renewCookie())) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.open(), longest * (0.5 + Math.random() / 2));
  }

  // The page gives a cookie; where none is kept after that, the browser forbids it.
  async #renewCookie() {
    if (this.#isRenewed) {
      this.#tell("nocookie");
      return false;
    }
    this.#isRenewed = true;
    await fetch("/chat", { credentials: "same-origin" }).catch(() => null);
    return true;
  }

  #hurry() {
    if (this.#socket === null && this.#retry) this.open();
    else if (this.isOpen) this.send({ type: "ping" });
  }

  #tell(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
