// The free slots of a day (templates/appointments/_day.html), and the one that is picked. Nothing is kept for the picker: until it
// is assigned, somebody else may take it, and then the board says so.

import { cloneTemplate } from "../ui/dom.js";
import { replace } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";

const SLOW_MS = 200;
const GAP_MS = 1_000;

export class DaySlots {
  #place;
  #asked;
  #onPick;
  #lastRequest = 0;
  #refresh = throttle(GAP_MS, () => this.#fetch(this.#day?.dataset.day));
  #hasLeft = false;
  picked = null; // { professionalId, startsAt, when, with }

  /** `asked` is { specialtyId, cityId, visitId or memberId }; `onPick(picked, wasTaken)` is told of every change. */
  constructor(place, asked, onPick) {
    this.#place = place;
    this.#asked = asked;
    this.#onPick = onPick;
    place.addEventListener("click", this.#click);
    this.#fetch();
  }

  leave() {
    this.#hasLeft = true;
    this.#place.removeEventListener("click", this.#click);
    this.#place.replaceChildren();
  }

  /** The same day again, at most once a second. */
  refresh() { if (!this.#hasLeft) this.#refresh(); }

  /** Whether an appointment that changed may have taken or freed a slot of this board. */
  concerns({ specialty_id, professional_id }) {
    return specialty_id === this.#asked.specialtyId
      || (this.#day?.dataset.professionals.split(" ").includes(String(professional_id)) ?? false);
  }

  drop() { this.#pick(null); }

  get #day() { return this.#place.querySelector("[data-part=day]"); }

  #click = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.do === "day-again") this.#fetch();
    else if (button.dataset.part === "slot") this.#pick(button.getAttribute("aria-pressed") === "true" ? null : button.dataset);
    else if (button.dataset.day) this.#fetch(button.dataset.day);
  };

  async #fetch(day = "") {
    const request = this.#lastRequest += 1;
    const { specialtyId, cityId, visitId, memberId } = this.#asked;
    const query = new URLSearchParams({
      especialidad: specialtyId, ciudad: cityId, dia: day, cita: visitId ?? 0, afiliado: memberId ?? 0,
    });
    const slow = setTimeout(() => { if (request === this.#lastRequest && !this.#day) this.#place.replaceChildren(cloneTemplate("day-loading")); }, SLOW_MS);
    let fresh;
    try {
      fresh = await fetchPartial(`/agente/citas/dia?${query}`) ?? cloneTemplate("day-broken");
    } catch {
      fresh = cloneTemplate("day-broken");
    }
    clearTimeout(slow);
    if (request !== this.#lastRequest || this.#hasLeft) return;
    // A refresh that failed says nothing new: what is shown stays, and the server decides about what is picked.
    if (!fresh.dataset.day && this.#day && day === this.#day.dataset.day) return;
    if (this.#day && fresh.dataset.day) replace(this.#day, fresh);
    else this.#place.replaceChildren(fresh);
    this.#look();
  }

  /** After a redraw: is what was picked still free? On another day it stays picked, out of sight. */
  #look() {
    if (!this.picked) return;
    const isShown = this.#day?.dataset.day === this.picked.day;
    if (isShown && !this.#slot(this.picked)) { this.picked = null; this.#onPick(null, true); return; }
    this.#press();
  }

  #pick(slot) {
    this.picked = slot && {
      professionalId: Number(slot.professionalId), startsAt: slot.startsAt, when: slot.when, with: slot.with,
      day: this.#day.dataset.day,
    };
    this.#press();
    this.#onPick(this.picked, false);
  }

  #slots() { return [...this.#place.querySelectorAll("[data-part=slot]")]; }

  #slot({ professionalId, startsAt }) {
    return this.#slots().find(({ dataset }) => dataset.startsAt === startsAt && Number(dataset.professionalId) === professionalId);
  }

  #press() {
    const own = this.picked && this.#slot(this.picked);
    for (const slot of this.#slots()) {
      slot.classList.toggle("is-mine", slot === own);
      slot.setAttribute("aria-pressed", String(slot === own));
    }
  }
}
