// A staff page that nothing live is drawn on: its open socket says that whoever reads it is here, so that their chats stay theirs.

import { Connection } from "../core/connection.js";
import { getToken } from "./server.js";

new Connection({ getToken, initial: [] }).connect();
