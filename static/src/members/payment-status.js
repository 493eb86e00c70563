// A payment that is still open changes on its page by itself: the socket says when, the server renders what is there now.
// Without a socket the page asks, ever more seldom. Nothing here decides anything about a payment.

import { callApi } from "../core/api.js";
import { PageConnection } from "../core/connection.js";
import { SignedOut } from "../core/errors.js";
import { EVENTS } from "../core/protocol.js";
import { UNSETTLED_PAYMENT_STATUSES } from "../core/statuses.js";
import { byId } from "../ui/dom.js";
import { replaceElement } from "../ui/replace.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { leaveSignedOut } from "../ui/signed-out.js";

const FIRST_CHECK_MS = 5_000;   // also how long a socket may take before we ask without it
const LONGEST_MS = 20_000;
const SLOWER = 1.5;

const article = () => byId("payment");
const { id } = article().dataset;
const isOpen = () => UNSETTLED_PAYMENT_STATUSES.includes(article().dataset.status) || Boolean(article().dataset.awaits);

const connection = new PageConnection({ getToken, initial: [] });
let timer = 0;
let wait = FIRST_CHECK_MS;
let isStale = false;      // the API refused the token: the next request fetches another one
let isOver = false;       // signed out, or the payment is not ours: nothing is asked any more
let lastRequest = 0;       // the newest drawing wins over a slow older one

function showState(fresh) {
  const old = article();
  if (fresh.isEqualNode(old)) return;
  const hadFocus = old.contains(document.activeElement);
  replaceElement(old, fresh);
  // What had the focus may be gone, as the way to pay is once it is paid.
  if (hadFocus && document.activeElement === document.body) byId("payment-title").focus({ preventScroll: true });
  const { title } = fresh.dataset;
  if (title === old.dataset.title) return;
  document.title = `${title} · Beneficiate`;
  const text = fresh.querySelector("[data-part=say]").textContent.trim().replace(/\s+/g, " ");
  byId("payment-say").textContent = `${title}. ${text}`;
}

async function refreshState() {
  const request = lastRequest += 1;
  // With the address as it is: coming back from Wompi (`?id=`) is told by it.
  const fresh = await fetchPartial(`/pagos/${id}/estado${location.search}`);
  if (request !== lastRequest) return;
  if (fresh) showState(fresh);
  else stopPolling();
}

function stopPolling() {
  isOver = true;
  clearTimeout(timer);
}

function handleProblem(problem) {
  if (problem instanceof SignedOut) {
    stopPolling();
    leaveSignedOut();
  } else if (problem.status === 404) stopPolling();
  else if (problem.status === 401) isStale = true;
  byId("payment-offline").hidden = isOver || navigator.onLine;
}

async function runTask(task) {
  if (isOver) return;
  try {
    await task();
    byId("payment-offline").hidden = true;
  } catch (problem) {
    handleProblem(problem);
  }
}

/** The status is a few bytes; the page is rendered again when it is another one, or while a person or a bank looks at it. */
async function checkStatus() {
  const token = await getToken({ fresh: isStale });
  isStale = false;
  const { status } = await callApi(`/api/v1/payments/verify-details/${id}`, { token });
  if (status !== article().dataset.status || status === "PENDING" || article().dataset.awaits) await refreshState();
}

function scheduleCheck() {
  if (timer || isOver || connection.isOpen || !isOpen()) return;
  timer = setTimeout(async () => {
    wait = Math.min(LONGEST_MS, wait * SLOWER);
    await runTask(checkStatus);
    timer = 0;
    scheduleCheck();
  }, wait);
}

for (const word of [EVENTS.PAYMENT_UPDATED, EVENTS.PLAN_ACTIVATED]) {
  connection.on(word, ({ payment }) => { if (payment.id === id) runTask(refreshState); });
}

connection.on("state", ({ name, reason }) => {
  if (reason === "signed_out") handleProblem(new SignedOut());
  else if (name === "open") {
    clearTimeout(timer);
    timer = 0;
    wait = FIRST_CHECK_MS;
    // What happened before we listened: while the page was on its way, or during a cut.
    runTask(refreshState);
  } else scheduleCheck();
});

addEventListener("offline", () => { if (isOpen()) byId("payment-offline").hidden = isOver; });
addEventListener("online", () => { byId("payment-offline").hidden = true; });

if (isOpen()) connection.connect();
