// Who signs out leaves nothing of the chat on this computer: no draft, no name, no message that was not sent.

import { jsonStorage } from "../core/storage.js";

const form = document.getElementById("logout-form");
form.addEventListener("submit", () => jsonStorage(`beneficiate:widget:${form.dataset.userId}:`).clear());
