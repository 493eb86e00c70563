// The socket of the pages of payments: what changed, what may have been missed, and the bar that says how it is.

import { showConnection } from "./connection.js";
import { EVENTS } from "./protocol.js";
import { getToken } from "./staff.js";
import { Wire } from "./wire.js";
import { words } from "./words.js";

/** `onPayment(id)` is called for each payment that changed, `onReturn()` when changes may have been missed. */
export function listen(onPayment, onReturn) {
  const wire = new Wire({ path: "/ws", getToken });
  for (const word of [EVENTS.PAYMENT_UPDATED, EVENTS.PLAN_ACTIVATED]) wire.on(word, ({ payment }) => onPayment(payment.id));
  let wasCut = false;
  wire.on("state", ({ name }) => {
    if (name !== "open") { wasCut ||= name === "waiting"; return; }
    if (!wasCut) return;
    wasCut = false;
    onReturn();
  });
  showConnection(wire, document.getElementById("connection"), words.stale);
  wire.connect();
}
