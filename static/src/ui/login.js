// The sign-in works without a script; this shows the password on request, counts the wait down, and deletes what the person who
// has just signed out left on this computer: drafts, names, messages that were not sent.

import "./password.js";
import { deleteWritten, jsonStorage } from "../core/storage.js";
import "./wait.js";

const [, cookie, signedOutId] = document.cookie.match(/(?:^|; )((?:__Host-)?beneficiate_signed_out)=(\d+)/) ?? [];
if (cookie) {
  jsonStorage(`beneficiate:widget:${signedOutId}:`).clear();
  deleteWritten((id) => id === signedOutId);
  document.cookie = `${cookie}=; Max-Age=0; Path=/${location.protocol === "https:" ? "; Secure" : ""}`;
}

