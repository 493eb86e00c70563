// What a member should see at once: an earlier time that is kept for them for a while, and that a visit is near.

import { call } from "./api.js";
import { clock, day, full } from "./format.js";
import { EVENTS } from "./protocol.js";
import { shelf } from "./shelf.js";
import { sayProblem } from "./toasts.js";
import { words } from "./words.js";

const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const whenOf = (at) => `${day(at).toLowerCase()}, ${clock(at)}`;

export class Notices {
  #place = document.getElementById("notices");
  #prefix;
  #visitOf;
  #getToken;

  /** `visitOf(id)` is the visit if it is known. An offer outlives a reload: the server says it only once. */
  constructor({ userId, wire, getToken, visitOf }) {
    this.#prefix = `beneficiate:offer:${userId}:`;
    this.#visitOf = visitOf;
    this.#getToken = getToken;
    wire.on(EVENTS.SLOT_OFFERED, (offer) => {
      shelf.set(this.#prefix + offer.appointment_id, JSON.stringify(offer));
      this.#offer(offer);
    });
    wire.on(EVENTS.USER_APPOINTMENTS, () => {
      for (const key of shelf.keys(this.#prefix)) this.#offer(JSON.parse(shelf.get(key)));
    });
    wire.on(EVENTS.APPOINTMENT_REMINDER, ({ appointment }) => this.#remind(appointment));
  }

  #offer(offer) {
    const { appointment_id: visitId, starts_at, expires_at, professional_name } = offer;
    this.#place.querySelector(`[data-visit-id="${visitId}"][data-notice=offer]`)?.remove();
    const left = new Date(expires_at) - Date.now();
    if (left <= 0) { this.#forget(visitId); return; }
    const card = clone("notice-offer");
    card.dataset.visitId = visitId;
    card.querySelector("[data-part=say]").textContent = words.offer(this.#visitOf(visitId)?.specialty_name, whenOf(starts_at), professional_name);
    Object.assign(card.querySelector("[data-part=until]"), { dateTime: expires_at, title: full(expires_at), textContent: clock(expires_at) });
    card.querySelector("[data-do=take]").addEventListener("click", () => this.#answer(card, offer, true));
    card.querySelector("[data-do=decline]").addEventListener("click", () => this.#answer(card, offer, false));
    this.#place.prepend(card);
    setTimeout(() => { if (card.isConnected) this.#end(card, visitId); }, left);
  }

  async #answer(card, { appointment_id: visitId }, accepts) {
    const buttons = card.querySelectorAll("button");
    const problem = card.querySelector(".field-error");
    sayProblem(problem, "");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await call(`/api/v1/medical-appointment/${visitId}/offer`, { method: "POST", token: await this.#getToken(), body: { accepts } });
      this.#end(card, visitId);
    } catch (refusal) {
      sayProblem(problem, refusal.message || words.no_network);
      // What the server refused is over; what it did not hear can be said again.
      if (refusal.status) this.#forget(visitId);
      else buttons.forEach((button) => { button.disabled = false; });
    }
  }

  #end(card, visitId) {
    this.#forget(visitId);
    const hadFocus = card.contains(document.activeElement);
    card.remove();
    if (hadFocus) document.querySelector("#parts [aria-selected=true]").focus();
  }

  #forget(visitId) { shelf.remove(this.#prefix + visitId); }

  #remind({ id, specialty_name, patient, professional_name, starts_at }) {
    this.#place.querySelector(`[data-visit-id="${id}"][data-notice=reminder]`)?.remove();
    const card = clone("notice-reminder");
    card.dataset.visitId = id;
    card.querySelector("[data-part=say]").textContent = words.reminder(specialty_name, patient.first_name, whenOf(starts_at), professional_name);
    card.querySelector("[data-do=dismiss]").addEventListener("click", () => card.remove());
    this.#place.append(card);
  }
}
