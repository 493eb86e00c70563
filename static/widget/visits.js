// The member's visits: what is to come, what waits for a time, what was; and the notices about them.

import { button, h, hand, icon, link, paint, say } from "./dom.js";
import { clock, day, full, leaf, words } from "./words.js";

const OPEN = ["PENDING", "TO_BE_CONFIRMED", "CONFIRMED", "RESCHEDULED"];
const CERTAIN = ["CONFIRMED", "RESCHEDULED"];
const SHOWN_PAST = 5;
const PATH = "medical-appointment";
const whenOf = (at) => `${day(at)}, ${clock(at)}`;

export function makeVisits(it) {
  const { wire, call } = it;
  let visits = new Map();
  const waiting = new Set(); // of these an earlier time is welcome
  let cancelling = 0;

  const sheet = h("div.w-sheet", { id: "visits-sheet", tabindex: 0, role: "region", "aria-label": words.tabs.visits }, h("p.w-hint.w-empty", { role: "status" }, words.loading));
  const book = button([icon("plus"), words.book], () => it.book(), ".w-btn--main");
  const el = h("div.w-part", {}, sheet, h("p.w-foot", {}, book));
  book.id = "visits-book";

  const groupOf = ({ status, starts_at: at }) => (!OPEN.includes(status) ? "past" : at ? "coming" : "asked");

  function draw() {
    const groups = { coming: [], asked: [], past: [] };
    for (const visit of visits.values()) groups[groupOf(visit)].push(visit);
    groups.coming.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    for (const name of ["asked", "past"]) groups[name].sort((a, b) => b.id - a.id);
    groups.past.splice(SHOWN_PAST);
    const shown = Object.entries(groups).filter(([, group]) => group.length);
    if (!sheet.held) sheet.replaceChildren();
    paint(sheet, shown.length ? shown.map(([name, group]) => [name,
      () => h("section.w-group", { "data-group": name }, h("h3.w-sub", {}, words.groups[name]), h("div.w-group")),
      (part) => paint(part.lastChild, group.map((visit) => [`${visit.id}:${visit.version}:${waiting.has(visit.id)}:${cancelling === visit.id}`, () => card(visit)])),
    ]) : [["none", () => h("div.w-empty", {}, h("h3.w-title", {}, words.visits_none), h("p.w-hint", {}, words.visits_none_text))]]);
  }

  function card(visit) {
    const { id, status, starts_at: at, specialty_name: specialty, patient, professional_name: professional, city_name: city, ticket_number: ticket } = visit;
    const isSure = CERTAIN.includes(status);
    const problem = h("p.w-problem", { role: "alert" });
    const attempt = async (task) => {
      say(problem, "");
      try { await task(); } catch (refusal) { say(problem, refusal.message || words.no_network); }
    };
    const todo = cancelling === id ? cancel(visit, attempt) : h("p.w-do", {},
      isSure && link(words.calendar, () => attempt(async () => hand(await call(`${PATH}/${id}/calendar`, { as: "blob" }), `${ticket}.ics`)), { "data-do": "calendar" }),
      waiting.has(id) ? h("span.w-hint", {}, words.waits) : link(words.earlier, () => attempt(async () => {
        await call(`${PATH}/${id}/wait`, { method: "POST" });
        waiting.add(id);
        draw();
      }), { "data-do": "wait" }),
      link(words.cancel, () => { cancelling = id; draw(); sheet.querySelector("#cancel-keep").focus(); }, { "data-do": "cancel" }));
    return h("article.w-card.w-visit", { "data-visit-id": id },
      at ? h("p.w-day", { "aria-hidden": "true" }, leaf(at).map((text, n) => h(n === 1 ? "b" : "span", {}, text))) : h("p.w-day", {}, icon("wait")),
      h("div", {},
        h("h4", {}, at && [h("time", { datetime: at, title: full(at) }, clock(at)), ", "], words.what(specialty, visit.first_time)),
        h("p", {}, `${patient.first_name} ${patient.last_name}`),
        h("p.w-hint", {}, [professional, city].filter(Boolean).join(", ")),
        h(`p.w-state.is-${isSure || status === "ATTENDED" ? "sure" : OPEN.includes(status) ? "pending" : "over"}`, { "data-state": status }, icon(isSure ? "sure" : "wait"), words.visit[status], h("span.w-hint", {}, ticket))),
      OPEN.includes(status) && h("div.w-more", {}, todo, problem));
  }

  function cancel({ id }, attempt) {
    const reason = h("textarea", { id: "cancel-reason", rows: 2, maxlength: 500 });
    return h("form.w-rate", {
      onsubmit: (event) => {
        event.preventDefault();
        attempt(async () => {
          const visit = await call(`${PATH}/cancel/${id}`, { method: "PUT", body: { reason: reason.value.trim() } });
          cancelling = 0;
          if (!take(visit)) draw();
          sheet.focus();
        });
      },
    }, h("div.w-field", {}, h("label", { for: "cancel-reason" }, words.cancel_why), reason),
    h("p.w-pair", {}, Object.assign(button(words.keep, () => { cancelling = 0; draw(); sheet.focus(); }), { id: "cancel-keep" }),
      h("button.w-btn.w-btn--main", { type: "submit", id: "cancel-go" }, words.cancel_go)));
  }

  /** False for what is known already: versions only grow, whatever order they come in. */
  function take(visit) {
    if (visits.get(visit.id)?.version >= visit.version) return false;
    visits.set(visit.id, visit);
    draw();
    return true;
  }

  function offer({ appointment_id: id, starts_at: at, expires_at: until, professional_name: professional }) {
    const left = new Date(until) - Date.now();
    if (left <= 0) return;
    const end = it.notice(`offer:${id}`, "offer", "sure", words.offer, words.offer_text(visits.get(id)?.specialty_name, whenOf(at), professional), {
      hint: words.until(clock(until)),
      actions: [[words.take, true], [words.decline, false]].map(([label, accepts]) => [label, accepts ? "take" : "decline", async (problem) => {
        say(problem, "");
        try {
          await call(`${PATH}/${id}/offer`, { method: "POST", body: { accepts } });
          end();
        } catch (refusal) { say(problem, refusal.message || words.no_network); }
      }]),
    });
    setTimeout(end, Math.min(left, 2 ** 31 - 1));
  }

  wire.on("user_appointments", ({ appointments }) => {
    visits = new Map(appointments.map((visit) => [visit.id, visit]));
    draw();
  });
  for (const word of ["new_appointment", "appointment_updated"]) wire.on(word, ({ appointment }) => { if (take(appointment)) it.news("visits"); });
  wire.on("slot_offered", offer);
  wire.on("appointment_reminder", ({ appointment: { id, specialty_name: specialty, patient, professional_name: professional, starts_at: at } }) => {
    it.notice(`visit:${id}`, "reminder", "bell", words.reminder, words.reminder_text(specialty, patient.first_name, whenOf(at), professional));
  });

  return { el, focus: () => sheet.focus({ preventScroll: true }), head: it.self };
}
