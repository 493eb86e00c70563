// One press is one request, what was done is said once, and the new password is shown on request.

import "./account.js";
import "../ui/password.js";
