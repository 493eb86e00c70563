// A booking by phone in three steps (templates/appointments/_phone.html): who, what, when. What was typed stays until the appointment is
// registered, also when the dialog is closed.

import { callApi } from "../core/api.js";
import { newId } from "../core/ids.js";
import { formatRelativeDay } from "../core/dates.js";
import { CODES } from "../core/protocol.js";
import { messages } from "../ui/messages.es.js";
import { SearchField } from "../ui/search-field.js";
import { getToken } from "../ui/server.js";
import { PEOPLE_PAUSE_MS } from "../ui/throttle.js";
import { showProblem } from "../ui/toasts.js";
import { DaySlots } from "./day-slots.js";

const SHORTEST_NOTES = 3;
const SHORTEST_SEARCH = 2;

function describePatient({ beneficiary_id, document, member, city_name, plan }) {
  const who = beneficiary_id ? messages.beneficiary_of(member) : messages.main_member;
  return [who, document, city_name, plan ? messages.plan_until(plan.name, formatRelativeDay(plan.ends_at)) : messages.no_plan].filter(Boolean).join(" · ");
}

function toHit(person) {
  return { id: person.patient, label: person.name, hint: describePatient(person), disabled: !person.plan, person };
}

export class PhoneBooking {
  #dialog;
  #onBooked;
  #forms;
  #patient;
  #city;
  #specialty;
  #person = null;
  #daySlots = null;
  #slotsFor = "";
  #requestKey = "";        // of this booking: sent again after a cut, it books once
  #isBusy = false;

