// The form works without a script; this moves to what is wrong, and sends the form once for one press.

import "../ui/password.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("registration-form"));
document.getElementById("registration-problem")?.focus();

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// Coming back, the browser may have kept the page as it was when it was left.
addEventListener("pageshow", () => { delete form.dataset.sent; });
