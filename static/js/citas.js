// The agents' page of appointments: the requests on the left, one of them on the right, and the address that remembers which.

import { showConnection } from "./connection.js";
import { EVENTS } from "./protocol.js";
import { afterSilence } from "./soon.js";
import { fetchPartial, getToken } from "./staff.js";
import { toast } from "./toasts.js";
import { Visit } from "./visit.js";
import { Visits } from "./visits.js";
import { SignedOut, Wire } from "./wire.js";
import { words } from "./words.js";

const SLOW_MS = 200;      // only a load that takes longer than this shows its bones
const TYPING_MS = 250;

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.firstElementChild.cloneNode(true);
const agenda = document.querySelector(".agenda");
const search = byId("visit-search-text");
const wire = new Wire({ path: "/ws", getToken });
const visits = new Visits(showTitle);
let visit = null;
let phone = null;
let opening = 0; // the newest wish wins over a slow answer to an older one

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

const searchFor = afterSilence(TYPING_MS, (text) => look({ text }));
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
  visit = section.dataset.visitId ? new Visit(section, () => { visits.redraw(); showTitle(); }) : null;
  agenda.classList.toggle("has-case", visitId !== null);
  visits.pick(visitId);
  showTitle();
}

async function open(visitId) {
  const wish = opening += 1;
  if (visitId === null) { show(clone("visit-none"), null); return; }
  visits.pick(visitId);
  const slow = setTimeout(() => { if (wish === opening) show(clone("visit-loading"), visitId); }, SLOW_MS);
  let section = null;
  try {
    section = await fetchPartial(`/agente/citas/${visitId}`);
  } catch (problem) {
    if (problem instanceof SignedOut) location.reload();
    section = clone("visit-broken");
    section.querySelector("[data-do=again]").addEventListener("click", () => open(visitId));
  }
  clearTimeout(slow);
  if (wish !== opening) return;
  if (!section) { history.replaceState(null, "", addressOf(visits.asked, null)); show(clone("visit-none"), null); return; }
  show(section, visitId);
  (byId("visit-title") ?? section.querySelector("button")).focus({ preventScroll: true });
}

// ---- By phone ---------------------------------------------------------------------------

/** `query` names the chat whose member is to be seen. */
async function bookByPhone(query = "") {
  byId("new-visit").disabled = true;
  try {
    if (!phone) {
      const [{ Phone }, dialog] = await Promise.all([import("./phone.js"), fetchPartial(`/agente/citas/nueva${query}`)]);
      document.body.append(dialog);
      phone = new Phone(dialog, (appointment) => {
        phone = null;
        toast(words.visit_now(appointment.ticket_number, appointment.status), "ok");
        visits.redraw();
        go(appointment.id);
      });
    }
    phone.open();
  } catch (problem) {
    if (problem instanceof SignedOut) location.reload();
    toast(words.no_network);
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
  wire.on(word, ({ appointment }) => {
    visits.redraw();
    visit?.hear(appointment);
    phone?.hear(appointment);
  });
}

let wasCut = false;
wire.on("state", ({ name }) => {
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
showConnection(wire, byId("connection"), words.stale);
wire.connect();
