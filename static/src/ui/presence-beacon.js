// A staff page that nothing live is rendered on: its open socket says that whoever reads it is here, so that their chats stay
// theirs, and brings what happens in them.

import { PageConnection } from "../core/connection.js";
import { EVENTS } from "../core/protocol.js";
import { watchChats } from "../desk/chat-alerts.js";
import "./push-renewal.js";
import { getToken } from "./server.js";
import { leaveSignedOut } from "./signed-out.js";
import { showAwayBar } from "./staff-frame.js";

const connection = new PageConnection({ getToken, initial: [EVENTS.AGENT_CONNECTED, EVENTS.AGENT_CHATS] });
watchChats(connection);
showAwayBar(connection);
connection.on("state", ({ reason }) => { if (reason === "signed_out") leaveSignedOut(); });
connection.connect();
