// localStorage that never throws: in a private window or on a full disk, values live as long as the page.

const spare = new Map();
const tryStorage = (task) => { try { return task(localStorage); } catch { return null; } };

/** Texts under their whole key. */
export const storage = {
  get: (key) => spare.get(key) ?? tryStorage((stored) => stored.getItem(key)),
  set(key, text) {
    if (tryStorage((stored) => { stored.setItem(key, text); return true; })) spare.delete(key);
    else spare.set(key, text);
  },
  remove(key) {
    spare.delete(key);
    tryStorage((stored) => stored.removeItem(key));
  },
  keys: (prefix) => [...new Set([...tryStorage(Object.keys) ?? [], ...spare.keys()])].filter((key) => key.startsWith(prefix)),
};

/**
 * Delete what the staff wrote here and did not send, of those whose id `isMeant`: drafts, since when, and messages on their way;
 * of these only the ones written before an instant (ISO), if one is given.
 */
export function deleteWritten(isMeant, sentBefore = "") {
  for (const name of ["draft", "since", "out"]) {
    const start = `beneficiate:${name}:`;
    const isKept = (key) => sentBefore && name === "out" && JSON.parse(storage.get(key)).at >= sentBefore;
    for (const key of storage.keys(start)) if (isMeant(key.slice(start.length).split(":")[0]) && !isKept(key)) storage.remove(key);
  }
}

/** Values as JSON, under keys that begin with `prefix`; `keys()` are without it. */
export function jsonStorage(prefix) {
  const keys = (start = "") => storage.keys(prefix + start).map((key) => key.slice(prefix.length));
  return {
    prefix,
    keys,
    get: (key) => JSON.parse(storage.get(prefix + key)),
    set: (key, value) => storage.set(prefix + key, JSON.stringify(value)),
    remove: (key) => storage.remove(prefix + key),
    clear: () => storage.keys(prefix).forEach(storage.remove),
  };
}
