// The list of requests (templates/citas/_list.html): its tabs, its search, and the row that is open.

import { SignedOut } from "../core/errors.js";
import { replace } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";

const GAP_MS = 1_000;

export class AppointmentList {
  #lastRequest = 0;
  #onDraw;
  #picked = null;
  asked; // { tab, text }

  /** The same list again, at most once a second. */
  redraw = throttle(GAP_MS, () => this.#fetch());

  /** `onDraw(isGood)` is called when it was drawn again, or could not be had. */
  constructor(onDraw) {
    this.#onDraw = onDraw;
    const { tab, text } = this.#element.dataset;
    this.asked = { tab, text };
  }

  get todo() { return Number(this.#element.dataset.todo); }

  row(visitId) { return document.getElementById(`visit-${visitId}`); }

  async show(asked) {
    this.asked = { ...this.asked, ...asked };
    await this.#fetch();
  }

  pick(visitId) {
    this.#picked = visitId;
    for (const row of this.#element.querySelectorAll("[data-visit-id]")) {
      const isPicked = Number(row.dataset.visitId) === visitId;
      row.classList.toggle("is-picked", isPicked);
      if (isPicked) row.querySelector("a").setAttribute("aria-current", "true");
      else row.querySelector("a").removeAttribute("aria-current");
    }
  }

  get #element() { return document.getElementById("visits"); }

  async #fetch() {
    const request = this.#lastRequest += 1;
    const { tab, text } = this.asked;
    this.#element.ariaBusy = "true";
    let fresh = null;
    try {
      fresh = await fetchPartial(`/agente/citas/lista?${new URLSearchParams({ lista: tab, buscar: text })}`);
    } catch (problem) {
      if (problem instanceof SignedOut) location.reload();
    }
    if (request !== this.#lastRequest) return;
    if (!fresh) {
      this.#element.ariaBusy = "false";
      this.#onDraw(false);
      return;
    }
    const isSame = fresh.dataset.tab === this.#element.dataset.tab && fresh.dataset.text === this.#element.dataset.text;
    replace(this.#element, fresh);
    if (!isSame) this.#element.querySelector("[data-scroll=list]").scrollTop = 0;
    this.pick(this.#picked);
    this.#onDraw(true);
  }
}
