// A field that finds something by a few letters: an accessible combobox over a search of the API.

import { callApi } from "../core/api.js";
import { isComposing } from "../core/text.js";
import { Combobox } from "./combobox.js";
import { messages } from "./messages.es.js";
import { debounce } from "./throttle.js";
import { showProblem } from "./toasts.js";

const TYPING_MS = 150;

/** @typedef {{ id: number | string, label: string, hint?: string, disabled?: boolean }} Hit */

export class SearchField {
  #input;
  #listId;
  #combobox;
  #problem;
  #found;
  #more;
  #path;
  #getToken;
  #shortest;
  #readHits;
  #hits = [];
  #lastRequest = 0;
  #onChange;
  #onTake;
  value = null; // the chosen hit, or null while nothing of the list is chosen

  /**
   * `path` answers `?q=` with hits, or with what `readHits` makes hits of; `more` says that there are others.
   * `onChange` is called when another value is set, `onTake` when one of the list is chosen: without it, leaving the
   * field chooses too.
   * @param {any} field
   * @param {{ path: string, getToken: () => Promise<string>, onChange?: (value: Hit | null) => void,
   *   onTake?: (value: any) => void, typingMs?: number, shortest?: number,
   *   readHits?: (answer: any) => { hits: Hit[], more: string } }} options
   */
  constructor(field, { path, getToken, onChange = () => {}, onTake, typingMs = TYPING_MS, shortest = 1, readHits = (hits) => ({ hits, more: "" }) }) {
    this.#path = path;
    this.#getToken = getToken;
    this.#onChange = onChange;
    this.#onTake = onTake;
    this.#shortest = shortest;
    this.#readHits = readHits;
    this.#input = field.querySelector("input");
    const list = field.querySelector("[role=listbox]");
    this.#listId = list.id;
    this.#combobox = new Combobox(this.#input, list, { onChoose: (index) => this.#takeHit(this.#hits[index]) });
    this.#problem = field.querySelector(".field-error");
    this.#found = field.querySelector("[data-part=found]");
    this.#more = field.querySelector("[data-part=more]");
    const search = debounce(typingMs, () => this.#fetchHits());
    this.#input.addEventListener("input", () => { this.#setChoice(null); this.#lastRequest += 1; search(); });
    this.#input.addEventListener("keydown", (event) => this.#onKeydown(event));
    this.#input.addEventListener("blur", () => this.#onBlur());
  }

  setValue(value) {
    this.#input.value = value?.label ?? "";
    this.#setChoice(value);
    this.#closeList();
  }

  /** Whether something is chosen; if not, says `sentence` and goes there. */
  requireValue(sentence) {
    if (this.value) return true;
    this.showProblem(sentence);
    this.#input.focus();
    return false;
  }

  /** Offer these hits, the first one active, and say when there are `more`. */
  offerHits(hits, more = "") {
    this.#hits = hits;
    this.#combobox.showOptions(hits.map((hit, at) => this.#makeOption(hit, at)));
    this.#found.textContent = [messages.options(hits.length), more].filter(Boolean).join(" ");
    this.#more.textContent = more;
    this.#more.hidden = !more;
  }

  showProblem(sentence) {
    showProblem(this.#problem, sentence);
    if (sentence) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
  }

  async #fetchHits() {
    const text = this.#input.value.trim();
    const request = this.#lastRequest += 1;
    if (text.length < this.#shortest) { this.#closeList(); return; }
    let answer;
    try {
      answer = await callApi(`${this.#path}?${new URLSearchParams({ q: text })}`, { token: await this.#getToken() });
    } catch (refusal) {
      if (request === this.#lastRequest) this.showProblem(refusal.message || messages.no_network);
      return;
    }
    if (request !== this.#lastRequest || document.activeElement !== this.#input) return;
    const { hits, more } = this.#readHits(answer);
    this.offerHits(hits, more);
    this.showProblem(hits.length ? "" : messages.nothing_like(text));
  }

  #makeOption({ label, hint, disabled }, at) {
    const option = Object.assign(document.createElement("li"), { id: `${this.#listId}-${at}`, className: "menu-item" });
    if (disabled) option.setAttribute("aria-disabled", "true");
    option.append(label);
    if (hint) option.append(Object.assign(document.createElement("small"), { textContent: hint }));
    return option;
  }

  #onKeydown(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") this.#lastRequest += 1; // the answer that is under way opens nothing
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (isArrow && !this.#combobox.isOpen) this.#fetchHits();
    else if (!this.#combobox.handleKey(event)) return;
    event.preventDefault(); // also of Escape: the dialog around it stays
  }

  #takeHit(hit) {
    if (hit.disabled) { this.showProblem(hit.hint); return; }
    this.setValue(hit);
    this.#found.textContent = "";
    this.#onTake?.(hit);
  }

  /** Going on with the only thing that fits, or with its whole name, is choosing it. */
  #onBlur() {
    const text = this.#input.value.trim().toLowerCase();
    const named = this.#hits.length === 1 ? this.#hits[0] : this.#hits.find(({ label }) => label.toLowerCase() === text);
    if (!this.#onTake && !this.value && this.#combobox.isOpen && text && named) this.#takeHit(named);
    this.#closeList();
  }

  #closeList() {
    this.#combobox.close();
    this.#more.hidden = true;
  }

  #setChoice(value) {
    const isNew = value?.id !== this.value?.id;
    this.value = value;
    if (value) this.showProblem("");
    if (isNew) this.#onChange(value);
  }
}
