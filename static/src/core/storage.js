// localStorage that never throws: in a private window or on a full disk, values live as long as the page.

const spare = new Map();

export const storage = {
  get(key) {
    try { return localStorage.getItem(key) ?? spare.get(key) ?? null; } catch { return spare.get(key) ?? null; }
  },
  set(key, text) {
    try { localStorage.setItem(key, text); spare.delete(key); } catch { spare.set(key, text); }
  },
  remove(key) {
    spare.delete(key);
    try { localStorage.removeItem(key); } catch { /* it was never there */ }
  },
  keys(prefix) {
    let stored = [];
    try { stored = Object.keys(localStorage); } catch { /* only the spare ones */ }
    return [...new Set([...stored, ...spare.keys()])].filter((key) => key.startsWith(prefix));
  },
};
