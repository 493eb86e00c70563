// The supervisors' page of payments: the list on the left, one of them on the right, and the address that remembers which.

import { byId } from "../ui/dom.js";
import { LiveList } from "../ui/live-list.js";
import { isPlainClick, MasterDetail } from "../ui/master-detail.js";
import { messages } from "../ui/messages.es.js";
import { debounce, PEOPLE_PAUSE_MS } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";
import { askedOf, queryOf } from "./addresses.js";
import { paymentMessages } from "./messages.es.js";
import { OpenPayment } from "./open-payment.js";
import { listenToPayments } from "./updates.js";

const GAP_MS = 500; // payments that change together are one request

const search = byId("payment-search");
const fields = { text: byId("payment-search-text"), since: byId("payment-search-since"), until: byId("payment-search-until") };
const list = new LiveList({
  id: "payments",
  item: "payment",
  fields: { tab: String, text: String, since: String, until: String, page: Number },
  addressOf: (asked) => `/supervisor/pagos/lista?${queryOf(asked)}`,
  gapMs: GAP_MS,
  onRender: showTitle,
});
const detail = new MasterDetail({
  list,
  templates: "payment",
  askedId: () => new URLSearchParams(location.search).get("pago"),
  addressOf,
  partialOf: (id) => `/supervisor/pagos/${encodeURIComponent(id)}/detalle`,
  insertSection: (section) => byId("payment-place").replaceChildren(section),
  initSection: (section) => (section.dataset.paymentId ? new OpenPayment(section, () => { list.refresh(); showTitle(); }) : null),
  focusSection: (section) => (byId("payment-title") ?? section.querySelector("button")).focus({ preventScroll: true }),
  onShow: showTitle,
  onUnavailable(id, isMissing) {
    if (!isMissing) return id;
    showToast(paymentMessages.gone);
    history.replaceState(null, "", addressOf(null));
    return null;
  },
});

// ---- The address ------------------------------------------------------------------

function addressOf(paymentId) {
  const query = queryOf(list.asked);
  if (paymentId) query.set("pago", paymentId);
  return `/supervisor/pagos?${query}`;
}

addEventListener("popstate", () => {
  const wanted = askedOf(location.search);
  fillFilters(wanted);
  if (list.isOtherList(wanted)) list.showList({ page: 1, ...wanted });
  detail.openItem(detail.askedId);
});

// ---- The list -----------------------------------------------------------------------

function fillFilters(asked) {
  for (const [name, field] of Object.entries(fields)) if (field.value.trim() !== asked[name]) field.value = asked[name];
  byId("payment-search-tab").value = asked.tab;
}

async function showList(wanted) {
  if (!list.isOtherList({ page: 1, ...wanted })) return;
  const isThere = await list.showList({ page: 1, ...wanted });
  byId("payment-search-tab").value = list.asked.tab;
  history.replaceState(null, "", addressOf(detail.current?.id));
  if (!isThere) showToast(messages.no_network);
}

// A date is not valid while its year is being typed.
const valueOf = (field) => (field.validity.valid ? field.value.trim() : "");
const readFilters = () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
const scheduleList = debounce(PEOPLE_PAUSE_MS, () => showList(readFilters()));
search.addEventListener("input", scheduleList);
search.addEventListener("submit", (event) => { event.preventDefault(); showList(readFilters()); });

document.addEventListener("click", (event) => {
  const link = event.target.closest("#payments a, #payment-back");
  if (!link || !isPlainClick(event)) return;
  const row = link.closest("[data-payment-id]");
  if (link.dataset.tab || link.dataset.page) {
    const wanted = askedOf(new URL(link.href).search);
    fillFilters(wanted);
    showList(wanted);
    if (link.id === "filters-clear") fields.text.focus();
  } else if (link.id === "payment-back") {
    const left = detail.current?.id;
    detail.navigate(null);
    (list.findRow(left)?.querySelector("a") ?? fields.text).focus();
  } else if (row) detail.navigate(row.dataset.paymentId);
  else return;
  event.preventDefault();
});

// ---- What happens -------------------------------------------------------------------------

const bare = document.title;
function showTitle() {
  document.title = `${list.todo ? `(${list.todo}) ` : ""}${detail.current ? `${detail.current.name} · ` : ""}${bare}`;
}

// Times such as «hoy» grow old on a page that is left open.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") list.refresh(); });

showTitle();
if (detail.askedId) detail.openItem(detail.askedId);
listenToPayments((id) => {
  list.refreshRow(id, `/supervisor/pagos/${id}/fila`);
  list.refresh();
  if (id === detail.current?.id) detail.current.onChange();
}, () => { list.refresh(); detail.current?.onChange(); detail.retryBroken(); });
