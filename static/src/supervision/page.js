// The supervisors' board: the server draws it and sends it whole, at most once a second, when something that it shows has changed.

import { PageConnection } from "../core/connection.js";
import { EVENTS } from "../core/protocol.js";
import { watchChats } from "../desk/chat-alerts.js";
import { initWaitingTimes, showWaitingTimes } from "../desk/waiting-times.js";
import { showConnectionBar } from "../ui/connection-bar.js";
import { initDialogs } from "../ui/dialogs.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { waitForRelease } from "../ui/pointer.js";
import { replaceElement } from "../ui/replace.js";
import { getToken } from "../ui/server.js";
import { showAwayBar } from "../ui/staff-frame.js";
import { formatFreshness } from "./freshness.js";
import { initRowActions } from "./row-actions.js";
import { initTopicFilter } from "./topic-filter.js";

const RETRY_MS = 2_000;
const connection = new PageConnection({ getToken, initial: [EVENTS.AGENT_CONNECTED, EVENTS.AGENT_CHATS] });
const fresh = byId("fresh");
let newest = Date.parse(byId("board").dataset.at);
let currentUntil = newest; // when the last frame came while the board was as of now: a dead line is noticed much later
let isOpen = false;
let isCurrent = false;

function showFreshness() {
  const { text, isLate } = formatFreshness({ isOpen, isCurrent, ageMs: Date.now() - currentUntil });
  const state = fresh.querySelector("[data-part=state]");
  if (state.textContent !== text) state.textContent = text;
  fresh.classList.toggle("is-late", isLate);
  byId("board").classList.toggle("is-late", isLate);
}

async function showBoard({ html, at, topic }) {
  if (topic !== filter.topic) return; // sent before another one was chosen
  isCurrent = true;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  await waitForRelease();
  if (Date.parse(at) < newest || topic !== filter.topic) return; // what came while a button was held may be newer
  newest = Date.parse(at);
  replaceElement(byId("board"), holder.content.querySelector("#board"));
  const time = /** @type {HTMLTimeElement} */ (fresh.querySelector("[data-part=at]"));
  time.dateTime = at;
  time.textContent = new Date(newest).toLocaleTimeString("es-CO", { timeZone: "America/Bogota", hour: "numeric", minute: "2-digit", second: "2-digit" });
  showWaitingTimes();
  showFreshness();
}

async function watchBoard() {
  try {
    await filter.watch();
  } catch {
    setTimeout(() => { if (isOpen) watchBoard(); }, RETRY_MS);
  }
}

const filter = initTopicFilter(connection);
initDialogs();
initRowActions(connection);
watchChats(connection);
connection.on(EVENTS.BOARD, showBoard);
connection.on(EVENTS.BOARD_UNAVAILABLE, () => { isCurrent = false; showFreshness(); });
// After those of the board: this one tells whether it is current. An answered ping is an event too.
connection.on(Object.values(EVENTS), () => { if (isCurrent) currentUntil = Date.now(); });
connection.on("state", ({ name }) => {
  isOpen = name === "open";
  if (isOpen) watchBoard();
  else isCurrent = false;
  showFreshness();
});
showAwayBar(connection);
showConnectionBar(connection, byId("connection"), { reconnecting: messages.stale });
initWaitingTimes();
setInterval(() => { if (document.visibilityState === "visible") showFreshness(); }, 1_000);
connection.connect();
