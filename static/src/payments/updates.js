// The connection of the pages of payments: what changed, what may have been missed, and the bar that says how it is.

import { PageConnection } from "../core/connection.js";
import { EVENTS } from "../core/protocol.js";
import { watchChats } from "../desk/chat-alerts.js";
import { onReturn, showConnectionBar } from "../ui/connection-bar.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { getToken } from "../ui/server.js";
import { showAwayBar } from "../ui/staff-frame.js";

/** `onPayment(id)` is called for each payment that changed, `onMissed()` when changes may have been missed. */
export function listenToPayments(onPayment, onMissed) {
  const connection = new PageConnection({ getToken, initial: [EVENTS.AGENT_CONNECTED, EVENTS.AGENT_CHATS] });
  watchChats(connection);
  connection.on([EVENTS.PAYMENT_UPDATED, EVENTS.PLAN_ACTIVATED], ({ payment }) => onPayment(payment.id));
  onReturn(connection, onMissed);
  showAwayBar(connection);
  showConnectionBar(connection, byId("connection"), { reconnecting: messages.stale });
  connection.connect();
}
