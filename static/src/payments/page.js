// The supervisors' page of payments: the list on the left, one of them on the right, and the address that remembers which.

import { SignedOut } from "../core/errors.js";
import { byId, cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial } from "../ui/server.js";
import { debounce } from "../ui/throttle.js";
import { toast } from "../ui/toasts.js";
import { askedOf, PaymentList, queryOf } from "./list.js";
import { paymentMessages } from "./messages.es.js";
import { OpenPayment } from "./open-payment.js";
import { listen } from "./updates.js";

const SLOW_MS = 200;      // only a load that takes longer than this shows its bones
const TYPING_MS = 300;

const ledger = document.querySelector(".ledger");
const place = byId("payment-place");
const search = byId("payment-search");
const fields = { text: byId("payment-search-text"), since: byId("payment-search-since"), until: byId("payment-search-until") };
const list = new PaymentList(showTitle);
let payment = null;
let lastRequest = 0; // the latest request wins over a slow answer to an older one

// ---- The address ------------------------------------------------------------------

const openOf = () => new URLSearchParams(location.search).get("pago");

function addressOf(paymentId) {
  const query = queryOf(list.asked);
  if (paymentId) query.set("pago", paymentId);
  return `/supervisor/pagos?${query}`;
}

function go(paymentId) {
  if (payment && paymentId === payment.id) { byId("payment-title").focus({ preventScroll: true }); return; }
  history.pushState(null, "", addressOf(paymentId));
  open(paymentId);
}

const differs = (asked) => Object.entries(asked).some(([name, value]) => list.asked[name] !== value);

addEventListener("popstate", () => {
  const wanted = askedOf(location.search);
  fill(wanted);
  if (differs(wanted)) list.show(wanted);
  open(openOf());
});

// ---- The list -----------------------------------------------------------------------

function fill(asked) {
  for (const [name, field] of Object.entries(fields)) if (field.value.trim() !== asked[name]) field.value = asked[name];
  byId("payment-search-tab").value = asked.tab;
}

async function look(wanted) {
  if (!differs({ page: 1, ...wanted })) return;
  const isThere = await list.show(wanted);
  byId("payment-search-tab").value = list.asked.tab;
  history.replaceState(null, "", addressOf(payment?.id));
  if (!isThere) toast(messages.no_network);
}

// A date is not valid while its year is being typed.
const valueOf = (field) => (field.validity.valid ? field.value.trim() : "");
const filters = () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
const lookSoon = debounce(TYPING_MS, () => look(filters()));
search.addEventListener("input", lookSoon);
search.addEventListener("submit", (event) => { event.preventDefault(); look(filters()); });

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
document.addEventListener("click", (event) => {
  const link = event.target.closest("#payments a, #payment-back");
  if (!link || !isPlain(event)) return;
  const row = link.closest("[data-payment-id]");
  if (link.dataset.ask !== undefined) {
    const wanted = askedOf(new URL(link.href).search);
    fill(wanted);
    look(wanted);
    if (link.id === "filters-clear") fields.text.focus();
  } else if (link.id === "payment-back") {
    const left = payment?.id;
    go(null);
    (list.row(left)?.querySelector("a") ?? fields.text).focus();
  } else if (row) go(row.dataset.paymentId);
  else return;
  event.preventDefault();
});

// ---- One of them ----------------------------------------------------------------------

function show(section, paymentId) {
  payment?.leave();
  place.replaceChildren(section);
  payment = section.dataset.paymentId ? new OpenPayment(section, () => { list.redraw(); showTitle(); }) : null;
  ledger.classList.toggle("has-case", paymentId !== null);
  list.pick(paymentId);
  showTitle();
}

async function open(paymentId) {
  const request = lastRequest += 1;
  if (paymentId === null) { show(cloneTemplate("payment-none"), null); return; }
  list.pick(paymentId);
  const slow = setTimeout(() => { if (request === lastRequest) show(cloneTemplate("payment-loading"), paymentId); }, SLOW_MS);
  let section = null;
  try {
    section = await fetchPartial(`/supervisor/pagos/${encodeURIComponent(paymentId)}/detalle`);
  } catch (problem) {
    if (problem instanceof SignedOut) location.reload();
    section = cloneTemplate("payment-broken");
    section.querySelector("[data-do=again]").addEventListener("click", () => open(paymentId));
  }
  clearTimeout(slow);
  if (request !== lastRequest) return;
  if (!section) {
    toast(paymentMessages.gone);
    history.replaceState(null, "", addressOf(null));
    show(cloneTemplate("payment-none"), null);
    return;
  }
  show(section, paymentId);
  (byId("payment-title") ?? section.querySelector("button")).focus({ preventScroll: true });
}

// ---- What happens -------------------------------------------------------------------------

const bare = document.title;
function showTitle() {
  document.title = `${list.todo ? `(${list.todo}) ` : ""}${payment ? `${payment.name} · ` : ""}${bare}`;
}

// Times such as «hoy» grow old on a page that is left open.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") list.redraw(); });

showTitle();
if (openOf()) open(openOf());
listen((id) => {
  list.redrawRow(id);
  list.redraw();
  if (id === payment?.id) payment.onChange();
}, () => { list.redraw(); payment?.onChange(); });
