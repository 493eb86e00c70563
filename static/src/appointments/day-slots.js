// The free slots of a day (templates/appointments/_day.html), and the one that is picked. Nothing is kept for the picker: until it
// is assigned, somebody else may take it, and then the board says so.

import { cloneTemplate } from "../ui/dom.js";
import { replaceElement } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";

const SLOW_MS = 200;
const GAP_MS = 1_000;

export class DaySlots {
  #place;
  #asked;
  #onPick;
  #lastRequest = 0;
  #wanted = "";            // the day that is shown or being fetched
  #refresh = throttle(GAP_MS, () => this.#fetchDay());
  #isDisposed = false;
  picked = null; // { professionalId, startsAt, when, with }

  /** `asked` is { specialtyId, cityId, appointmentId or memberId }; `onPick(picked, wasTaken)` is told of every change. */
  constructor(place, asked, onPick) {
    this.#place = place;
    this.#asked = asked;
    this.#onPick = onPick;
    place.addEventListener("click", this.#onClick);
    this.#fetchDay();
  }

  dispose() {
    this.#isDisposed = true;
    this.#place.removeEventListener("click", this.#onClick);
    this.#place.replaceChildren();
  }

  /** The same day again, at most once a second. */
  refresh() { if (!this.#isDisposed) this.#refresh(); }

  /** Whether an appointment that changed may have taken or freed a slot of this board. */
  isAffectedBy({ specialty_id, professional_id }) {
    return specialty_id === this.#asked.specialtyId
      || (this.#day?.dataset.professionals.split(" ").includes(String(professional_id)) ?? false);
  }

  clearPick() { this.#pickSlot(null); }

  get #day() { return this.#place.querySelector("[data-part=day]"); }

  #onClick = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.do === "day-again") this.#fetchDay();
    else if (button.dataset.part === "slot") this.#pickSlot(button.getAttribute("aria-pressed") === "true" ? null : button.dataset);
    else if (button.dataset.day) this.#fetchDay(button.dataset.day);
  };

  #addressOf(day) {
    const { specialtyId, cityId, appointmentId, memberId } = this.#asked;
    return `/agente/citas/dia?${new URLSearchParams({
      especialidad: specialtyId, ciudad: cityId, dia: day, cita: appointmentId ?? 0, afiliado: memberId ?? 0,
    })}`;
  }

  async #fetchDay(day = this.#wanted) {
    const request = this.#lastRequest += 1;
    this.#wanted = day;
    // A click for a slot of the day that is leaving would take one of another day.
    this.#place.querySelector("[data-scroll=day]")?.toggleAttribute("inert", day !== this.#day.dataset.day);
    const slow = setTimeout(() => { if (request === this.#lastRequest && !this.#day) this.#place.replaceChildren(cloneTemplate("day-loading")); }, SLOW_MS);
    const fresh = await fetchPartial(this.#addressOf(day)).catch(() => null) ?? cloneTemplate("day-broken");
    clearTimeout(slow);
    if (request !== this.#lastRequest || this.#isDisposed) return;
    // A refresh that failed says nothing new: what is shown stays, and the server decides about what is picked.
    if (!fresh.dataset.day && this.#day && day === this.#day.dataset.day) return;
    if (this.#day && fresh.dataset.day) replaceElement(this.#day, fresh);
    else this.#place.replaceChildren(fresh);
    this.#wanted = this.#day?.dataset.day ?? day;
    this.#checkPicked();
  }

  /** After a refresh: is what was picked still free? On another day it stays picked, out of sight. */
  #checkPicked() {
    if (!this.picked) return;
    const isShown = this.#day?.dataset.day === this.picked.day;
    if (isShown && !this.#findSlot(this.picked)) { this.picked = null; this.#onPick(null, true); return; }
    this.#markPicked();
  }

  #pickSlot(slot) {
    this.picked = slot && {
      professionalId: Number(slot.professionalId), startsAt: slot.startsAt, when: slot.when, with: slot.with,
      day: this.#day.dataset.day,
    };
    this.#markPicked();
    this.#onPick(this.picked, false);
  }

  #listSlots() { return [...this.#place.querySelectorAll("[data-part=slot]")]; }

  #findSlot({ professionalId, startsAt }) {
    return this.#listSlots().find(({ dataset }) => dataset.startsAt === startsAt && Number(dataset.professionalId) === professionalId);
  }

  #markPicked() {
    const own = this.picked && this.#findSlot(this.picked);
    for (const slot of this.#listSlots()) {
      slot.classList.toggle("is-mine", slot === own);
      slot.setAttribute("aria-pressed", String(slot === own));
    }
  }
}
