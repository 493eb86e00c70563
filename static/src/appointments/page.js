// The agents' page of appointments: the requests on the left, one of them on the right, and the address that remembers which.

import { PageConnection } from "../core/connection.js";
import { SignedOut } from "../core/errors.js";
import { EVENTS } from "../core/protocol.js";
import { watchChats } from "../desk/chat-alerts.js";
import { onReturn, showConnectionBar } from "../ui/connection-bar.js";
import { byId } from "../ui/dom.js";
import { LiveList } from "../ui/live-list.js";
import { isPlainClick, MasterDetail } from "../ui/master-detail.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { leaveSignedOut } from "../ui/signed-out.js";
import { showAwayBar } from "../ui/staff-frame.js";
import { debounce, PEOPLE_PAUSE_MS } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";
import { OpenAppointment } from "./open-appointment.js";

const GAP_MS = 1_000;

const search = byId("appointment-search-text");
const connection = new PageConnection({ getToken, initial: [EVENTS.AGENT_CONNECTED, EVENTS.AGENT_CHATS] });
watchChats(connection);
let phone = null;
const list = new LiveList({
  id: "appointments",
  item: "appointment",
  fields: { tab: String, text: String, page: Number },
  addressOf: ({ tab, text, page }) => `/agente/citas/lista?${new URLSearchParams({ lista: tab, buscar: text, pagina: page })}`,
  gapMs: GAP_MS,
  onRender: showTitle,
});
const detail = new MasterDetail({
  list,
  templates: "appointment",
  askedId: () => Number(new URLSearchParams(location.search).get("cita")) || null,
  addressOf: (id) => addressOf(list.asked, id),
  partialOf: (id) => `/agente/citas/${id}`,
  insertSection: (section) => byId("appointment").replaceWith(section),
  initSection: (section) => (section.dataset.appointmentId ? new OpenAppointment(section, () => { list.refresh(); showTitle(); }) : null),
  focusSection: (section) => (byId("appointment-title") ?? section.querySelector("button")).focus({ preventScroll: true }),
  onShow: showTitle,
  onUnavailable(id, isMissing) {
    if (!isMissing) return id;
    history.replaceState(null, "", addressOf(list.asked, null));
    return null;
  },
});

// ---- The address ------------------------------------------------------------------

function addressOf({ tab, text, page }, appointmentId) {
  const query = new URLSearchParams({
    lista: tab, ...(text && { buscar: text }), ...(page > 1 && { pagina: page }), ...(appointmentId && { cita: appointmentId }),
  });
  return `/agente/citas?${query}`;
}

addEventListener("popstate", () => {
  const query = new URLSearchParams(location.search);
  const wanted = { tab: query.get("lista") ?? "por-atender", text: query.get("buscar") ?? "", page: Number(query.get("pagina")) || 1 };
  if (wanted.text !== search.value.trim()) search.value = wanted.text;
  if (list.isOtherList(wanted)) list.showList(wanted);
  detail.openItem(detail.askedId);
});

// ---- The list -----------------------------------------------------------------------

async function showList(changes) {
  const wanted = { page: 1, ...changes };
  if (!list.isOtherList(wanted)) return;
  await list.showList(wanted);
  history.replaceState(null, "", addressOf(list.asked, detail.current?.id));
}

const searchFor = debounce(PEOPLE_PAUSE_MS, (text) => showList({ text }));
search.addEventListener("input", () => searchFor(search.value.trim()));
byId("appointment-search").addEventListener("submit", (event) => { event.preventDefault(); showList({ text: search.value.trim() }); });

document.addEventListener("click", (event) => {
  const link = event.target.closest("#appointments a, #appointment-back");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  if (link.dataset.tab) {
    search.value = "";
    searchFor("");
    showList({ tab: link.dataset.tab, text: "" });
    if (link.id === "search-clear") search.focus();
  } else if (link.dataset.page) {
    showList({ page: Number(link.dataset.page) });
  } else if (link.id === "appointment-back") {
    const left = detail.current?.id;
    detail.navigate(null);
    (list.findRow(left)?.querySelector("a") ?? byId("new-appointment")).focus();
  } else detail.navigate(Number(link.closest("[data-appointment-id]").dataset.appointmentId));
});

// ---- By phone ---------------------------------------------------------------------------

/** `query` names the chat whose member is to be seen. */
async function bookByPhone(query = "") {
  byId("new-appointment").disabled = true;
  try {
    if (!phone) {
      const [{ PhoneBooking }, dialog] = await Promise.all([import("./phone-booking.js"), fetchPartial(`/agente/citas/nueva${query}`)]);
      document.body.append(dialog);
      dialog.addEventListener("close", () => { // Opened by its address, there is no element to give the focus back to
        const { activeElement } = document;
        if (activeElement === document.body || dialog.contains(activeElement)) byId("new-appointment").focus();
      });
      phone = new PhoneBooking(dialog, (appointment) => {
        phone = null;
        showToast(messages.appointment_status(appointment.ticket_number, appointment.status), "ok");
        list.refresh();
        detail.navigate(appointment.id);
      });
    }
    phone.open();
  } catch (problem) {
    if (problem instanceof SignedOut) { leaveSignedOut(); return; }
    showToast(messages.no_network);
  } finally {
    byId("new-appointment").disabled = false;
  }
}

byId("new-appointment").addEventListener("click", () => bookByPhone());
const given = new URLSearchParams(location.search);
if (given.has("nueva") || given.has("para")) {
  history.replaceState(null, "", "/agente/citas");
  bookByPhone(`?${new URLSearchParams({ para: given.get("para") ?? "" })}`);
}

// ---- What happens -------------------------------------------------------------------------

const bare = document.title;
function showTitle() {
  document.title = `${list.todo ? `(${list.todo}) ` : ""}${detail.current ? `${detail.current.name} · ` : ""}${bare}`;
}

connection.on([EVENTS.NEW_APPOINTMENT, EVENTS.APPOINTMENT_UPDATED], ({ appointment }) => {
  list.refresh();
  detail.current?.onChange(appointment);
  phone?.onChange(appointment);
});
onReturn(connection, () => {
  list.refresh();
  detail.current?.refreshAll();
  detail.retryBroken();
});

// Times such as «hoy» grow old on a page that is left open.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") list.refresh(); });

showTitle();
if (detail.askedId) detail.openItem(detail.askedId);
showAwayBar(connection);
showConnectionBar(connection, byId("connection"), { reconnecting: messages.stale });
connection.connect();
