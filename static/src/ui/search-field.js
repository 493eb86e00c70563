// A field that finds something by a few letters: an accessible combobox over a search of the API.

import { call } from "../core/api.js";
import { isComposing } from "../core/keys.js";
import { Combobox } from "./combobox.js";
import { messages } from "./messages.es.js";
import { debounce } from "./throttle.js";
import { showProblem } from "./toasts.js";

const TYPING_MS = 150;

export class SearchField {
  #input;
  #listId;
  #combobox;
  #problem;
  #found;
  #path;
  #getToken;
  #lastRequest = 0;
  #onChange;
  value = null; // { id, label }, or null while nothing of the list is chosen

  /**
   * `path` answers `?q=` with [{ id, label }].
   * @param {any} field
   * @param {{ path: string, getToken: () => Promise<string>, onChange?: (value: { id: number, label: string } | null) => void }} options
   */
  constructor(field, { path, getToken, onChange = () => {} }) {
    this.#path = path;
    this.#getToken = getToken;
    this.#onChange = onChange;
    this.#input = field.querySelector("input");
    const list = field.querySelector("[role=listbox]");
    this.#listId = list.id;
    this.#combobox = new Combobox(this.#input, list, { onChoose: (index) => this.#take(this.#combobox.options[index]) });
    this.#problem = field.querySelector(".field-error");
    this.#found = field.querySelector("[data-part=found]");
    const search = debounce(TYPING_MS, () => this.#search());
    this.#input.addEventListener("input", () => { this.#choose(null); this.#lastRequest += 1; search(); });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#leave());
  }

  set(value) {
    this.#input.value = value?.label ?? "";
    this.#choose(value);
    this.#combobox.close();
  }

  /** Whether something is chosen; if not, says `sentence` and goes there. */
  check(sentence) {
    if (this.value) return true;
    this.#complain(sentence);
    this.#input.focus();
    return false;
  }

  async #search() {
    const text = this.#input.value.trim();
    const request = this.#lastRequest += 1;
    if (!text) { this.#combobox.close(); return; }
    let hits;
    try {
      hits = await call(`${this.#path}?${new URLSearchParams({ q: text })}`, { token: await this.#getToken() });
    } catch (refusal) {
      if (request === this.#lastRequest) this.#complain(refusal.message || messages.no_network);
      return;
    }
    if (request !== this.#lastRequest || document.activeElement !== this.#input) return;
    this.#combobox.show(hits.map(({ id, label }) => {
      const option = Object.assign(document.createElement("li"), { id: `${this.#listId}-${id}`, textContent: label, className: "menu-item" });
      option.dataset.value = id;
      return option;
    }));
    this.#found.textContent = messages.options(hits.length);
    this.#complain(hits.length ? "" : messages.nothing_like(text));
  }

  #key(event) {
    if (isComposing(event)) return;
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (isArrow && !this.#combobox.isOpen) this.#search();
    else if (!this.#combobox.handleKey(event)) return;
    event.preventDefault(); // also of Escape: the dialog around it stays
  }

  #take(option) {
    this.set({ id: Number(option.dataset.value), label: option.textContent });
    this.#found.textContent = "";
  }

  /** Going on with the only thing that fits, or with its whole name, is choosing it. */
  #leave() {
    const text = this.#input.value.trim().toLowerCase();
    const { options, isOpen } = this.#combobox;
    const named = options.length === 1 ? options[0] : options.find((option) => option.textContent.toLowerCase() === text);
    if (!this.value && isOpen && text && named) this.#take(named);
    this.#combobox.close();
  }

  #choose(value) {
    const isNew = value?.id !== this.value?.id;
    this.value = value;
    if (value) this.#complain("");
    if (isNew) this.#onChange(value);
  }

  #complain(sentence) {
    showProblem(this.#problem, sentence);
    if (sentence) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
  }
}
