// The member's appointments: what is to come, what waits for a time, what was; and the notices about them.

import { formatTime, formatDateTime } from "../core/dates.js";
import { EVENTS } from "../core/protocol.js";
import { isPending, makeCard } from "./appointment-card.js";
import { attempt } from "./attempt.js";
import { makeButton, h, saveFile, makeIcon, renderChildren, makeProblem } from "./dom.js";

const GROUPS = { coming: "Próximas", asked: "Por agendar", past: "Anteriores" };
const SHOWN_PAST = 5;
const PATH = "medical-appointment";

const whenText = (at, professional) => `${formatDateTime(at)}${professional ? `, con ${professional}` : ""}`;

export class Appointments {
  #app;
  #known = new Map();      // id -> appointment
  #waiting = new Set();    // ids: of these an earlier time is welcome
  #cancelling = 0;         // id of the one whose form is open
  #sheet = h("div.w-sheet", { tabindex: 0, role: "region", "aria-label": "Mis citas" });

  constructor(app) {
    this.#app = app;
    const book = makeButton("w-btn.w-main", [makeIcon("plan"), "Pedir una cita"], () => app.bookAppointment(), { id: "appointments-book" });
    this.el = h("div", {}, this.#sheet, h("p.w-foot", {}, book));
    this.#addListeners();
  }

  focus() { this.#sheet.focus(); }

  describeHead() { return this.#app.ownHead; }

  // ---- What the cards ask for --------------------------------------------------------------

  isWaiting(id) { return this.#waiting.has(id); }
  isCancelling(id) { return this.#cancelling === id; }
  moveUrl(id) { return `${this.#app.origin}/mi/citas/${id}/mover`; }

  addToCalendar({ id, ticket_number: ticket }, problem) {
    return attempt(problem, async () => saveFile(await this.#app.callApi(`${PATH}/${id}/calendar`, { as: "blob" }), `${ticket}.ics`));
  }

  waitForEarlier(id, problem) {
    return attempt(problem, async () => {
      await this.#app.callApi(`${PATH}/${id}/wait`, { method: "POST" });
      this.#waiting.add(id);
      this.#render();
    });
  }

  askToCancel(id) {
    this.#cancelling = id;
    this.#render();
    this.#sheet.querySelector("#cancel-keep").focus();
  }

  /** Close the form: the appointment stays, or is cancelled by now. */
  closeCancelForm() {
    this.#cancelling = 0;
    this.#render();
    this.#sheet.focus();
  }

  cancelAppointment(id, reason, problem) {
    return attempt(problem, async () => {
      this.#putAppointment(await this.#app.callApi(`${PATH}/cancel/${id}`, { method: "PUT", body: { reason } }));
      this.closeCancelForm();
    });
  }

  // ---- How they are rendered --------------------------------------------------------------------

  #groupByTime() {
    const groups = { coming: [], asked: [], past: [] };
    for (const one of [...this.#known.values()].sort((a, b) => b.id - a.id)) {
      groups[!isPending(one) ? "past" : one.starts_at ? "coming" : "asked"].push(one);
    }
    groups.coming.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    groups.past.splice(SHOWN_PAST);
    return Object.entries(groups).filter(([, group]) => group.length);
  }

  #render() {
    const groups = this.#groupByTime();
    const makeGroup = (name) => h("section.w-group", { "data-group": name }, h("h3.w-sub", {}, GROUPS[name]), h("div.w-group"));
    const makeEmpty = () => h("div.w-empty", {}, h("h3.w-title", {}, "Todavía no tiene citas"), "Cuando pida una, aquí ve en qué va.");
    const cardItems = (group) => group.map((one) => [
      [one.id, one.version, this.isWaiting(one.id), this.isCancelling(one.id)].join(), () => makeCard(one, this),
    ]);
    const items = groups.map(([name, group]) => [name, () => makeGroup(name), (element) => renderChildren(element.lastChild, cardItems(group))]);
    renderChildren(this.#sheet, items.length ? items : [["none", makeEmpty]]);
  }

  // ---- What happens --------------------------------------------------------------------------

  /** Returns false for what is known already: versions only grow, whatever order they come in. */
  #putAppointment(appointment) {
    if (this.#known.get(appointment.id)?.version >= appointment.version) return false;
    this.#known.set(appointment.id, appointment);
    this.#render();
    return true;
  }

  #addListeners() {
    const { connection } = this.#app;
    connection.on(EVENTS.USER_APPOINTMENTS, ({ appointments }) => {
      this.#known = new Map(appointments.map((one) => [one.id, one]));
      this.#render();
    });
    connection.on([EVENTS.NEW_APPOINTMENT, EVENTS.APPOINTMENT_UPDATED], ({ appointment }) => {
      if (this.#putAppointment(appointment)) this.#app.addUnread("appointments");
    });
    connection.on(EVENTS.APPOINTMENT_REMINDER, ({ appointment }) => {
      const { id, specialty_name: what, patient, professional_name: professional, starts_at: at } = appointment;
      this.#app.showNotice("reminder", id, "Recuerde su cita", `${what} para ${patient.first_name}: ${whenText(at, professional)}`);
    });
    connection.on(EVENTS.SLOT_OFFERED, (frame) => this.#showOffer(frame));
  }

  #showOffer({ appointment_id: id, starts_at: at, expires_at: until, professional_name: professional, condition }) {
    const what = this.#known.get(id)?.specialty_name;
    const problem = makeProblem("offer-problem");
    const makeAnswer = (label, accepts, name) => makeButton("w-btn", label, () => attempt(problem, async () => {
      await this.#app.callApi(`${PATH}/${id}/offer`, { method: "POST", body: { accepts } });
      end();
    }), { id: `offer-${name}` });
    const text = `${what ? `Para su cita de ${what}: ` : ""}${whenText(at, professional)}. Se lo guardamos hasta las ${formatTime(until)} ${condition}`;
    const end = this.#app.showNotice("offer", id, "Se liberó un horario antes", text,
      problem, h("p.w-pair", {}, makeAnswer("Tomar", true, "take"), makeAnswer("No, gracias", false, "decline")));
    setTimeout(end, Math.max(0, Date.parse(until) - Date.now()));
  }
}
