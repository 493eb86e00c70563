// HTTP beside the socket: JSON with the token in a header, and failures as the same Refused that the socket throws.

import { NO_NETWORK, Refused } from "./errors.js";

/**
 * Return the data of the answer, or its Blob with `as: "blob"`. `body` is sent as JSON, a form with a file as it is. Throws Refused.
 * @param {string} address
 * @param {{ method?: string, token?: string, body?: any, headers?: Record<string, string>, as?: "json" | "blob" }} options
 */
export async function call(address, { method = "GET", token, body, headers, as = "json" } = {}) {
  const isForm = body instanceof FormData;
  const response = await fetch(address, {
    method,
    headers: {
      Accept: "application/json",
      ...token && { Authorization: `Bearer ${token}` },
      ...body && !isForm && { "Content-Type": "application/json" },
      ...headers,
    },
    body: isForm ? body : body && JSON.stringify(body),
  }).catch(() => { throw new Refused({ message: NO_NETWORK }); });
  if (response.ok && as === "blob") return response.blob();
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer.data;
  const wait = Number(response.headers.get("Retry-After"));
  throw new Refused({ code: answer.code, message: answer.error ?? NO_NETWORK, retry_after_s: wait }, response.status);
}
