// Lines that the server has not acknowledged yet: one key of localStorage each, so that tabs never rewrite each other's.
//
// A line is sent by the tab that owns it. A tab holds a lock with its name for as long as it lives; every other tab that
// sees a line of it queues for that lock, and whoever gets it has inherited the line. Where there are no locks every tab
// sends everything: the server stores a client_id once, so that is wasteful and not wrong. One line at a time is on its
// way, so that a line that has to be repeated is never overtaken by the next.

import { newId } from "./storage.js";

const PAUSE_MS = 2_000;
const TRIES = 5;
const OUT = "out:";
const TRANSIENT = ["unavailable", "internal", "lost", "rate_limited"];

export class Outbox {
  #shelf;
  #wire;
  #onChange;
  #tab = newId();
  #entries = new Map();   // client_id -> { key, chat_id (0: the open chat, or a new one), text, at, tab, state, why }
  #heirs = new Set();     // tabs whose lock we queue for
  #end = new AbortController();
  #isSending = false;

  constructor({ shelf, wire }, onChange) {
    this.#shelf = shelf;
    this.#wire = wire;
    this.#onChange = onChange;
    const { signal } = this.#end;
    navigator.locks?.request(this.#tab, () => new Promise((done) => { signal.onabort = done; }));
    shelf.keys(OUT).forEach((key) => this.#read(key));
    addEventListener("storage", ({ key }) => {
      if (!key?.startsWith(shelf.prefix + OUT)) return;
      this.#read(key.slice(shelf.prefix.length));
      onChange();
    }, { signal });
    wire.on("state", () => this.#send());
  }

  /** In the order in which they were written. */
  get lines() { return [...this.#entries.values()].sort((a, b) => a.at.localeCompare(b.at)); }

  add(chatId, text) {
    // One millisecond after the last one at least, for they are sorted by it.
    const after = Date.parse(this.lines.at(-1)?.at ?? 0) + 1;
    this.#save({ key: newId(), chat_id: chatId, text, at: new Date(Math.max(Date.now(), after)).toISOString() });
  }

  /** Whoever presses the button owns the line from then on. It goes to the chat that is open now. */
  retry(entry) { this.#save({ ...entry, chat_id: 0 }); }

  discard({ key }) {
    this.#entries.delete(key);
    this.#shelf.remove(OUT + key);
    this.#onChange();
  }

  end() { this.#end.abort(); }

  #save(entry, state = "sending") {
    const owned = { ...entry, tab: this.#tab, state };
    this.#entries.set(entry.key, owned);
    this.#shelf.set(OUT + entry.key, owned);
    this.#onChange();
    this.#send();
  }

  #read(key) {
    const entry = this.#shelf.get(key);
    if (!entry) { this.#entries.delete(key.slice(OUT.length)); return; }
    this.#entries.set(entry.key, entry);
    const { tab } = entry;
    if (tab === this.#tab || this.#heirs.has(tab)) return;
    this.#heirs.add(tab);
    // Read again: while we queued, another heir may have had its turn.
    const adopt = () => this.#shelf.keys(OUT).map((one) => this.#shelf.get(one)).filter((one) => one?.tab === tab).forEach((one) => this.#save(one, one.state));
    if (navigator.locks) navigator.locks.request(tab, { signal: this.#end.signal }, adopt).catch(() => {});
    else adopt();
  }

  get #next() { return this.lines.find(({ tab, state }) => tab === this.#tab && state === "sending"); }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    const tries = {};
    for (let entry = this.#next; entry && this.#wire.isOpen; entry = this.#next) {
      const { key, text } = entry;
      try {
        if (!entry.chat_id) this.#save(entry = { ...entry, chat_id: (await this.#wire.ask("request_agent")).chat.id });
        await this.#wire.ask("chat_message", { chat_id: entry.chat_id, message: text, client_id: key });
        this.discard(entry);
      } catch ({ code, message, wait }) {
        if (!this.#wire.isOpen) break;
        tries[key] = (tries[key] ?? 0) + 1;
        if (TRANSIENT.includes(code) && tries[key] < TRIES) await new Promise((done) => { setTimeout(done, wait || PAUSE_MS); });
        else if (this.#entries.has(key)) this.#save({ ...entry, why: message }, "failed");
      }
    }
    this.#isSending = false;
  }
}
