// What is kept in the browser.

const PREFIX = "beneficiate:widget:";

/** localStorage under a prefix, as JSON. Where it is refused, things are kept for as long as the page lives. */
export function shelfOf(name) {
  const prefix = PREFIX + name;
  const spare = {};
  const store = (task) => { try { return task(localStorage); } catch { return null; } };
  const all = () => [...new Set([...store(Object.keys) ?? [], ...Object.keys(spare)])].filter((key) => key.startsWith(prefix));
  const shelf = {
    prefix,
    get: (key) => spare[prefix + key] ?? JSON.parse(store((stored) => stored.getItem(prefix + key))),
    set(key, value) { if (store((stored) => { stored[prefix + key] = JSON.stringify(value); return true; })) delete spare[prefix + key]; else spare[prefix + key] = value; },
    remove(key) { delete spare[prefix + key]; store((stored) => stored.removeItem(prefix + key)); },
    keys: (start = "") => all().map((key) => key.slice(prefix.length)).filter((key) => key.startsWith(start)),
    clear() { shelf.keys().forEach(shelf.remove); },
  };
  return shelf;
}

/** Unique enough for a client_id; randomUUID exists only on secure pages. */
export const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
