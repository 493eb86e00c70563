// Shows the password on request, and again hides it, and sends the form once for one press; the form works without.

import "./send-once.js";

const eye = document.getElementById("password-eye");
const password = document.getElementById("password");
eye.hidden = false;
eye.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  eye.setAttribute("aria-pressed", String(shown));
  password.focus();
});
