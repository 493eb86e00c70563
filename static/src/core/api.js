// HTTP beside the socket: JSON with the token in a header, and failures as the same Refused that the socket throws.

import { NO_NETWORK, Refused } from "./errors.js";

/**
 * Return the data of the answer, or its Blob with `as: "blob"`. `body` is sent as JSON, a form with a file as it is. Throws Refused.
 * @param {string} address
 * @param {{ method?: string, token?: string, body?: any, headers?: Record<string, string>, as?: "json" | "blob" }} options
 */
export async function callApi(address, { method = "GET", token, body, headers, as = "json" } = {}) {
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

/** What a person may choose, as the attribute `accept` of an input. Many systems know no type for the photos of an iPhone. */
export const ACCEPTED_TYPES = "image/*,.heic,.heif,application/pdf";

/**
 * Return why a file need not be sent at all, or "". A browser does not know every type: the server then decides.
 * @param {{ type: string, size: number }} file
 * @param {number} maxBytes as the server says it; without it the server decides
 */
export function findFileProblem({ type, size }, maxBytes) {
  if (type && !/^image|pdf$/.test(type)) return "Solo se envían imágenes y archivos PDF.";
  return size > maxBytes ? `Pesa más de ${(maxBytes / 1024 / 1024).toLocaleString("es-CO", { maximumFractionDigits: 1 })} MB, que es lo máximo.` : "";
}

/**
 * Return the form that uploads a file. Its name is in the body: addresses are written down in many places.
 * @param {File} file
 * @param {string} clientId
 */
export function makeUploadForm(file, clientId) {
  const form = new FormData();
  form.set("client_id", clientId);
  form.set("file", file);
  return form;
}
