// What the server works on for a while is drawn again and again, until it is done.

import { SignedOut } from "../core/errors.js";
import { fetchPartial } from "./server.js";
import { leaveSignedOut } from "./signed-out.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const SLOWER = 1.25;

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Fetch the partial at `path` and hand it to `show`, ever more seldom, while `isPending()`; nobody looks at a hidden page. */
export async function follow(path, isPending, show) {
  for (let wait = FIRST_WAIT_MS; isPending(); wait = Math.min(LONGEST_WAIT_MS, wait * SLOWER)) {
    await sleep(wait);
    if (!isPending() || document.hidden) continue;
    try {
      const fresh = await fetchPartial(path);
      if (fresh) show(fresh);
    } catch (problem) {
      if (!(problem instanceof SignedOut)) continue;   // without a network: the next one may arrive
      leaveSignedOut();
      return;
    }
  }
}
