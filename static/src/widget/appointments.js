// The member's visits: what is to come, what waits for a time, what was; and the notices about them.

import { clock, leaf, moment } from "../core/dates.js";
import { button, field, h, hand, icon, link, paint, problemOf, time } from "./dom.js";

const OPEN = { PENDING: "Pendiente", TO_BE_CONFIRMED: "Por confirmar", CONFIRMED: "Confirmada", RESCHEDULED: "Reprogramada" };
const OVER = { CANCELLED: "Cancelada", EXPIRED: "Vencida", ATTENDED: "Atendida", NO_SHOW: "No asistió" };
const GROUPS = { coming: "Próximas", asked: "Por agendar", past: "Anteriores" };
const SHOWN_PAST = 5;
const PATH = "medical-appointment";

export function makeAppointments(it) {
  const { connection, call } = it;
  let visits = new Map();
  const waiting = new Set(); // of these an earlier time is welcome
  let cancelling = 0;

  const sheet = h("div.w-sheet", { tabindex: 0, role: "region", "aria-label": "Mis citas" });
  const el = h("div", {}, sheet, h("p.w-foot", {}, button("w-btn.w-main", [icon("plan"), "Pedir una cita"], it.book, { id: "visits-book" })));
  const whenOf = (at, professional) => `${moment(at)}${professional ? `, con ${professional}` : ""}`;

  function draw() {
    const groups = { coming: [], asked: [], past: [] };
    for (const visit of [...visits.values()].sort((a, b) => b.id - a.id)) groups[!OPEN[visit.status] ? "past" : visit.starts_at ? "coming" : "asked"].push(visit);
    groups.coming.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    groups.past.splice(SHOWN_PAST);
    const shown = Object.entries(groups).filter(([, group]) => group.length);
    paint(sheet, shown.length ? shown.map(([name, group]) => [name,
      () => h("section.w-group", { "data-group": name }, h("h3.w-sub", {}, GROUPS[name]), h("div.w-group")),
      (part) => paint(part.lastChild, group.map((visit) => [[visit.id, visit.version, waiting.has(visit.id), cancelling === visit.id].join(), () => card(visit)])),
    ]) : [["none", () => h("div.w-empty", {}, h("h3.w-title", {}, "Todavía no tiene citas"), "Cuando pida una, aquí ve en qué va.")]]);
  }

  function card(visit) {
    const { id, status, starts_at: at, patient, ticket_number: ticket } = visit;
    const isSure = /^(CONF|RESCH)/.test(status);
    const problem = problemOf("visit-problem");
    const attempt = (task) => it.attempt(problem, task);
    const cancel = (which, focus) => { cancelling = which; draw(); (focus ? sheet.querySelector("#cancel-keep") : sheet).focus(); };
    const reason = field("cancel-reason", "¿Nos cuenta por qué? (opcional)", "textarea", { rows: 2, maxlength: 500 });
    const form = () => Object.assign(h("form.w-rate", {}, reason, h("p.w-pair", {}, button("w-btn", "Conservar la cita", () => cancel(0), { id: "cancel-keep" }), h("button.w-btn.w-main", { type: "submit", id: "cancel-go" }, "Sí, cancelarla"))), {
      onsubmit: (event) => {
        event.preventDefault();
        attempt(async () => {
          take(await call(`${PATH}/cancel/${id}`, { method: "PUT", body: { reason: reason.lastChild.value.trim() } }));
          cancel(0);
        });
      },
    });
    const todo = () => h("p.w-ways", {},
      isSure && link("Agregar al calendario", () => attempt(async () => hand(await call(`${PATH}/${id}/calendar`, { as: "blob" }), `${ticket}.ics`)), { "data-do": "calendar" }),
      waiting.has(id) ? h("span.w-hint", {}, "Le avisaremos si se libera un horario antes.") : link("Avisarme si hay antes", () => attempt(async () => {
        await call(`${PATH}/${id}/wait`, { method: "POST" });
        waiting.add(id);
        draw();
      }), { "data-do": "wait" }),
      link("Cancelar", () => cancel(id, true), { "data-do": "cancel" }));
    return h("article.w-card.w-visit", { "data-visit-id": id },
      h("p.w-day", { "aria-hidden": "true" }, at ? leaf(at).map((text, n) => h(n === 1 ? "b" : "span", {}, text)) : icon("wait")),
      h("div", {},
        h("h4", {}, at && [time(at), ", "], `${visit.specialty_name}, ${visit.first_time ? "primera vez" : "control"}`),
        h("p", {}, `${patient.first_name} ${patient.last_name}`),
        h("p.w-hint", {}, [visit.professional_name, visit.city_name].filter(Boolean).join(", ")),
        h(`p.w-state.is-${isSure ? "sure" : OPEN[status] ? "pending" : "over"}`, { "data-state": status }, icon(isSure ? "plan" : "wait"), `${OPEN[status] ?? OVER[status]} · ${ticket}`)),
      OPEN[status] && h("div.w-more", { "data-part": "do" }, cancelling === id ? form() : todo(), problem));
  }

  /** False for what is known already: versions only grow, whatever order they come in. */
  function take(visit) {
    if (visits.get(visit.id)?.version >= visit.version) return false;
    visits.set(visit.id, visit);
    draw();
    return true;
  }

  connection.on("user_appointments", ({ appointments }) => {
    visits = new Map(appointments.map((visit) => [visit.id, visit]));
    draw();
  });
  connection.on(["new_appointment", "appointment_updated"], ({ appointment }) => { if (take(appointment)) it.news("visits"); });
  connection.on("appointment_reminder", ({ appointment: { id, specialty_name: what, patient, professional_name: professional, starts_at: at } }) => {
    it.notice("reminder", id, "Recuerde su cita", `${what} para ${patient.first_name}: ${whenOf(at, professional)}`);
  });
  connection.on("slot_offered", ({ appointment_id: id, starts_at: at, expires_at: until, professional_name: professional }) => {
    const what = visits.get(id)?.specialty_name;
    const answer = (label, accepts, name) => button("w-btn", label, () => it.attempt(problem, async () => {
      await call(`${PATH}/${id}/offer`, { method: "POST", body: { accepts } });
      end();
    }), { id: `offer-${name}` });
    const problem = problemOf("offer-problem");
    const end = it.notice("offer", id, "Se liberó un horario antes", `${what ? `Para su cita de ${what}: ` : ""}${whenOf(at, professional)}. Se lo guardamos hasta las ${clock(until)}`,
      problem, h("p.w-pair", {}, answer("Tomar", true, "take"), answer("No, gracias", false, "decline")));
    setTimeout(end, Math.max(0, new Date(until) - Date.now()));
  });

  return { el, focus: () => sheet.focus(), head: it.self };
}
