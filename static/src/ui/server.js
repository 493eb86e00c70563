// What every live page of the staff needs: the token that the page's cookie is good for.

import { callApi } from "../core/api.js";
import { Refused, SignedOut } from "../core/errors.js";
import { waitForRelease } from "./pointer.js";

const SPARE_MS = 60_000;
/** With these a request changes something in the name of the page. */
export const XSRF_HEADERS = { "X-XSRFToken": document.querySelector("meta[name=xsrf-token]").content };
let token = null;
let expiresAt = 0;

export async function getToken({ fresh = false } = {}) {
  if (!fresh && Date.now() < expiresAt - SPARE_MS) return token;
  try {
    const got = await callApi("/sesion/token", { method: "POST", headers: XSRF_HEADERS });
    token = got.token;
    expiresAt = Date.now() + got.expiresIn * 1000;
    return token;
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403) throw new SignedOut();
    throw problem;
  }
}

/**
 * A partial of the server as an element; null when it is not there for us (any more). POST says that it is written down. It is
 * there to take another's place, so it comes when nothing is pressed.
 */
export async function fetchPartial(path, method = "GET") {
  const response = await fetch(path, { method, headers: { Accept: "text/html", ...(method === "POST" && XSRF_HEADERS) } });
  if (response.status === 404) return null;
  if (response.redirected || response.status === 401 || response.status === 403) throw new SignedOut();
  if (!response.ok) throw new Refused({ code: "http" }, response.status);
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  await waitForRelease();
  return holder.content.firstElementChild;
}
