// What the pure modules use of a browser and Node does not have: import it first.

import { webcrypto } from "node:crypto";
import { setMaxListeners } from "node:events";

/** localStorage, with its values as own properties as in a browser. `isFull` makes it refuse to write. */
class LocalStorage {
  static isFull = false;

  getItem(key) { return Object.hasOwn(this, key) ? this[key] : null; }

  setItem(key, text) {
    if (LocalStorage.isFull) throw new DOMException("full", "QuotaExceededError");
    this[key] = String(text);
  }

  removeItem(key) { delete this[key]; }
}

const events = new EventTarget();
setMaxListeners(0, events); // each Outbox of a test listens, as in a tab of its own
globalThis.crypto ??= webcrypto;
globalThis.localStorage = new LocalStorage();
globalThis.addEventListener = events.addEventListener.bind(events);
// One tab alone, on plain HTTP: there are no Web Locks.
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

export function clearStorage() {
  LocalStorage.isFull = false;
  for (const key of Object.keys(localStorage)) localStorage.removeItem(key);
}

export const fillStorage = () => { LocalStorage.isFull = true; };

/** Have Web Locks until the test has ended, as on https. */
export function useLocks(test) {
  const last = new Map();
  const request = (name, task) => {
    const run = (last.get(name) ?? Promise.resolve()).then(task);
    last.set(name, run.catch(() => {}));
    return run;
  };
  Object.defineProperty(navigator, "locks", { value: { request }, configurable: true });
  test.after(() => { delete navigator.locks; });
}

/** Say what a browser says when another tab wrote `key`. */
export const announceStorage = (key, oldValue, newValue) => events.dispatchEvent(Object.assign(new Event("storage"), { key, oldValue, newValue }));
