// The socket of the pages of payments: what changed, what may have been missed, and the bar that says how it is.

import { Connection } from "../core/connection.js";
import { EVENTS } from "../core/protocol.js";
import { showConnectionBar } from "../ui/connection-bar.js";
import { messages } from "../ui/messages.es.js";
import { getToken } from "../ui/server.js";

/** `onPayment(id)` is called for each payment that changed, `onReturn()` when changes may have been missed. */
export function listen(onPayment, onReturn) {
  const connection = new Connection({ getToken });
  for (const word of [EVENTS.PAYMENT_UPDATED, EVENTS.PLAN_ACTIVATED]) connection.on(word, ({ payment }) => onPayment(payment.id));
  let wasCut = false;
  connection.on("state", ({ name }) => {
    if (name !== "open") { wasCut ||= name === "waiting"; return; }
    if (!wasCut) return;
    wasCut = false;
    onReturn();
  });
  showConnectionBar(connection, document.getElementById("connection"), messages.stale);
  connection.connect();
}
