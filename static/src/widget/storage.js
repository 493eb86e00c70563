// Where the widget keeps things in the browser.

import { jsonStorage } from "../core/storage.js";

/** `name` is `session`, `look:` of this browser, or `<user id>:`, all of which is deleted when that person signs out. */
export const storageOf = (name) => jsonStorage(`beneficiate:widget:${name}`);
