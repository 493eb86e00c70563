// localStorage under a prefix, as JSON, that never throws: where it is refused, things are kept for as long as the page lives.

export function shelfOf(prefix) {
  const spare = new Map();
  const store = (task) => { try { return task(localStorage); } catch { return null; } };
  const shelf = {
    prefix,
    get: (key) => spare.get(key) ?? JSON.parse(store((stored) => stored.getItem(prefix + key))),
    set(key, value) {
      spare.delete(key);
      const text = JSON.stringify(value);
      if (store((stored) => { stored.setItem(prefix + key, text); return true; })) return;
      spare.set(key, value);
    },
    remove(key) {
      spare.delete(key);
      store((stored) => stored.removeItem(prefix + key));
    },
    keys(start) {
      const stored = store(Object.keys)?.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)) ?? [];
      return [...new Set([...stored, ...spare.keys()])].filter((key) => key.startsWith(start));
    },
    clear() { shelf.keys("").forEach(shelf.remove); },
  };
  return shelf;
}

export const newId = () => crypto.randomUUID?.()
  ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
