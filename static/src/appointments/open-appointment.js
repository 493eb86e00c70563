// One open request (templates/appointments/_detail.html) and what may be done with it. When it changed, here or elsewhere, the
// server renders it again; the board of slots, what is typed and where one was stay.

import { callApi } from "../core/api.js";
import { CODES } from "../core/protocol.js";
import { messages } from "../ui/messages.es.js";
import { captureState } from "../ui/replace.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { showProblem, showToast } from "../ui/toasts.js";
import { DaySlots } from "./day-slots.js";

const LEAST_REASON = 3;
const cancelling = document.getElementById("cancel-dialog");
const cancelForm = document.getElementById("cancel-form");
const cancelReason = /** @type {HTMLTextAreaElement} */ (document.getElementById("cancel-reason"));

// Empty for the next one, and not when it is opened: what was typed before the sign-in ended is in it by then.
cancelling.addEventListener("close", () => { cancelReason.value = ""; });

export class OpenAppointment {
  #section;
  #daySlots = null;
  #onRefresh;
  #disposal = new AbortController();
  #isBusy = false;

  /** `section` is on the page already; `onRefresh()` is called when it was rendered again. */
  constructor(section, onRefresh) {
    this.#section = section;
    this.#onRefresh = onRefresh;
    document.addEventListener("click", (event) => this.#onClick(event), { signal: this.#disposal.signal });
    cancelForm.addEventListener("submit", (event) => { event.preventDefault(); this.#cancelAppointment(); }, { signal: this.#disposal.signal });
    if (this.#findPart("appointment-slots")?.hidden === false) this.#openSlots();
  }

  get id() { return Number(this.#section.dataset.appointmentId); }
  get name() { return this.#section.dataset.name; }

  dispose() {
    this.#disposal.abort();
    this.#daySlots?.dispose();
    cancelling.close();
    cancelReason.value = "";
  }

  /** An appointment changed somewhere: this one, or one that takes or frees a time. */
  async onChange(appointment) {
    if (appointment.id === this.id) await this.refresh(appointment.version);
    else if (this.#daySlots?.isAffectedBy(appointment)) this.#daySlots.refresh();
  }

  /** Render it again, unless this version of it is shown. */
  async refresh(version = null) {
    if (version !== null && version <= Number(this.#section.dataset.version)) return;
    const fresh = await fetchPartial(`/agente/citas/${this.id}`).catch(() => null);
    if (!fresh || this.#disposal.signal.aborted || Number(fresh.dataset.version) < Number(this.#section.dataset.version)) return;
    const old = this.#section;
    const restore = captureState(old);
    this.#section = fresh;
    this.#keepSlots(old, fresh);
    old.replaceWith(fresh);
    restore(fresh);
    if (document.activeElement === document.body) this.#findPart("appointment-title").focus({ preventScroll: true });
    this.#onRefresh();
  }

  /** The connection was away: times may have been taken meanwhile. */
  refreshAll() {
    this.refresh();
    this.#daySlots?.refresh();
  }

  #findPart(id) { return this.#section.querySelector(`#${id}`); }

  #keepSlots(old, fresh) {
    const [place, next] = [old, fresh].map((section) => section.querySelector("#appointment-slots"));
    // What was picked was picked for what it was then: in another state one picks again.
    if (!next || old.dataset.status !== fresh.dataset.status) this.#closeSlots();
    if (!this.#daySlots) { if (next?.hidden === false) this.#openSlots(); return; }
    next.replaceWith(place);
    this.#findPart("appointment-move")?.setAttribute("aria-expanded", "true");
    this.#showPicked(this.#daySlots.picked, false);
    this.#daySlots.refresh();
  }

  #openSlots() {
    const { specialtyId, cityId } = this.#section.dataset;
    const asked = { specialtyId: Number(specialtyId), cityId: Number(cityId), appointmentId: this.id };
    this.#daySlots = new DaySlots(this.#findPart("appointment-slots"), asked, (...picked) => this.#showPicked(...picked));
  }

  #closeSlots() {
    this.#daySlots?.clearPick();
    this.#daySlots?.dispose();
    this.#daySlots = null;
  }

  #showPicked(picked, wasTaken) {
    const pickedSlot = this.#findPart("appointment-picked-slot");
    if (!pickedSlot) return;
    pickedSlot.hidden = !picked && !wasTaken;
    for (const part of ["when", "with"]) pickedSlot.querySelector(`[data-part=${part}]`).textContent = picked?.[part] ?? "";
    pickedSlot.querySelector(".picked-slot-do").hidden = !picked;
    showProblem(this.#findPart("appointment-picked-slot-problem"), wasTaken ? messages.slot_gone : "");
  }

  #onClick({ target }) {
    const button = target.closest("button");
    if (button && cancelling.contains(button) && button.dataset.do === "keep") cancelling.close();
    if (!button || !this.#section.contains(button)) return;
    if (button.dataset.to) this.#changeStatus({ status: button.dataset.to }, "appointment-problem");
    if (button.id === "appointment-move") this.#toggleSlots(button);
    if (button.id === "appointment-cancel") this.#askToCancel();
    if (button.id === "appointment-drop") this.#daySlots.clearPick();
    if (button.id === "appointment-assign") this.#assignPicked();
  }

  #toggleSlots(button) {
    const place = this.#findPart("appointment-slots");
    place.hidden = !place.hidden;
    button.setAttribute("aria-expanded", String(!place.hidden));
    this.#findPart("appointment-past").open = place.hidden;
    if (place.hidden) this.#closeSlots();
    else this.#openSlots();
  }

  #assignPicked() {
    const { professionalId, startsAt } = this.#daySlots.picked;
    const reason = this.#findPart("appointment-reason")?.value.trim() ?? "";
    if (this.#findPart("appointment-reason") && reason.length < LEAST_REASON) {
      showProblem(this.#findPart("appointment-picked-slot-problem"), messages.reason_needed);
      this.#findPart("appointment-reason").focus();
      return;
    }
    const { slotStatus } = this.#section.dataset;
    this.#changeStatus({ status: slotStatus, professional_id: professionalId, starts_at: startsAt, reason }, "appointment-picked-slot-problem");
  }

  async #changeStatus(body, problemAt) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const version = Number(this.#section.dataset.version);
    showProblem(this.#findPart(problemAt), "");
    try {
      const path = `/api/v1/medical-appointment/status/${this.id}`;
      const appointment = await callApi(path, { method: "PUT", token: await getToken(), body: { ...body, version } });
      showToast(messages.appointment_status(appointment.ticket_number, appointment.status), "ok");
      this.#closeSlots();
      await this.refresh();
    } catch (refusal) {
      await this.#onRefused(refusal, problemAt);
    } finally {
      this.#isBusy = false;
    }
  }

  async #onRefused({ code, message }, problemAt) {
    if (code === CODES.SLOT_TAKEN) this.#daySlots?.refresh();
    else if (code === CODES.ILLEGAL_TRANSITION) await this.refresh();
    const place = this.#findPart(problemAt) ?? this.#findPart("appointment-problem");
    if (place) showProblem(place, message || messages.no_network);
    else showToast(message || messages.no_network);
  }

  #askToCancel() {
    const isNeeded = this.#section.dataset.needsReason === "true";
    cancelForm.querySelector("[data-part=name]").textContent = this.name;
    cancelForm.querySelector("[data-part=optional]").hidden = isNeeded;
    cancelForm.querySelector("[data-part=required]").hidden = !isNeeded;
    showProblem(document.getElementById("cancel-problem"), "");
    cancelling.showModal();
    cancelReason.focus();
  }

  async #cancelAppointment() {
    const problem = document.getElementById("cancel-problem");
    const reason = cancelReason.value.trim();
    if (this.#section.dataset.needsReason === "true" && reason.length < LEAST_REASON) {
      showProblem(problem, messages.reason_needed);
      cancelReason.focus();
      return;
    }
    try {
      const path = `/api/v1/medical-appointment/cancel/${this.id}`;
      const appointment = await callApi(path, { method: "PUT", token: await getToken(), body: { reason } });
      cancelling.close();
      showToast(messages.appointment_status(appointment.ticket_number, appointment.status), "ok");
    } catch (refusal) {
      showProblem(problem, refusal.message || messages.no_network);
      return;
    }
    await this.refresh();
  }
}
