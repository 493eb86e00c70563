// The bar that says in words how the connection is. A cut that is over within SHOW_AFTER_MS is not reported. The widget has its own
// (widget/connection-bar.js): with other sentences, in elements that it renders itself, and without the sign-in page of the staff.
// When to explain a cut, and how, is common (core/errors.js); sharing the timers too would cost the widget more bytes than it has.

import { causeOf, EXPLAIN_MS } from "../core/errors.js";
import { messages } from "./messages.es.js";
import { leaveSignedOut } from "./signed-out.js";

const SHOW_AFTER_MS = 1_500;

/** Call `listener()` when the connection is back after a cut, in which something may have been missed. Returns what ends it. */
export function onReturn(connection, listener) {
  let wasCut = false;
  return connection.on("state", ({ name }) => {
    if (name !== "open") { wasCut ||= name === "waiting"; return; }
    if (wasCut) listener();
    wasCut = false;
  });
}

/** `reconnecting` says what a cut means for this page. Whose session has ended is led to the sign-in. */
export function showConnectionBar(connection, bar, { reconnecting = messages.reconnecting } = {}) {
  const say = bar.querySelector("[data-part=say]");
  const reload = bar.querySelector("[data-do=reload]");
  let showTimer = 0;
  let explainTimer = 0;
  let cause = "";
  let first = true;
  const showState = ({ name, reason }) => {
    if (name === "open" || name === "stopped") {
      clearTimeout(showTimer);
      clearTimeout(explainTimer);
      showTimer = explainTimer = 0;
      cause = "";
    } else {
      explainTimer ||= setTimeout(() => {
        cause = `${causeOf()} `;
        console.warn(`No WebSocket to ${connection.url}: a proxy without Upgrade, or an origin that is not allowed?`);
        showState(connection.state);
      }, EXPLAIN_MS);
    }
    bar.dataset.state = name;
    if (reason === "signed_out") { leaveSignedOut(); return; }
    if (name === "open") { bar.hidden = true; first = false; return; }
    bar.classList.toggle("bar--danger", name === "stopped");
    bar.classList.toggle("bar--warn", name !== "stopped");
    const showText = () => {
      say.textContent = name === "stopped" ? messages.stopped[reason] : cause + (first ? messages.connecting : reconnecting);
      reload.hidden = name !== "stopped";
      bar.hidden = false;
    };
    if (name === "stopped" || !bar.hidden) showText();
    else showTimer ||= setTimeout(showText, SHOW_AFTER_MS); // from the cut on, however often it is tried
  };
  reload.addEventListener("click", () => location.reload());
  connection.on("state", showState);
  showState(connection.state);
}
