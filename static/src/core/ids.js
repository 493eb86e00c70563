// Identifiers made in the browser.

/** Return 32 random hexadecimal digits, unique enough for a client_id. `crypto.randomUUID` exists only on secure pages. */
export const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
