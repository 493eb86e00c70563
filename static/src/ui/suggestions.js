// A listbox above a textarea: what is typed after a mark chooses among suggestions, by keyboard or mouse. The focus never
// leaves the text.

import { debounce } from "./throttle.js";

const SILENCE_MS = 80;
let numbers = 0;

export class Suggestions {
  #text;
  #box;
  #list;
  #pattern;
  #find;
  #onShow;
  #onChoose;
  #items = [];
  #at = -1;
  #typed = null;   // { from, to, query }
  #lastRequest = 0;

  /**
   * `pattern` matches the end of what stands before the caret, with what is sought as its first group; `find(query)`
   * promises items, `draw(item)` makes their elements; `onShow(item)` when one is marked; `onChoose(item, from, to)`.
   * @param {any} text
   * @param {any} box
   * @param {{
   *   pattern: RegExp, find: (query: string) => Promise<any[]>, draw: (item: any) => HTMLElement,
   *   onShow?: (item: any) => void, onChoose: (item: any, from: number, to: number) => void,
   * }} options
   */
  constructor(text, box, { pattern, find, draw, onShow = () => {}, onChoose }) {
    this.#text = text;
    this.#box = box;
    this.#list = box.matches("[role=listbox]") ? box : box.querySelector("[role=listbox]");
    this.#pattern = pattern;
    this.#find = find;
    this.draw = draw;
    this.#onShow = onShow;
    this.#onChoose = onChoose;
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", this.#list.id);
    text.setAttribute("aria-expanded", "false");
    const look = debounce(SILENCE_MS, () => this.#look());
    text.addEventListener("input", look);
    text.addEventListener("click", look);
    text.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== text) this.close(); }, 150));
    text.form.addEventListener("keydown", (event) => { if (event.target === text) this.#key(event); }, { capture: true });
    this.#list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the focus stays in the text
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(this.#items[[...this.#list.children].indexOf(option)]);
    });
    look(); // somebody may have been faster than we were loaded
  }

  get isOpen() { return !this.#box.hidden; }

  close() {
    this.#lastRequest += 1;
    this.#box.hidden = true;
    this.#text.setAttribute("aria-expanded", "false");
    this.#text.removeAttribute("aria-activedescendant");
  }

  async #look() {
    const caret = this.#text.selectionStart;
    const found = this.#text.value.slice(0, caret).match(this.#pattern);
    if (!found || document.activeElement !== this.#text) { this.close(); return; }
    this.#typed = { from: caret - found[0].trimStart().length, to: caret };
    const request = this.#lastRequest += 1;
    const items = await this.#find(found[1]).catch(() => []);
    if (request !== this.#lastRequest) return;
    if (items.length === 0) { this.close(); return; }
    this.#items = items;
    this.#list.replaceChildren(...items.map((item) => {
      const option = this.draw(item);
      option.id ||= `suggestion-${numbers += 1}`;
      option.setAttribute("role", "option");
      return option;
    }));
    this.#box.hidden = false;
    this.#text.setAttribute("aria-expanded", "true");
    this.#mark(0);
  }

  #mark(at) {
    this.#at = (at + this.#items.length) % this.#items.length;
    [...this.#list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#at)));
    const option = this.#list.children[this.#at];
    this.#text.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    this.#onShow(this.#items[this.#at]);
  }

  #key(event) {
    if (!this.isOpen || event.isComposing) return;
    const act = {
      ArrowDown: () => this.#mark(this.#at + 1),
      ArrowUp: () => this.#mark(this.#at - 1),
      Enter: () => this.#choose(this.#items[this.#at]),
      Tab: () => this.#choose(this.#items[this.#at]),
      Escape: () => this.close(),
    }[event.key];
    if (!act || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #choose(item) {
    this.close();
    this.#onChoose(item, this.#typed.from, this.#typed.to);
  }
}
