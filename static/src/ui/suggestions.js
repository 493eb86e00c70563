// A listbox above a textarea: what is typed after a mark chooses among suggestions, by keyboard or mouse.

import { isComposing } from "../core/text.js";
import { Combobox } from "./combobox.js";
import { debounce } from "./throttle.js";

const SILENCE_MS = 80;

export class Suggestions {
  #text;
  #combobox;
  #pattern;
  #find;
  #render;
  #onChoose;
  #items = [];
  #typed = null;   // { from, to }
  #lastRequest = 0;
  #isDismissed = false; // by Escape, until something is typed again

  /**
   * `pattern` matches the end of what stands before the caret, with what is searched as its first group; `find(query)`
   * promises items, `render(item)` makes their elements; `onShow(item)` when one is marked; `onChoose(item, from, to)`.
   * @param {any} text
   * @param {any} box
   * @param {{
   *   pattern: RegExp, find: (query: string) => Promise<any[]>, render: (item: any) => HTMLElement,
   *   onShow?: (item: any) => void, onChoose: (item: any, from: number, to: number) => void,
   * }} options
   */
  constructor(text, box, { pattern, find, render, onShow = () => {}, onChoose }) {
    this.#text = text;
    this.#pattern = pattern;
    this.#find = find;
    this.#render = render;
    this.#onChoose = onChoose;
    this.#combobox = new Combobox(text, box.matches("[role=listbox]") ? box : box.querySelector("[role=listbox]"), {
      box,
      onChoose: (index) => this.#chooseItem(index),
      onActive: (index) => onShow(this.#items[index]),
    });
    const search = debounce(SILENCE_MS, () => this.#fetchItems());
    for (const asked of ["input", "click"]) text.addEventListener(asked, () => { this.#isDismissed = false; search(); });
    text.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== text) this.close(); }, 150));
    text.form.addEventListener("keydown", (event) => { if (event.target === text) this.#onKeydown(event); }, { capture: true });
    search(); // somebody may have been faster than we were loaded
  }

  get isOpen() { return this.#combobox.isOpen; }

  close() {
    this.#lastRequest += 1;
    this.#combobox.close();
  }

  async #fetchItems() {
    const caret = this.#text.selectionStart;
    const found = this.#text.value.slice(0, caret).match(this.#pattern);
    if (!found || this.#isDismissed || document.activeElement !== this.#text) { this.close(); return; }
    this.#typed = { from: caret - found[0].trimStart().length, to: caret };
    const request = this.#lastRequest += 1;
    const items = await this.#find(found[1]).catch(() => []);
    if (request !== this.#lastRequest || this.#isDismissed) return;
    this.#items = items;
    this.#combobox.showOptions(items.map((item) => this.#render(item)));
  }

  #onKeydown(event) {
    if (isComposing(event) || event.altKey || event.ctrlKey) return;
    if (event.key === "Escape") this.#isDismissed = true;
    const key = event.key === "Tab" ? "Enter" : event.key;
    if (!this.#combobox.handleKey({ key })) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #chooseItem(index) {
    this.close();
    this.#onChoose(this.#items[index], this.#typed.from, this.#typed.to);
  }
}
