// The agents' page of appointments: the requests on the left, one of them on the right, and the address that remembers which.

import { Connection } from "../core/connection.js";
import { SignedOut } from "../core/errors.js";
import { EVENTS } from "../core/protocol.js";
import { showConnectionBar } from "../ui/connection-bar.js";
import { byId, cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { debounce } from "../ui/throttle.js";
import { toast } from "../ui/toasts.js";
import { AppointmentList } from "./list.js";
import { OpenAppointment } from "./open-appointment.js";

const SLOW_MS = 200;      // only a load that takes longer than this shows its bones
const TYPING_MS = 250;

const agenda = document.querySelector(".agenda");
const search = byId("visit-search-text");
const connection = new Connection({ getToken });
const visits = new AppointmentList(showTitle);
let visit = null;
let phone = null;
let lastRequest = 0; // the latest request wins over a slow answer to an older one

// ---- The address ------------------------------------------------------------------

const asked = () => Number(new URLSearchParams(location.search).get("cita")) || null;

function addressOf({ tab, text }, visitId) {
  const query = new URLSearchParams({ lista: tab, ...(text && { buscar: text }), ...(visitId && { cita: visitId }) });
  return `/agente/citas?${query}`;
}

function go(visitId) {
  if (visitId === visit?.id) { byId("visit-title").focus({ preventScroll: true }); return; }
  history.pushState(null, "", addressOf(visits.asked, visitId));
  open(visitId);
}

addEventListener("popstate", () => {
  const query = new URLSearchParams(location.search);
  const wanted = { tab: query.get("lista") ?? "por-atender", text: query.get("buscar") ?? "" };
  if (wanted.text !== search.value.trim()) search.value = wanted.text;
  if (wanted.tab !== visits.asked.tab || wanted.text !== visits.asked.text) visits.show(wanted);
  open(asked());
});

// ---- The list -----------------------------------------------------------------------

async function look(wanted) {
  const isNew = Object.entries(wanted).some(([name, value]) => visits.asked[name] !== value);
  if (!isNew) return;
  await visits.show(wanted);
  history.replaceState(null, "", addressOf(visits.asked, visit?.id));
}

const searchFor = debounce(TYPING_MS, (text) => look({ text }));
search.addEventListener("input", () => searchFor(search.value.trim()));
byId("visit-search").addEventListener("submit", (event) => { event.preventDefault(); look({ text: search.value.trim() }); });

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
document.addEventListener("click", (event) => {
  const link = event.target.closest("#visits a, #visit-back");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  if (link.dataset.tab) {
    search.value = "";
    searchFor("");
    look({ tab: link.dataset.tab, text: "" });
    if (link.id === "search-clear") search.focus();
  } else if (link.id === "visit-back") {
    const left = visit?.id;
    go(null);
    (visits.row(left)?.querySelector("a") ?? byId("new-visit")).focus();
  } else go(Number(link.closest("[data-visit-id]").dataset.visitId));
});

// ---- One of them ----------------------------------------------------------------------

function show(section, visitId) {
  visit?.leave();
  byId("visit").replaceWith(section);
  visit = section.dataset.visitId ? new OpenAppointment(section, () => { visits.redraw(); showTitle(); }) : null;
  agenda.classList.toggle("has-case", visitId !== null);
  visits.pick(visitId);
  showTitle();
}

async function open(visitId) {
  const request = lastRequest += 1;
  if (visitId === null) { show(cloneTemplate("visit-none"), null); return; }
  visits.pick(visitId);
  const slow = setTimeout(() => { if (request === lastRequest) show(cloneTemplate("visit-loading"), visitId); }, SLOW_MS);
  let section = null;
  try {
    section = await fetchPartial(`/agente/citas/${visitId}`);
  } catch (problem) {
    if (problem instanceof SignedOut) location.reload();
    section = cloneTemplate("visit-broken");
    section.querySelector("[data-do=again]").addEventListener("click", () => open(visitId));
  }
  clearTimeout(slow);
  if (request !== lastRequest) return;
  if (!section) { history.replaceState(null, "", addressOf(visits.asked, null)); show(cloneTemplate("visit-none"), null); return; }
  show(section, visitId);
  (byId("visit-title") ?? section.querySelector("button")).focus({ preventScroll: true });
}

// ---- By phone ---------------------------------------------------------------------------

/** `query` names the chat whose member is to be seen. */
async function bookByPhone(query = "") {
  byId("new-visit").disabled = true;
  try {
    if (!phone) {
      const [{ PhoneBooking }, dialog] = await Promise.all([import("./phone-booking.js"), fetchPartial(`/agente/citas/nueva${query}`)]);
      document.body.append(dialog);
      phone = new PhoneBooking(dialog, (appointment) => {
        phone = null;
        toast(messages.visit_now(appointment.ticket_number, appointment.status), "ok");
        visits.redraw();
        go(appointment.id);
      });
    }
    phone.open();
  } catch (problem) {
    if (problem instanceof SignedOut) location.reload();
    toast(messages.no_network);
  } finally {
    byId("new-visit").disabled = false;
  }
}

byId("new-visit").addEventListener("click", () => bookByPhone());
const bookingFor = new URLSearchParams(location.search).get("para");
if (bookingFor) {
  history.replaceState(null, "", "/agente/citas");
  bookByPhone(`?${new URLSearchParams({ chat: bookingFor })}`);
}

// ---- What happens -------------------------------------------------------------------------

const bare = document.title;
function showTitle() {
  document.title = `${visits.todo ? `(${visits.todo}) ` : ""}${visit ? `${visit.name} · ` : ""}${bare}`;
}

for (const word of [EVENTS.NEW_APPOINTMENT, EVENTS.APPOINTMENT_UPDATED]) {
  connection.on(word, ({ appointment }) => {
    visits.redraw();
    visit?.onChange(appointment);
    phone?.onChange(appointment);
  });
}

let wasCut = false;
connection.on("state", ({ name }) => {
  if (name !== "open") { wasCut ||= name === "waiting"; return; }
  if (!wasCut) return;
  wasCut = false;
  visits.redraw();
  visit?.catchUp();
});

// Times such as «hoy» grow old on a page that is left open.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") visits.redraw(); });

showTitle();
if (asked()) open(asked());
showConnectionBar(connection, byId("connection"), messages.stale);
connection.connect();