  /** `onBooked(appointment)` when it is registered and the dialog gone. */
  constructor(dialog, onBooked) {
    this.#dialog = dialog;
    this.#onBooked = onBooked;
    this.#forms = [...dialog.querySelectorAll("form")];
    this.#patient = new SearchField(dialog.querySelector("[data-search-field=phone-who]"), {
      path: "/api/v1/patients/search",
      getToken,
      typingMs: PEOPLE_PAUSE_MS,
      shortest: SHORTEST_SEARCH,
      readHits: ({ patients, has_more }) => ({ hits: patients.map(toHit), more: has_more ? messages.more_patients : "" }),
      onTake: ({ person }) => this.#choosePatient(person),
    });
    this.#city = new SearchField(dialog.querySelector("[data-search-field=phone-city]"), { path: "/api/v1/townships/search", getToken });
    this.#specialty = new SearchField(dialog.querySelector("[data-search-field=phone-specialty]"), { path: "/api/v1/medical-specialties/search", getToken });
    const act = [() => this.#confirmPatient(), () => this.#confirmRequest(), () => this.#bookAppointment()];
    this.#forms.forEach((form, at) => form.addEventListener("submit", (event) => { event.preventDefault(); act[at](); }));
    dialog.addEventListener("click", ({ target }) => {
      if (target.closest("#phone-close")) dialog.close();
      if (target.closest("[data-do=back]")) this.#showStep(this.#step - 1);
    });
    this.#findPart("phone-later").addEventListener("change", () => { this.#daySlots.clearPick(); this.#showPicked(null, false); });
  }

  open() {
    this.#dialog.showModal();
    this.#focusStep();
    const { chat } = this.#forms[0].dataset;
    if (this.#step === 0 && chat) this.#offerPatientsOf(chat); // we were sent here from a chat
  }

  onChange(appointment) { if (this.#daySlots?.isAffectedBy(appointment)) this.#daySlots.refresh(); }

  #findPart(id) { return this.#dialog.querySelector(`#${id}`); }

  get #step() { return this.#forms.findIndex((form) => !form.hidden); }

  #showStep(step) {
    this.#forms.forEach((form, at) => { form.hidden = at !== step; });
    this.#findPart("phone-at").textContent = messages.phone_steps[step];
    this.#focusStep();
  }

  #focusStep() {
    const form = this.#forms[this.#step];
    (this.#step === 2 ? this.#findPart("phone-later") : form.querySelector("input:not([type=radio])")).focus();
  }

  // ---- Who ------------------------------------------------------------------------

  #confirmPatient() {
    if (this.#patient.requireValue(messages.patient_needed)) this.#choosePatient(this.#patient.value.person);
  }

  async #offerPatientsOf(chat) {
    try {
      const patients = await callApi(`/api/v1/patients?${new URLSearchParams({ chat })}`, { token: await getToken() });
      this.#patient.offerHits(patients.map(toHit));
    } catch (refusal) {
      this.#patient.showProblem(refusal.message || messages.no_network);
    }
  }

  #choosePatient(person) {
    const isOther = person.patient !== this.#person?.patient;
    this.#person = person;
    this.#dialog.querySelector("[data-part=patient]").textContent = `${person.name} · ${describePatient(person)}`;
    if (isOther) this.#forgetRequest(person);
    this.#findPart("phone-notes-field").hidden = !person.asks_reason;
    this.#findPart("phone-no-notes").hidden = person.asks_reason;
    this.#findPart("phone-consent-field").hidden = !person.needs_consent;
    this.#showStep(1);
    if (this.#city.value) this.#findPart("phone-specialty").focus();
  }

  /** What was told of one patient, and the slot that was picked for them, are not for the next one. */
  #forgetRequest({ city_id: cityId, city_name: cityName }) {
    this.#forms[1].reset();
    this.#city.setValue(cityId ? { id: cityId, label: cityName } : null);
    this.#specialty.setValue(null);
    this.#daySlots?.clearPick();
    this.#findPart("phone-later").checked = false;
  }

  // ---- What -----------------------------------------------------------------------

  #confirmRequest() {
    const fields = [this.#specialty.requireValue(messages.choose_specialty), this.#city.requireValue(messages.choose_city)];
    const isRight = [this.#requireReason(), ...fields].every(Boolean);
    if (!isRight) return;
    const { city, specialty } = this.#chosen;
    const memberId = this.#person.user_id;
    const wanted = `${city.id}:${specialty.id}:${memberId}`;
    this.#dialog.querySelector("[data-part=sum]").textContent = [this.#person.name, specialty.label, city.label, this.#isFirst ? messages.first_time : messages.control].join(" · ");
    this.#showStep(2);
    this.#requestKey = newId();
    showProblem(this.#findPart("phone-problem"), "");
    if (wanted === this.#slotsFor) { this.#daySlots.refresh(); return; }
    this.#daySlots?.dispose();
    this.#slotsFor = wanted;
    this.#daySlots = new DaySlots(this.#findPart("phone-slots"), { specialtyId: specialty.id, cityId: city.id, memberId }, (...picked) => this.#showPicked(...picked));
    this.#showPicked(null, false);
  }

  /** A reason may be left out. It is health data: without a consent to its storage nobody types one. */
  #requireReason() {
    const [notes, consent] = [this.#findPart("phone-notes"), this.#findPart("phone-consent")];
    const isShort = this.#reason !== "" && [...this.#reason].length < SHORTEST_NOTES;
    const isUnagreed = !isShort && this.#reason !== "" && this.#person.needs_consent && !consent.checked;
    showProblem(this.#findPart("phone-notes-problem"), isShort ? messages.notes_short : isUnagreed ? messages.consent_needed : "");
    for (const [field, isWrong] of [[notes, isShort], [consent, isUnagreed]]) {
      if (isWrong) { field.setAttribute("aria-invalid", "true"); field.focus(); } else field.removeAttribute("aria-invalid");
    }
    return !isShort && !isUnagreed;
  }

  get #reason() { return this.#person.asks_reason ? this.#findPart("phone-notes").value.trim() : ""; }

  get #chosen() { return { city: this.#city.value, specialty: this.#specialty.value }; }

  get #isFirst() { return this.#forms[1].elements.first_time.value === "true"; }

  // ---- When -----------------------------------------------------------------------

  #showPicked(picked, wasTaken) {
    if (picked) this.#findPart("phone-later").checked = false;
    for (const part of ["when", "with"]) this.#forms[2].querySelector(`[data-part=${part}]`).textContent = picked?.[part] ?? "";
    showProblem(this.#findPart("phone-problem"), wasTaken ? messages.slot_gone : "");
    this.#requestKey = newId();
  }

  async #bookAppointment() {
    const { picked } = this.#daySlots;
    if (this.#isBusy) return;
    if (!picked && !this.#findPart("phone-later").checked) { showProblem(this.#findPart("phone-problem"), messages.slot_needed); return; }
    this.#isBusy = true;
    showProblem(this.#findPart("phone-problem"), "");
    const { city, specialty } = this.#chosen;
    const body = {
      user_id: this.#person.user_id,
      beneficiary_id: this.#person.beneficiary_id,
      specialty_id: specialty.id,
      city_id: city.id,
      first_time: this.#isFirst,
      notes: this.#reason,
      ...(this.#reason && this.#person.needs_consent && { consent_version: this.#findPart("phone-consent").value }),
      ...(picked && { professional_id: picked.professionalId, starts_at: picked.startsAt }),
      request_key: this.#requestKey,
    };
    try {
      const appointment = await callApi("/api/v1/medical-appointment/create-pending", { method: "POST", token: await getToken(), body });
      this.#daySlots.dispose();
      this.#dialog.close();
      this.#dialog.remove();
      this.#onBooked(appointment);
    } catch (refusal) {
      if (refusal.code === CODES.SLOT_TAKEN) this.#daySlots.refresh();
      showProblem(this.#findPart("phone-problem"), refusal.message || messages.no_network);
    } finally {
      this.#isBusy = false;
    }
  }
}
