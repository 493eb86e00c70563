// Elements without a framework, and never from a string: what people write is text, whatever policy the page has.

const SVG = "http://www.w3.org/2000/svg";
const CALENDAR = "M8 2v3M16 2v3M3 9h18";
const ICONS = {
  mark: "M6 3.5v10M6 13.5a6.25 6.25 0 1 1 6.25 6.25H6zM12.25 11.1v4.8M9.85 13.5h4.8",
  range: "M0 44V30C30 30 52 8 74 4C92 10 112 34 136 34C170 34 196 20 220 16C240 20 262 36 284 36C312 36 330 10 350 6C362 10 372 20 380 24V44z",
  chat: "M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z",
  more: "M12 5h.01M12 12h.01M12 19h.01",
  down: "m6 9 6 6 6-6",
  right: "m9 18 6-6-6-6",
  x: "M18 6 6 18M6 6l12 12",
  check: "M20 6 9 17l-5-5",
  checks: "M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16",
  clock: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 6v6l4 2",
  turn: "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8M21 3v5h-5M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16M8 16H3v5",
  alert: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 8v4M12 16h.01",
  clip: "m16 6-8.414 8.586a2 2 0 0 0 2.829 2.829l8.414-8.586a4 4 0 1 0-5.657-5.657l-8.379 8.551a6 6 0 1 0 8.485 8.485l8.379-8.551",
  file: "M14 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8zM14 2v6h6",
  send: "M14.536 21.686a.5.5 0 0 0 .937-.024l6.5-19a.496.496 0 0 0-.635-.635l-19 6.5a.5.5 0 0 0-.024.937l7.93 3.18a2 2 0 0 1 1.112 1.11zM21.854 2.147l-10.94 10.939",
  plus: `M16 18h6M19 15v6M21 11.5V5a2 2 0 00-2-2H5a2 2 0 00-2 2v14a2 2 0 002 2h8.3${CALENDAR}`,
  sure: `M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM9 15l2 2 4-4${CALENDAR}`,
  wait: "M5 22h14M5 2h14M17 22v-4.172a2 2 0 0 0-.586-1.414L12 12l-4.414 4.414A2 2 0 0 0 7 17.828V22M7 2v4.172a2 2 0 0 0 .586 1.414L12 12l4.414-4.414A2 2 0 0 0 17 6.172V2",
  bell: "M10.3 21a2 2 0 0 0 3.4 0M3.3 15.3A1 1 0 0 0 4 17h16a1 1 0 0 0 .7-1.7C19.4 14 18 12.500 18 8A6 6 0 0 0 6 8c0 4.500-1.400 6-2.700 7.300",
  star: "M11.525 2.295a.53.53 0 0 1 .95 0l2.31 4.679a2.123 2.123 0 0 0 1.595 1.16l5.166.756a.53.53 0 0 1 .294.904l-3.736 3.638a2.123 2.123 0 0 0-.611 1.878l.882 5.14a.53.53 0 0 1-.771.56l-4.618-2.428a2.122 2.122 0 0 0-1.973 0L6.396 21.01a.53.53 0 0 1-.77-.56l.881-5.139a2.122 2.122 0 0 0-.611-1.879L2.16 9.795a.53.53 0 0 1 .294-.906l5.165-.755a2.122 2.122 0 0 0 1.597-1.16z",
};

/** `h("p.w-hint.is-small", { id, onclick, hidden }, …)`: children are elements, texts, lists of them, or nothing. */
export function h(name, props, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith("on") || typeof value === "boolean") element[key] = value;
    else if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

export function icon(name, kind = "w-icon", box = "0 0 24 24") {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  for (const [key, value] of Object.entries({ class: kind, viewBox: box, "aria-hidden": "true" })) svg.setAttribute(key, value);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says a word. */
export const tool = (name, word, props, kind = "") => h(`button.w-tool${kind}`, { type: "button", ...props }, icon(name), h("span.w-vh", {}, word));
export const link = (text, onclick, props) => h("button.w-link", { type: "button", onclick, ...props }, text);
export const button = (text, onclick, kind = "") => h(`button.w-btn${kind}`, { type: "button", onclick }, text);

/** Text that changes only when it does, so that nothing is announced twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The children of `parent` from now on: [key, make, update]; those with a known key stay the elements that they are. */
export function paint(parent, items) {
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
export function hand(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
