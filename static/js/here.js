// A staff page that nothing live is drawn on: its open socket says that whoever reads it is here, so that their chats stay theirs.

import { getToken } from "./staff.js";
import { Wire } from "./wire.js";

new Wire({ path: "/ws", getToken }).connect();
