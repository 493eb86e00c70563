// A list that the server renders: its tabs, its search, its pages, and the row that is open. It is fetched again when
// something in it changed.

import { SignedOut } from "../core/errors.js";
import { byId } from "./dom.js";
import { replaceElement } from "./replace.js";
import { fetchPartial } from "./server.js";
import { leaveSignedOut } from "./signed-out.js";
import { throttle } from "./throttle.js";

/** Mark the row whose item is open, for the eye and for screen readers. */
export function markRow(row, isPicked) {
  row.classList.toggle("is-picked", isPicked);
  if (isPicked) row.querySelector("a").setAttribute("aria-current", "true");
  else row.querySelector("a").removeAttribute("aria-current");
}

export class LiveList {
  #id;
  #item;
  #addressOf;
  #onRender;
  #picked = null;
  #lastRequest = 0;
  /** @type {any} what the list shows or will show, by the names that its element has in its dataset */
  asked;

  /**
   * `id` is the list's, `item` the word for one of them: its row is `#<item>-<its id>` with `data-<item>-id`. `fields` are
   * what a list can be asked for, each with a function that reads it from the dataset; `addressOf(asked)` is its partial.
   * The list is rendered again at most once in `gapMs`; then `onRender()` is called.
   * @param {{
   *   id: string, item: string, fields: Record<string, (text: string) => any>, addressOf: (asked: any) => string,
   *   gapMs: number, onRender: () => void,
   * }} options
   */
  constructor({ id, item, fields, addressOf, gapMs, onRender }) {
    this.#id = id;
    this.#item = item;
    this.#addressOf = addressOf;
    this.#onRender = onRender;
    this.asked = Object.fromEntries(Object.entries(fields).map(([name, read]) => [name, read(this.#element.dataset[name])]));
    this.refresh = throttle(gapMs, () => this.#fetchList());
  }

  get todo() { return Number(this.#element.dataset.todo); }

  findRow(id) { return byId(`${this.#item}-${id}`); }

  /** Whether these requests are other than what is shown. */
  isOtherList(wanted) { return Object.entries(wanted).some(([name, value]) => this.asked[name] !== value); }

  /** Show another list. Returns false when it could not be had. */
  showList(wanted) {
    this.asked = { ...this.asked, ...wanted };
    return this.#fetchList();
  }

  markOpen(id) {
    this.#picked = id;
    const name = `data-${this.#item}-id`;
    for (const row of this.#element.querySelectorAll(`[${name}]`)) markRow(row, row.getAttribute(name) === String(id));
  }

  /** Render one row again, where it is. */
  async refreshRow(id, address) {
    if (!this.findRow(id)) return;
    const fresh = await fetchPartial(address).catch(() => null);
    const old = this.findRow(id);
    if (!fresh || !old) return;
    replaceElement(old, fresh);
    this.markOpen(this.#picked);
  }

  get #element() { return byId(this.#id); }

  async #fetchList() {
    const request = this.#lastRequest += 1;
    this.#element.ariaBusy = "true";
    let fresh = null;
    try {
      fresh = await fetchPartial(this.#addressOf(this.asked));
    } catch (problem) {
      if (problem instanceof SignedOut) leaveSignedOut();
    }
    if (request !== this.#lastRequest) return true;
    if (!fresh) {
      this.#element.ariaBusy = "false";
      return false;
    }
    const isSame = Object.keys(this.asked).every((name) => fresh.dataset[name] === this.#element.dataset[name]);
    replaceElement(this.#element, fresh);
    if (!isSame) this.#element.querySelector("[data-scroll=list]").scrollTop = 0;
    this.markOpen(this.#picked);
    this.#onRender();
    return true;
  }
}
