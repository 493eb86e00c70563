// The sign-in works without a script; this shows the password on request, counts the wait down, and deletes what the person who
// has just signed out left on this computer: drafts, names, messages that were not sent.

import { deleteWritten, jsonStorage } from "../core/storage.js";

const [, cookie, signedOutId] = document.cookie.match(/(?:^|; )((?:__Host-)?beneficiate_signed_out)=(\d+)/) ?? [];
if (cookie) {
  jsonStorage(`beneficiate:widget:${signedOutId}:`).clear();
  deleteWritten((id) => id === signedOutId);
  document.cookie = `${cookie}=; Max-Age=0; Path=/${location.protocol === "https:" ? "; Secure" : ""}`;
}

const eye = document.getElementById("password-eye");
const password = document.getElementById("password");
eye.hidden = false;
eye.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  eye.setAttribute("aria-pressed", String(shown));
  password.focus();
});

const wait = document.getElementById("login-wait");
if (wait) {
  // Against a clock and not by counting ticks: a sleeping tab wakes with the right number.
  const until = Date.now() + Number(wait.dataset.seconds) * 1000;
  const left = wait.querySelector("[data-part=left]");
  const tick = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) return;
    clearInterval(tick);
    wait.hidden = true;
    document.getElementById("login-ready").hidden = false;
  }, 500);
}
