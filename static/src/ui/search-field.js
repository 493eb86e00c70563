// A field that finds something by a few letters: an accessible combobox over a search of the API.

import { call } from "../core/api.js";
import { messages } from "./messages.es.js";
import { debounce } from "./throttle.js";
import { showProblem } from "./toasts.js";

const TYPING_MS = 150;

export class SearchField {
  #input;
  #list;
  #problem;
  #found;
  #path;
  #getToken;
  #lastRequest = 0;
  #active = -1;
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
    this.#list = field.querySelector("[role=listbox]");
    this.#problem = field.querySelector(".field-error");
    this.#found = field.querySelector("[data-part=found]");
    const search = debounce(TYPING_MS, () => this.#search());
    this.#input.addEventListener("input", () => { this.#choose(null); this.#lastRequest += 1; search(); });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#leave());
    // Before the field loses the focus to what is pressed.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#take(option);
    });
  }

  set(value) {
    this.#input.value = value?.label ?? "";
    this.#choose(value);
    this.#close();
  }

  /** Whether something is chosen; if not, says `sentence` and goes there. */
  check(sentence) {
    if (this.value) return true;
    this.#complain(sentence);
    this.#input.focus();
    return false;
  }

  get #options() { return [...this.#list.children]; }

  async #search() {
    const text = this.#input.value.trim();
    const request = this.#lastRequest += 1;
    if (!text) { this.#close(); return; }
    let hits;
    try {
      hits = await call(`${this.#path}?${new URLSearchParams({ q: text })}`, { token: await this.#getToken() });
    } catch (refusal) {
      if (request === this.#lastRequest) this.#complain(refusal.message || messages.no_network);
      return;
    }
    if (request !== this.#lastRequest || document.activeElement !== this.#input) return;
    this.#list.replaceChildren(...hits.map(({ id, label }) => {
      const option = Object.assign(document.createElement("li"), { id: `${this.#list.id}-${id}`, textContent: label, className: "menu-item" });
      option.dataset.value = id;
      option.role = "option";
      option.ariaSelected = "false";
      return option;
    }));
    this.#list.hidden = hits.length === 0;
    this.#input.ariaExpanded = String(hits.length > 0);
    this.#found.textContent = messages.options(hits.length);
    this.#complain(hits.length ? "" : messages.nothing_like(text));
    this.#point(hits.length ? 0 : -1);
  }

  #key(event) {
    const isOpen = !this.#list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) { this.#search(); return; }
      this.#point((this.#active + step + this.#options.length) % this.#options.length);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      this.#take(this.#options[this.#active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault(); // the dialog around it stays
      this.#close();
    }
  }

  #point(index) {
    this.#active = index;
    this.#options.forEach((option, at) => { option.ariaSelected = String(at === index); });
    const option = this.#options[index];
    if (option) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #take(option) {
    this.set({ id: Number(option.dataset.value), label: option.textContent });
    this.#found.textContent = "";
  }

  /** Going on with the only thing that fits, or with its whole name, is choosing it. */
  #leave() {
    const text = this.#input.value.trim().toLowerCase();
    const isSaid = this.#options.length === 1 ? this.#options[0] : this.#options.find((option) => option.textContent.toLowerCase() === text);
    if (!this.value && !this.#list.hidden && text && isSaid) this.#take(isSaid);
    this.#close();
  }

  #close() {
    this.#list.hidden = true;
    this.#input.ariaExpanded = "false";
    this.#input.removeAttribute("aria-activedescendant");
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
