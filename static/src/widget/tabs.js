// The tabs of a member's view, each with the number of what is new behind it.

import { makeButton, h, setText } from "./dom.js";

export class Tabs {
  #parts;
  #names;
  #onTurn;
  #tabs = {};
  #counts = {};
  #unread = {};
  shown = "";

  /** `labels` and `parts` are by name; `onTurn(name)` when another part is shown, `onPick(name)` when its tab was pressed. */
  constructor(labels, parts, { onTurn, onPick }) {
    this.#parts = parts;
    this.#names = Object.keys(parts);
    this.#onTurn = onTurn;
    for (const name of this.#names) {
      this.#unread[name] = 0;
      this.#counts[name] = h("span.w-count", { id: `${name}-news`, hidden: true });
      this.#tabs[name] = makeButton("w-tab", [labels[name], this.#counts[name]], () => onPick(name), { role: "tab", id: `tab-${name}`, "aria-controls": `part-${name}` });
      const attributes = { id: `part-${name}`, role: "tabpanel", class: "w-part", "aria-labelledby": `tab-${name}` };
      Object.entries(attributes).forEach((pair) => parts[name].el.setAttribute(...pair));
    }
    this.el = h("div.w-tabs", { role: "tablist", "aria-label": "Secciones" }, Object.values(this.#tabs));
    this.el.onkeydown = (event) => this.#onKeydown(event);
  }

  get unread() { return Object.values(this.#unread).reduce((sum, one) => sum + one); }

  unreadOf(name) { return this.#unread[name]; }

  /** False when it was so already. */
  setUnread(name, count) {
    if (this.#unread[name] === count) return false;
    this.#unread[name] = count;
    this.#counts[name].hidden = !count;
    setText(this.#counts[name], String(count));
    return true;
  }

  focus() { this.#tabs[this.shown].focus(); }

  showPart(name) {
    this.shown = name;
    for (const one of this.#names) {
      this.#tabs[one].setAttribute("aria-selected", one === name);
      this.#tabs[one].tabIndex = one === name ? 0 : -1;
      this.#parts[one].el.hidden = one !== name;
    }
    this.#onTurn(name);
  }

  #onKeydown(event) {
    const at = this.#names.indexOf(this.shown);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.showPart(this.#names.at(to % this.#names.length));
    this.focus();
  }
}
