// The form works without a script; this moves to what is wrong, and sends the form once for one press.

import "../ui/password.js";

document.getElementById("registration-problem")?.focus();
