// The page of the rights over one's data works without a script. With one, a copy that is being written shows how far it is.

import { SignedOut } from "../core/errors.js";
import { byId } from "../ui/dom.js";
import { replaceElement } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { leaveSignedOut } from "../ui/signed-out.js";
import "./account.js";

const INTERVAL_MS = 2_000;
const LONGEST_MS = 15_000;
const SLOWER = 1.25;

const isPending = () => byId("copy")?.dataset.state === "pending";

/** Draw the copy again, ever more seldom, until it is written; nobody looks at a hidden page. */
async function followCopy(wait) {
  await new Promise((resolve) => { setTimeout(resolve, wait); });
  if (!isPending()) return;
  if (!document.hidden) {
    try {
      showCopy(await fetchPartial("/mi/datos/copia/estado"));
    } catch (problem) {
      if (problem instanceof SignedOut) {
        leaveSignedOut();
        return;
      }
    }
  }
  await followCopy(Math.min(LONGEST_MS, wait * SLOWER));
}

function showCopy(fresh) {
  const old = byId("copy");
  if (!fresh || fresh.isEqualNode(old)) return;
  const isOver = fresh.dataset.state !== "pending";
  replaceElement(old, fresh);
  if (isOver) byId("copy-say").textContent = byId("copy-state").textContent.trim();
}

if (isPending()) followCopy(INTERVAL_MS);
