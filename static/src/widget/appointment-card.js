// How one appointment is rendered, with what the member may do about it.

import { formatCalendarDay } from "../core/dates.js";
import { APPOINTMENT_LABELS, OPEN_APPOINTMENT_STATUSES } from "../core/statuses.js";
import { makeButton, makeField, h, makeIcon, makeLink, makePageLink, makeProblem, makeTime } from "./dom.js";

export const isPending = ({ status }) => OPEN_APPOINTMENT_STATUSES.includes(status);
const isSure = ({ status }) => /^(CONF|RESCH)/.test(status);

/** `appointments` is asked for what is known (isWaiting, isCancelling) and does what is pressed. */
export function makeCard(appointment, appointments) {
  const { id, status, starts_at: at, patient, ticket_number: ticket } = appointment;
  const isOpen = isPending(appointment);
  const problem = makeProblem("appointment-problem");
  const kind = isSure(appointment) ? "sure" : isOpen ? "pending" : "over";
  const renderActions = () => (appointments.isCancelling(id) ? makeCancelForm(id, appointments, problem) : makeActions(appointment, appointments, problem));
  return h("article.w-card.w-appointment", { "data-appointment-id": id },
    h("p.w-day", { "aria-hidden": "true" }, at ? formatCalendarDay(at).map((text, n) => h(n === 1 ? "b" : "span", {}, text)) : makeIcon("wait")),
    h("div", {},
      h("h4", {}, at && [makeTime(at), ", "], `${appointment.specialty_name}, ${appointment.first_time ? "primera vez" : "control"}`),
      h("p", {}, `${patient.first_name} ${patient.last_name}`),
      h("p.w-hint", {}, [appointment.professional_name, appointment.place].filter(Boolean).join(", ")),
      h(`p.w-state.is-${kind}`, { "data-state": status }, makeIcon(kind === "sure" ? "plan" : "wait"), `${APPOINTMENT_LABELS[status]} · ${ticket}`)),
    isOpen && h("div.w-more", { "data-part": "do" }, renderActions(), problem));
}

function makeActions(appointment, appointments, problem) {
  const { id } = appointment;
  return h("p.w-ways", {},
    isSure(appointment) && makeLink("Agregar al calendario", () => appointments.addToCalendar(appointment, problem), { "data-do": "calendar" }),
    appointments.isWaiting(id)
      ? h("span.w-hint", {}, "Le avisaremos si se libera un horario antes.")
      : makeLink("Avisarme si hay antes", () => appointments.waitForEarlier(id, problem), { "data-do": "wait" }),
    isSure(appointment) && makePageLink(appointments.moveUrl(id), "Mover", "w-link"),
    makeLink("Cancelar", () => appointments.askToCancel(id), { "data-do": "cancel" }));
}

function makeCancelForm(id, appointments, problem) {
  const reason = makeField("cancel-reason", "¿Nos cuenta por qué? (opcional)", "textarea", { rows: 2, maxlength: 500 });
  const form = h("form.w-rate", {}, reason, h("p.w-pair", {},
    makeButton("w-btn", "Conservar la cita", () => appointments.closeCancelForm(), { id: "cancel-keep" }),
    h("button.w-btn.w-main", { type: "submit", id: "cancel-go" }, "Sí, cancelarla")));
  form.onsubmit = (event) => {
    event.preventDefault();
    appointments.cancelAppointment(id, reason.lastChild.value.trim(), problem);
  };
  return form;
}
