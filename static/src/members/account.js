// The member's own pages work without a script.

import "../ui/push-renewal.js";
import "../ui/send-once.js";

// What was done is said once, not again after a reload.
const url = new URL(location.href);
if (url.searchParams.has("listo")) {
  url.searchParams.delete("listo");
  history.replaceState(history.state, "", url);
}
