// Fetching what few ask for.

import { NO_NETWORK, Refused } from "../core/errors.js";

/** Return the module `later.js`, which `make widget` puts beside this one's bundle. Throws Refused. */
export const loadLater = () => import(new URL("later.js", import.meta.url).href).catch(() => { throw new Refused({ message: NO_NETWORK }); });
