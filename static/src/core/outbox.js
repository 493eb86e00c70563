// Messages that the server has not acknowledged yet. They survive reload, a closed tab and a dead battery: one key of
// localStorage a message, so that two tabs never rewrite each other's list.
//
// The tabs of a person share their queues: messages are sent in the order in which they were written, in whichever tab, by one
// that is connected. It holds the lock of the queue while it sends; the others wait for that lock, and whoever gets it next
// reads again what is left. Without Web Locks (plain HTTP) every tab sends everything: the server stores a client_id once, so
// that is wasteful and not wrong.
//
// Of each chat one message at a time is on its way: one that has to be repeated is never overtaken by the next. One that is
// refused, or twice not answered although the connection is open, steps aside: those behind it do not wait. While the service is
// not available everything waits in its order, however long that takes.

import { LOST } from "./errors.js";
import { newId } from "./ids.js";
import { withLock } from "./locks.js";
import { CODES, COMMANDS } from "./protocol.js";

const DELAY_MS = 2_000;
const UNANSWERED_TRIES = 2;
const TRIES_BY_CODE = { [CODES.UNAVAILABLE]: Infinity, [CODES.INTERNAL]: 5, [LOST]: UNANSWERED_TRIES };
const HOPELESS = [CODES.BAD_FRAME, CODES.TOO_LARGE, CODES.INVALID, CODES.CONFLICT]; // the same words are refused again
const delay = (ms) => new Promise((done) => { setTimeout(done, ms); });

export class Outbox {
  #storage;
  #connection;
  #onChange;
  #openChat;
  #entries = new Map();     // client_id -> { client_id, chat_id, text, at, state: sending | failed, why, isHopeless }
  #stored = new Set();      // those of them that the server has told us of
  #sending = new Set();     // queues whose lock we hold or wait for
  #disposal = new AbortController();

  /**
   * `storage` is a jsonStorage of this person alone. `openChat()` promises the chat of entries without one (`chat_id` 0):
   * with it all messages are one queue, without it each chat has its own.
   */
  constructor({ storage, connection, onChange, openChat = null }) {
    this.#storage = storage;
    this.#connection = connection;
    this.#onChange = onChange;
    this.#openChat = openChat;
    const { signal } = this.#disposal;
    this.#loadEntries();
    addEventListener("storage", ({ key }) => {
      if (!key?.startsWith(storage.prefix)) return;
      this.#loadEntry(key.slice(storage.prefix.length));
      onChange();
      this.#sendQueues();
    }, { signal });
    connection.on("state", () => this.#sendQueues());
    connection.on("message", ({ client_id: id }) => this.#onStored(id));
  }

  /** Return the entries in the order in which they were written. */
  listEntries() { return [...this.#entries.values()].sort((a, b) => a.at.localeCompare(b.at)); }

  addMessage(chatId, text) {
    // At least one millisecond after the last one, for they are sorted by it.
    const after = Date.parse(this.listEntries().at(-1)?.at ?? 0) + 1;
    this.#sendEntry({ client_id: newId(), chat_id: chatId, text, at: new Date(Math.max(Date.now(), after)).toISOString() });
  }

  /** Send what failed again. With `openChat` it goes to the chat that is open now. */
  retryMessage(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry) this.#sendEntry(this.#openChat ? { ...entry, chat_id: 0 } : entry);
  }

  /** Take a message out to be written again. Returns its text. */
  takeText(clientId) {
    const { text } = this.#entries.get(clientId);
    this.discardMessage(clientId);
    return text;
  }

  discardMessage(clientId) {
    this.#entries.delete(clientId);
    this.#stored.delete(clientId);
    this.#storage.remove(clientId);
    this.#onChange();
  }

  /** Leave everything to the other tabs, or to the next one. */
  dispose() { this.#disposal.abort(); }

  get #canSend() { return this.#connection.isOpen && !this.#disposal.signal.aborted; }

  #sendEntry(entry) {
    this.#saveEntry({ ...entry, state: "sending", why: "", isHopeless: false });
    this.#sendQueue(this.#queueOf(entry));
  }

  #saveEntry(entry) {
    this.#entries.set(entry.client_id, entry);
    this.#storage.set(entry.client_id, entry);
    this.#onChange();
  }

  #loadEntry(id) {
    const entry = this.#storage.get(id);
    if (entry) this.#entries.set(id, { ...entry, client_id: id });
    else this.#entries.delete(id);
  }

  #loadEntries() { new Set([...this.#entries.keys(), ...this.#storage.keys()]).forEach((id) => this.#loadEntry(id)); }

  #queueOf(entry) { return this.#openChat ? 0 : entry.chat_id; }

  #sendQueues() {
    for (const queue of new Set(this.listEntries().map((entry) => this.#queueOf(entry)))) this.#sendQueue(queue);
  }

  #sendQueue(queue) {
    if (this.#sending.has(queue) || !this.#canSend || !this.#nextEntry(queue)) return;
    this.#sending.add(queue);
    withLock(`${this.#storage.prefix}${queue}`, () => this.#sendInTurn(queue));
  }

  /** Send the queue, whose lock is ours, until it is empty or the connection is closed. */
  async #sendInTurn(queue) {
    this.#loadEntries(); // what another tab did meanwhile may not have been announced yet
    const tries = new Map();
    for (let entry = this.#nextEntry(queue); entry && this.#canSend; entry = this.#nextEntry(queue)) {
      const id = entry.client_id;
      try {
        if (!entry.chat_id) this.#saveEntry(entry = { ...entry, chat_id: await this.#openChat() });
        await this.#connection.request(COMMANDS.CHAT_MESSAGE, { chat_id: entry.chat_id, message: entry.text, client_id: id }, id);
        this.discardMessage(id);
      } catch (refusal) {
        if (!this.#canSend) break;
        tries.set(id, (tries.get(id) ?? 0) + 1);
        if (refusal.code === CODES.RATE_LIMITED) await delay(refusal.retryAfterMs || DELAY_MS);
        else if (tries.get(id) < TRIES_BY_CODE[refusal.code]) await delay(DELAY_MS);
        else this.#markFailed(id, refusal);
      }
    }
    this.#sending.delete(queue);
  }

  /** A message is stored, whatever becomes of its answer. */
  #onStored(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry?.state === "failed") this.discardMessage(clientId);
    else if (entry) this.#stored.add(clientId);
  }

  #markFailed(clientId, { message: why, code }) {
    const entry = this.#entries.get(clientId);
    if (this.#stored.has(clientId)) this.discardMessage(clientId);
    else if (entry) this.#saveEntry({ ...entry, state: "failed", why, isHopeless: HOPELESS.includes(code) });
  }

  #nextEntry(queue) {
    return this.listEntries().find((entry) => entry.state === "sending" && this.#queueOf(entry) === queue);
  }
}
