// What can be sent in a chat, and how.

/** What a person may choose, as the attribute `accept` of an input. */
export const ACCEPTED_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/heic,application/pdf";

/**
 * Return why a file need not be sent at all, or "". A browser does not know every type: the server then decides.
 * @param {{ type: string, size: number }} file
 * @param {number} maxBytes as the server says it; without it the server decides
 */
export function problemOfFile({ type, size }, maxBytes) {
  if (type && !ACCEPTED_TYPES.includes(type)) return "Solo se envían imágenes y archivos PDF.";
  return size > maxBytes ? `Pesa más de ${(maxBytes / 1024 / 1024).toLocaleString("es-CO", { maximumFractionDigits: 1 })} MB, que es lo máximo.` : "";
}

/**
 * Return the form that uploads a file. Its name is in the body: addresses are written down in many places.
 * @param {File} file
 * @param {string} clientId
 */
export function uploadForm(file, clientId) {
  const form = new FormData();
  form.set("client_id", clientId);
  form.set("file", file);
  return form;
}
