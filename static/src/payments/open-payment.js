// One open payment (templates/payments_admin/_detail.html): rendered again when it changes, unless somebody is writing in it.

import { messages } from "../ui/messages.es.js";
import { replaceElement } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { leaveSignedOut } from "../ui/signed-out.js";
import { showProblem, showToast } from "../ui/toasts.js";
import { paymentMessages } from "./messages.es.js";

export class OpenPayment {
  #section;
  #onRender;
  #disposal = new AbortController();
  #lastRequest = 0;
  #isSending = false;
  #isStale = false;

  /** `section` is on the page already; `onRender()` is called when it was rendered again. */
  constructor(section, onRender = () => {}) {
    this.#section = section;
    this.#onRender = onRender;
    const { signal } = this.#disposal;
    document.addEventListener("click", ({ target }) => {
      if (target.closest("[data-do=refresh]") && this.#section.contains(target)) this.refresh();
    }, { signal });
    document.addEventListener("submit", (event) => {
      if (!this.#section.contains(event.target)) return;
      event.preventDefault();
      this.#submitForm(event.target);
    }, { signal });
    document.addEventListener("focusout", () => setTimeout(() => { if (this.#isStale) this.onChange(); }), { signal });
  }

  get id() { return this.#section.dataset.paymentId; }
  get name() { return this.#section.dataset.name; }

  dispose() { this.#disposal.abort(); }

  /** It changed somewhere. */
  onChange() {
    this.#isStale = true;
    if (this.#isSending) return;
    if (this.#isWrittenIn) this.#findPart("payment-stale").hidden = false;
    else this.refresh();
  }

  async refresh() {
    const request = this.#lastRequest += 1;
    this.#isStale = false;
    const fresh = await fetchPartial(`/supervisor/pagos/${this.id}/detalle`).catch(() => null);
    if (fresh && request === this.#lastRequest && !this.#disposal.signal.aborted) this.#showSection(fresh);
  }

  get #isWrittenIn() {
    const active = document.activeElement?.closest("form");
    if (active && this.#section.contains(active)) return true;
    return [...this.#section.querySelectorAll("textarea")].some(({ value }) => value.trim());
  }

  #findPart(id) { return this.#section.querySelector(`#${id}`); }

  #showSection(fresh) {
    const had = this.#section.contains(document.activeElement);
    const old = this.#section;
    this.#section = fresh;
    replaceElement(old, fresh);
    if (had && document.activeElement === document.body) this.#findPart("payment-title").focus({ preventScroll: true });
    this.#onRender();
  }

  async #submitForm(form) {
    if (this.#isSending) return;
    this.#isSending = true;
    const wasStale = this.#isStale;
    this.#isStale = false; // the answer is newer than what came until now
    form.ariaBusy = "true";
    this.#showProblemIn(form, "");
    try {
      const response = await fetch(form.getAttribute("action"), {
        method: "POST",
        headers: { Accept: "text/html" },
        body: new URLSearchParams(/** @type {any} */ (new FormData(form))),
      });
      const isRendered = await this.#onResponse(form, response);
      this.#isStale ||= wasStale && !isRendered;
    } catch {
      this.#isStale ||= wasStale;
      this.#showProblemIn(form, messages.no_network);
    } finally {
      this.#isSending = false;
      form.ariaBusy = "false";
      if (this.#isStale) this.onChange();
    }
  }

  /** The server answers with the page as it is now, and says there what it refused. False when it rendered none. */
  async #onResponse(form, response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (this.#disposal.signal.aborted) return true;
    const fresh = page.getElementById("payment");
    if (!fresh) {
      const isOut = response.status === 401 || response.status === 403 || new URL(response.url).pathname === "/login";
      if (isOut) leaveSignedOut();
      else this.#showProblemIn(form, paymentMessages.not_saved);
      return false;
    }
    this.#lastRequest += 1; // an older request under way must not come over this one
    const problem = fresh.querySelector("#payment-problem");
    if (problem) this.#onRefused(form.id, fresh, problem);
    else this.#onAccepted(form, fresh);
    return true;
  }

  #onAccepted(form, fresh) {
    form.reset();
    form.closest("details")?.removeAttribute("open");
    this.#showSection(fresh);
    showToast(paymentMessages[form.dataset.form], "ok");
    if (!this.#findPart(form.id)) this.#findPart("payment-title").focus({ preventScroll: true });
  }

  /** Say it where it was written; over the page when that form is gone. */
  #onRefused(formId, fresh, problem) {
    const sentence = problem.querySelector("[data-part=say]").textContent;
    problem.remove();
    this.#showSection(fresh);
    const form = this.#findPart(formId);
    if (form) this.#showProblemIn(form, sentence);
    else showToast(sentence);
  }

  #showProblemIn(form, sentence) {
    const field = form.querySelector("textarea");
    if (sentence) field.ariaInvalid = "true";
    else field.removeAttribute("aria-invalid");
    showProblem(form.querySelector("[data-part=problem]"), sentence);
    if (sentence) field.focus();
  }
}
