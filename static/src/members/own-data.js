// The page of the rights over one's data works without a script. With one, a copy that is being written shows how far it is.

import { byId } from "../ui/dom.js";
import { follow } from "../ui/follow.js";
import { replaceElement } from "../ui/replace.js";
import "./account.js";

const isPending = () => byId("copy")?.dataset.state === "pending";

function showCopy(fresh) {
  const old = byId("copy");
  if (fresh.isEqualNode(old)) return;
  replaceElement(old, fresh);
  if (!isPending()) byId("copy-say").textContent = byId("copy-state").textContent.trim();
}

follow("/mi/datos/copia/estado", isPending, showCopy);
