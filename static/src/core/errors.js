// How a request fails, over HTTP and over the socket alike.

export const NO_NETWORK = "No hay conexión. Intente de nuevo en un momento.";

/** When a connection that does not open is explained, and why it may be so. */
export const EXPLAIN_MS = 10_000;
export const causeOf = () => (navigator.onLine
  ? "Hay internet, pero no logramos conectar: puede ser su red o nuestro servicio."
  : "Este equipo no tiene internet.");

/** The `code` of a request of which nobody knows whether it arrived. */
export const LOST = "lost";

/** The server refused a request, or it was LOST. `status` is the one of HTTP, or 0. */
export class Refused extends Error {
  constructor({ code = LOST, message = "", retry_after_s: wait = 0 }, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterMs = wait * 1000;
  }
}

/** No token can be had: the person has to sign in again. */
export class SignedOut extends Refused {
  constructor() { super({ code: "signed_out" }, 401); }
}
