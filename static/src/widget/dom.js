// Elements without a framework, and never from a string: what people write is text, whatever policy the page has.

import { formatTime, formatDateTime } from "../core/dates.js";

const ICONS = {
  mark: "M6 3.5v10M6 13.5a6.25 6.25 0 1 1 6.25 6.25H6zM12.25 11.1v4.8M9.85 13.5h4.8",
  range: "M0 44V30C30 30 52 8 74 4C92 10 112 34 136 34C170 34 196 20 220 16C240 20 262 36 284 36C312 36 330 10 350 6C362 10 372 20 380 24V44z",
  chat: "M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z",
  more: "M12 5h.01M12 12h.01M12 19h.01",
  down: "m6 9 6 6 6-6",
  right: "m9 18 6-6-6-6",
  x: "M18 6 6 18M6 6l12 12",
  sent: "M20 6 9 17l-5-5",
  read: "M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16",
  sending: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 6v6l4 2",
  failed: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 8v4M12 16h.01",
  turn: "M21 12a9 9 0 1 1-3-6.7L21 8M21 3v5h-5",
  clip: "m21 11-9 9a6 6 0 0 1-8.5-8.5l8.6-8.5A4 4 0 1 1 18 8.8l-8.6 8.6a2 2 0 0 1-2.8-2.8l8.5-8.5",
  send: "m22 2-7 20-4-9-9-4zM22 2 11 13",
  plan: "M8 2v4M16 2v4M3 10h18M5 4h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM9 16l2 2 4-4",
  wait: "M5 22h14M5 2h14M17 22v-4l-5-6-5 6v4M7 2v4l5 6 5-6V2",
  star: "m12 2 3.1 6.3 6.9 1-5 4.9 1.2 6.8-6.2-3.2L5.8 21 7 14.2l-5-4.9 6.9-1z",
};
ICONS.delivered = ICONS.read;

/** `h("p.w-hint", { id, onclick, hidden }, …)`: children are elements, texts, lists of them, or nothing. */
export function h(name, props, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith("on") || typeof value === "boolean") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(Boolean));
  return element;
}

export function makeIcon(name, kind = "w-icon", box = "0 0 24 24") {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  path.setAttribute("d", ICONS[name]);
  Object.entries({ class: kind, viewBox: box, "aria-hidden": "true" }).forEach((pair) => svg.setAttribute(...pair));
  svg.append(path);
  return svg;
}

export const makeButton = (kind, text, onclick, props) => h(`button.${kind}`, { type: "button", onclick, ...props }, text);
export const makeLink = (...given) => makeButton("w-link", ...given);
/** A button that shows an icon and says a word. */
export const makeIconButton = (name, word, onclick, props, kind = "") => makeButton(`w-tool${kind}`, [makeIcon(name), h("span.w-vh", {}, word)], onclick, props);
/** A link to a page, which stays open beside this one. */
export const makePageLink = (href, text, kind = "w-btn") => h(`a.${kind}`, { href, target: "_blank", rel: "noopener" }, text);
export const makeDots = () => h("span.w-dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i"));
export const makeProblem = (id) => h("p.w-problem", { role: "alert", id });
export const makeField = (id, label, name, props) => h("div.w-field", {}, h("label", { for: id }, label), h(name, { id, name: id, ...props }));

/** Text that changes only when it does, so that nothing is announced twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The children of `parent` from now on: [key, make, update]; those with a known key stay the elements that they are. */
export function renderChildren(parent, items) {
  const held = parent.held ?? new Map();
  parent.held = new Map();
  let at = parent.firstChild;
  for (const [key, make, update] of items) {
    const element = held.get(key) ?? make();
    held.delete(key);
    parent.held.set(key, element);
    update?.(element);
    if (element === at) at = at.nextSibling;
    else parent.insertBefore(element, at);
  }
  for (const element of held.values()) element.remove();
}

/** Give a file to the person. */
export function saveFile(blob, name) {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

export const makeTime = (at) => h("time", { datetime: at, title: formatDateTime(at) }, formatTime(at));
