// The second step works without a script; this counts a wait down and sends a code once, since it is good once.

import "./send-once.js";
import "./wait.js";
