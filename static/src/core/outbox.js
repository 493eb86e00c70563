// Lines that the server has not acknowledged yet. They survive reload, a closed tab and a dead battery: one key of
// localStorage a line, so that two tabs never rewrite each other's list.
//
// A line is sent by the tab that owns it. A tab holds a lock with its name for as long as it lives; every other tab that
// sees a line of it queues for that lock, and whoever gets it has inherited the line. Where there are no locks (plain
// HTTP) every tab sends everything: the server stores a client_id once, so that is wasteful and not wrong.
//
// Of each chat one line at a time is on its way: a line that has to be repeated is never overtaken by the next.

import { LOST, newId } from "./connection.js";
import { CODES } from "./protocol.js";
import { storage } from "./storage.js";

const PAUSE_MS = 2_000;
const TRIES = 5;
const TRANSIENT = new Set([CODES.UNAVAILABLE, CODES.INTERNAL, LOST]);
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

export class Outbox {
  #prefix;
  #connection;
  #tab = newId();
  #entries = new Map();     // client_id -> { client_id, chat_id, word, text, at, place, tab, state, why }
  #inherited = new Set();   // tabs whose lock we queue for
  #sending = new Set();     // chats with a line on its way
  #listeners = new Set();
  #place = 0;

  constructor(person, connection) {
    this.#prefix = `beneficiate:out:${person}:`;
    this.#connection = connection;
    navigator.locks?.request(this.#lockOf(this.#tab), () => new Promise(() => {}));
    for (const key of storage.keys(this.#prefix)) this.#read(key);
    addEventListener("storage", ({ key }) => {
      if (!key?.startsWith(this.#prefix)) return;
      this.#read(key);
      this.#changed();
    });
    connection.on("state", ({ name }) => { if (name === "open") this.#sendAll(); });
  }

  onChange(listener) { this.#listeners.add(listener); }

  /** The lines of one chat, or of all, in the order in which they were written. */
  lines(chatId = null) {
    return [...this.#entries.values()]
      .filter((entry) => chatId === null || entry.chat_id === chatId)
      .sort((a, b) => a.at.localeCompare(b.at) || a.place - b.place);
  }

  add(chatId, word, text) {
    const entry = {
      client_id: newId(), chat_id: chatId, word, text, at: new Date().toISOString(), place: this.#place += 1,
      tab: this.#tab, state: "sending", why: "",
    };
    this.#save(entry);
    this.#send(chatId);
  }

  /** Whoever presses the button owns the line from then on. */
  retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry) return;
    this.#save({ ...entry, tab: this.#tab, state: "sending", why: "" });
    this.#send(entry.chat_id);
  }

  discard(clientId) {
    this.#entries.delete(clientId);
    storage.remove(this.#prefix + clientId);
    this.#changed();
  }

  #save(entry) {
    this.#entries.set(entry.client_id, entry);
    storage.set(this.#prefix + entry.client_id, JSON.stringify(entry));
    this.#changed();
  }

  #read(key) {
    const entry = JSON.parse(storage.get(key));
    if (!entry) { this.#entries.delete(key.slice(this.#prefix.length)); return; }
    this.#entries.set(entry.client_id, entry);
    if (entry.tab !== this.#tab) this.#inherit(entry.tab);
  }

  #inherit(tab) {
    if (!navigator.locks) { this.#adopt(tab); return; }
    if (this.#inherited.has(tab)) return;
    this.#inherited.add(tab);
    navigator.locks.request(this.#lockOf(tab), () => this.#adopt(tab));
  }

  #adopt(tab) {
    // Read again: while we queued, another heir may have had its turn.
    for (const key of storage.keys(this.#prefix)) {
      const entry = JSON.parse(storage.get(key));
      if (entry?.tab === tab) this.#save({ ...entry, tab: this.#tab });
    }
    this.#sendAll();
  }

  #sendAll() {
    for (const chatId of new Set(this.lines().map((entry) => entry.chat_id))) this.#send(chatId);
  }

  async #send(chatId) {
    if (this.#sending.has(chatId)) return;
    this.#sending.add(chatId);
    const tries = new Map();
    for (let entry = this.#next(chatId); entry && this.#connection.isOpen; entry = this.#next(chatId)) {
      const id = entry.client_id;
      try {
        await this.#connection.ask(entry.word, { chat_id: chatId, message: entry.text, client_id: id }, id);
        this.discard(id);
      } catch (refusal) {
        if (!this.#connection.isOpen) break;
        tries.set(id, (tries.get(id) ?? 0) + 1);
        if (refusal.code === CODES.RATE_LIMITED) await pause(refusal.retryAfterMs || PAUSE_MS);
        else if (TRANSIENT.has(refusal.code) && tries.get(id) < TRIES) await pause(PAUSE_MS);
        else this.#fail(id, refusal.message);
      }
    }
    this.#sending.delete(chatId);
  }

  #fail(clientId, why) {
    const entry = this.#entries.get(clientId);
    if (entry) this.#save({ ...entry, state: "failed", why });
  }

  #next(chatId) {
    return this.lines(chatId).find((entry) => entry.tab === this.#tab && entry.state === "sending");
  }

  #changed() { this.#listeners.forEach((listener) => listener()); }

  #lockOf(tab) { return `beneficiate:tab:${tab}`; }
}
