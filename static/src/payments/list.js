// The list of payments (templates/payments_admin/_list.html): its tabs, its pages, and the row that is open.

import { SignedOut } from "../core/errors.js";
import { replace } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";

const GAP_MS = 500;
const FIRST = { text: "", since: "", until: "", page: 1 };
const NAMES = { tab: "lista", text: "buscar", since: "desde", until: "hasta", page: "pagina" };

/** What an address asks for, and back. */
export const askedOf = (search) => {
  const query = new URLSearchParams(search);
  const given = Object.entries(NAMES).map(([key, name]) => [key, query.get(name)]).filter(([, value]) => value);
  const asked = { tab: "por-revisar", ...FIRST, ...Object.fromEntries(given) };
  return { ...asked, page: Number(asked.page) || 1 };
};

export const queryOf = ({ tab, text, since, until, page }) => {
  const days = { ...(since && { desde: since }), ...(until && { hasta: until }) };
  return new URLSearchParams({ lista: tab, ...(text && { buscar: text }), ...days, ...(page > 1 && { pagina: page }) });
};

export class PaymentList {
  #lastRequest = 0;
  #timer = 0;
  #onDraw;
  #picked = null;
  asked; // { tab, text, since, until, page }

  /** `onDraw()` is called whenever it was drawn again. */
  constructor(onDraw) {
    this.#onDraw = onDraw;
    const { tab, text, since, until, page } = this.#element.dataset;
    this.asked = { tab, text, since, until, page: Number(page) };
  }

  get todo() { return Number(this.#element.dataset.todo); }

  row(paymentId) { return document.getElementById(`payment-${paymentId}`); }

  /** Another list. False when it could not be had. */
  show(asked) {
    this.asked = { ...this.asked, page: 1, ...asked };
    return this.#fetch();
  }

  /** The same list again, soon: payments that change together are one look. */
  redraw() {
    if (!this.#timer) this.#timer = setTimeout(() => { this.#timer = 0; this.#fetch(); }, GAP_MS);
  }

  /** One row at once, where it is. */
  async redrawRow(paymentId) {
    if (!this.row(paymentId)) return;
    const fresh = await fetchPartial(`/supervisor/pagos/${paymentId}/fila`).catch(() => null);
    const old = this.row(paymentId);
    if (!fresh || !old) return;
    replace(old, fresh);
    this.pick(this.#picked);
  }

  pick(paymentId) {
    this.#picked = paymentId;
    for (const row of this.#element.querySelectorAll("[data-payment-id]")) {
      const isPicked = row.dataset.paymentId === paymentId;
      row.classList.toggle("is-picked", isPicked);
      if (isPicked) row.querySelector("a").setAttribute("aria-current", "true");
      else row.querySelector("a").removeAttribute("aria-current");
    }
  }

  get #element() { return document.getElementById("payments"); }

  async #fetch() {
    const request = this.#lastRequest += 1;
    this.#element.ariaBusy = "true";
    let fresh = null;
    try {
      fresh = await fetchPartial(`/supervisor/pagos/lista?${queryOf(this.asked)}`);
    } catch (problem) {
      if (problem instanceof SignedOut) location.reload();
    }
    if (request !== this.#lastRequest) return true;
    if (!fresh) {
      this.#element.ariaBusy = "false";
      return false;
    }
    const isSame = ["tab", "text", "since", "until", "page"].every((name) => fresh.dataset[name] === this.#element.dataset[name]);
    replace(this.#element, fresh);
    if (!isSame) this.#element.querySelector("[data-scroll=list]").scrollTop = 0;
    this.pick(this.#picked);
    this.#onDraw();
    return true;
  }
}
