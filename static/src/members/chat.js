// The chat on a page of a member who is signed in there: it takes the page's sign-in as its own. The page keeps the cookie, which no script
// can read, and gives the chat tokens of some minutes. Who signs out in one of them has signed out of both.

import { callApi } from "../core/api.js";
import { getToken, XSRF_HEADERS } from "../ui/server.js";
import { leaveSignedOut } from "../ui/signed-out.js";

const { Beneficiate } = window;
let hasEnded = false; // elsewhere, and not by who reads this page

/** Return { token, refresh } for the chat, or null when the sign-in has ended meanwhile or there is no network. */
async function getIdentity() {
  const refresh = () => getToken({ fresh: true }).catch((problem) => {
    if (problem.status !== 401) throw problem;
    hasEnded = true;
    return null;
  });
  return { token: await getToken(), refresh };
}

// After the page, and before the chat begins by itself for somebody whom it does not know.
addEventListener("load", () => Beneficiate.start(getIdentity().catch(() => null)));

// Whatever ended the sign-in, this page is not for whoever sits here now. Who signs out here leaves nothing typed.
Beneficiate.on("signout", async () => {
  if (hasEnded) { leaveSignedOut(); return; }
  document.body.hidden = true;
  await callApi("/logout", { method: "POST", headers: XSRF_HEADERS }).catch(() => {});
  location.reload();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-book]")) return;
  event.preventDefault();
  Beneficiate.book();
});
