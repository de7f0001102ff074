// Small makers of nodes. Text goes in as text nodes alone, so whatever a message says is never markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  more: ["M5 12h.01M12 12h.01M19 12h.01"],
  down: ["m6 9 6 6 6-6"],
  clip: ["m20.500 11.500-8.300 8.300a5.400 5.400 0 0 1-7.700-7.700l8.700-8.600a3.600 3.600 0 0 1 5.100 5.100l-8.600 8.600a1.800 1.800 0 0 1-2.600-2.500l7.800-7.800"],
  send: ["M12 19V5", "m5.500 11.500 6.500-6.500 6.500 6.500"],
  close: ["M6 6l12 12M18 6 6 18"],
  file: ["M13.500 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.500z", "M13.500 3v5.500H19"],
  place: ["M12 21s7-6.200 7-11.500a7 7 0 1 0-14 0C5 14.800 12 21 12 21z", "M12 11.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.500 20.500c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500"],
  waiting: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M12 8v4.200l2.600 1.600"],
  stored: ["m5 12.500 4.600 4.500L19 7.500"],
  read: ["m1.500 12.500 4.600 4.500 9.400-9.500", "m11.500 16 1 1L22 7.500"],
  failed: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M12 8v4.500M12 15.800v.1"],
  check: ["m5 12.500 4.600 4.500L19 7.500"],
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  for (const line of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

// While an input method composes, its keys are its own. Safari tells of the last one by its code alone.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

export const hidden = (text) => make("span", { class: "unseen" }, text);

const LINK = /https?:\/\/[^\s<>"'`，。；：！？、（）《》【】「」]+/giu;
const TAIL = /[.,;:!?)\]}'"]+$/u;

// A text as nodes: web addresses become links, everything else stays text.
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(TAIL, "");
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(from, found.index));
    nodes.push(make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    from = found.index + address.length;
  }
  return [...nodes, text.slice(from)].filter((node) => node !== "");
}

export const initial = (name) => [...(name.trim() || "·")][0].toUpperCase();

// The same name has the same colour, one of eight that the style sheet knows.
export const tint = (name) => String([...name].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 997, 7) % 8);
