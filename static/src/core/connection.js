// One socket that comes back by itself. It knows the protocol and nothing of the page: staff pages, members' pages and the
// widget use it. What must survive a cut lives in outbox.js; which messages have arrived, in sequence.js.
//
// Subscribers get the server's events (`connection.on(EVENTS.TYPING, …)`) and two of our own:
//   "message"  a stored message, each one once, whichever event (or acknowledgement) brought it
//   "state"    { name: connecting | open | waiting | stopped, reason: why it stopped }

import { LOST, Refused } from "./errors.js";
import { newId } from "./ids.js";
import { CLOSE, CODES, COMMANDS, EVENTS } from "./protocol.js";
import { Sequence } from "./sequence.js";
import { expiryOf } from "./tokens.js";

const HEARTBEAT_MS = 20_000;        // silence before we ask, and before an unanswered question means that nobody is there
const CHECK_MS = 5_000;         // how long the peer has when the tab comes back or the network does
const HANDSHAKE_MS = 10_000;
const ANSWER_MS = 20_000;      // a command without an answer is given up; with a client_id it can be repeated
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const RENEW_BEFORE_MS = 90_000; // or after two thirds of a short-lived token
const RENEW_AGAIN_MS = 30_000;
const STEADY_MS = 5_000;       // a connection that lived this long was a good one: the next wait is short again

const ABUSE_WAIT_MS = 60_000;  // and up to twice as long: a page with a bug must not come back at once, but it must come back

const STOPS = { [CLOSE.REVOKED]: "revoked", [CLOSE.ABUSE]: "abuse", [CLOSE.TOO_MANY]: "too_many" };
const UNREADABLE = [CODES.BAD_FRAME, CODES.TOO_LARGE]; // what these are about may have no id: nobody could read it
const MESSAGES = [EVENTS.NEW_MESSAGE, EVENTS.USER_MESSAGE, EVENTS.AGENT_CHAT_MESSAGE, EVENTS.ACK];

/**
 * @typedef {import("./protocol.js").CommandFields} Commands
 * @typedef {{ name: "connecting" | "open" | "waiting" | "stopped", reason?: string }} State
 * @typedef {import("./protocol.js").EventFields & { message: import("./protocol.js").MessagePayload, state: State }} Events
 */

export class Connection {
  #url;
  #getToken;
  #listeners = new Map();
  #sequence = new Sequence();
  #pending = new Map();      // id -> { resolve, reject, timer } of the commands without an answer
  #socket = null;
  #state = { name: "connecting" };
  #attempt = 0;
  #retry = 0;              // timer of the next connection
  #renewal = 0;            // timer of the next token
  #stale = false;          // the last token was refused or ran out: fetch another one
  #startedAt = 0;
  #receivedAt = 0;
  #pingAt = 0;         // when we last asked whether somebody is there
  #patience = HEARTBEAT_MS;     // how long that question may stay without an answer
  #end = new AbortController();
  #resuming = null;        // the `resume` under way: { id, asked: last seqs as sent, next: chats to look at after it }

  /**
   * `getToken({ fresh })` promises a token, or throws what has the status 401 when the person has to sign in; anything else
   * it throws counts as no network.
   */
  constructor({ origin, getToken }) {
    this.#url = `${origin.replace("http", "ws")}/ws`;
    this.#getToken = getToken;
    const { signal } = this.#end;
    const beat = setInterval(() => this.#checkHeartbeat(), CHECK_MS);
    signal.onabort = () => clearInterval(beat);
    const checkIfVisible = () => { if (document.visibilityState === "visible") this.#checkAlive(); };
    document.addEventListener("visibilitychange", checkIfVisible, { signal });
    for (const type of ["pageshow", "online", "offline"]) addEventListener(type, checkIfVisible, { signal });
  }

  get state() { return this.#state; }
  /** Where the socket is opened. */
  get url() { return this.#url; }
  get isOpen() { return this.#state.name === "open"; }

  /**
   * `types` is one or a list. Returns what ends it.
   * @template {keyof Events} Type
   * @param {Type | Type[]} types
   * @param {(fields: Events[Type]) => void} listener
   */
  on(types, listener) {
    const all = [types].flat();
    for (const type of all) this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
    return () => all.forEach((type) => this.#listeners.get(type)?.delete(listener));
  }

  /** The server said that `seq` is the last message of this chat: what comes later is new. */
  trackChat(chatId, seq) { this.#sequence.trackFrom(chatId, seq); }

  /** The page shows this chat up to `seq`; messages that came before it was rendered come again. */
  resumeFrom(chatId, seq) { if (this.#sequence.resetTo(chatId, seq)) this.#requestResume([chatId]); }

  /**
   * Send what is worth nothing later: typing, viewing. Returns false when the connection is not open.
   * @template {keyof Commands} Type
   * @param {Type} event
   * @param {Commands[Type]} [fields]
   */
  send(event, fields) {
    if (this.isOpen) this.#socket.send(JSON.stringify({ event, ...fields }));
    return this.isOpen;
  }

  /**
   * Send a command and wait for its acknowledgement. Rejects with Refused.
   * @template {keyof Commands} Type
   * @param {Type} event
   * @param {Commands[Type]} [fields]
   * @returns {Promise<Events["ack"]>}
   */
  request(event, fields, id = newId()) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) { reject(new Refused({ code: LOST })); return; }
      const timer = setTimeout(() => { this.#takePending(id)?.reject(new Refused({ code: LOST })); this.#checkAlive(); }, ANSWER_MS);
      this.#pending.set(id, { resolve, reject, timer });
      this.send(event, { id, ...fields });
    });
  }

  async connect() {
    clearTimeout(this.#retry);
    if (this.#socket || this.#startedAt) return;
    this.#startedAt = Date.now();
    this.#setState("connecting");
    try {
      const token = await this.#getToken({ fresh: this.#stale });
      this.#stale = false;
      if (!this.#end.signal.aborted) this.#openSocket(token);
    } catch ({ status }) {
      this.#startedAt = 0;
      if (status === 401) this.#setState("stopped", "signed_out");
      else this.#scheduleRetry();
    }
  }

  /** End it for good. */
  close() {
    this.#end.abort();
    this.#listeners.clear();
    if (this.#socket) this.#dropSocket();
    clearTimeout(this.#retry);
  }

  /** Is anybody there? Called when the tab is looked at again and when the network changed; cheap at any time. */
  #checkAlive() {
    if (this.#state.name === "waiting") { this.#attempt = 0; this.connect(); }
    else if (this.isOpen) this.#ping(CHECK_MS);
  }

  #openSocket(token) {
    const socket = new WebSocket(this.url, ["beneficiate", token]);
    this.#socket = socket;
    this.#startedAt = Date.now();
    let opened = false;
    socket.onopen = () => { opened = true; this.#onOpen(token); };
    socket.onmessage = ({ data }) => this.#handleFrame(JSON.parse(data));
    // A handshake refused with 401 looks like a dead network from here, so the next try brings another token.
    socket.onclose = ({ code, reason }) => {
      this.#stale ||= !opened || code === CLOSE.TOKEN_EXPIRED || code in STOPS;
      this.#onClose(code, opened, reason);
    };
  }

  #onOpen(token) {
    this.#receivedAt = Date.now();
    this.#pingAt = 0;
    this.#resuming = null;
    this.#scheduleRenewal(token);
    // First what was missed, then whatever the subscribers have to say: so a message that is sent again finds its chat without gaps.
    this.#state = { name: "open", reason: null };
    this.#requestResume(Object.keys(this.#sequence.lastSeqs()).map(Number));
    this.#setState("open");
  }

  #onClose(code, opened, reason) {
    const lived = opened ? Date.now() - this.#startedAt : 0;
    this.#socket = null;
    this.#startedAt = 0;
    clearTimeout(this.#renewal);
    for (const id of [...this.#pending.keys()]) this.#takePending(id).reject(new Refused({ code: LOST }));
    if (lived > STEADY_MS) this.#attempt = 0;
    if (STOPS[code]) {
      this.#setState("stopped", STOPS[code]);
      if (code === CLOSE.ABUSE) this.#retry = setTimeout(() => this.connect(), ABUSE_WAIT_MS * (1 + Math.random()));
    } else if (!this.#end.signal.aborted) this.#scheduleRetry(code === CLOSE.TOKEN_EXPIRED && !this.#attempt, reason);
  }

  /** The browser may take minutes to notice a dead line, so we stop listening and count it as closed. */
  #dropSocket() {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#onClose(0, this.isOpen);
  }

  /**
   * Full jitter, or the milliseconds that end the reason of the close, as in "restarting 1234": after a restart a thousand
   * clients must not come back in the same second.
   */
  #scheduleRetry(atOnce, reason) {
    this.#setState("waiting");
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.connect(), atOnce ? 0 : +reason?.slice(11) || Math.random() * most);
  }

  #setState(name, reason = null) {
    this.#state = { name, reason };
    this.#emit("state", this.#state);
  }

  #checkHeartbeat() {
    const now = Date.now();
    if (this.isOpen) {
      if (this.#pingAt > this.#receivedAt) { if (now - this.#pingAt >= this.#patience) this.#dropSocket(); }
      else if (now - this.#receivedAt >= HEARTBEAT_MS) this.#ping(HEARTBEAT_MS);
    } else if (this.#socket && now - this.#startedAt > HANDSHAKE_MS) this.#dropSocket();
  }

  /** The wait begins with the question and not with the last frame: a sleeping tab got nothing for good reasons. */
  #ping(patience) {
    this.#pingAt = Date.now();
    this.#patience = patience;
    this.send(COMMANDS.PING);
    if (patience < HEARTBEAT_MS) setTimeout(() => this.#checkHeartbeat(), patience + 50);
  }

  #handleFrame(frame) {
    // One more than the question, so that an answer within the same millisecond counts as one.
    this.#receivedAt = Math.max(Date.now(), this.#pingAt + 1);
    if (frame.message && MESSAGES.includes(frame.event)) this.#handleMessage(frame.message);
    if (frame.event === EVENTS.ACK) this.#takePending(frame.id)?.resolve(frame);
    if (frame.event === EVENTS.ERROR) {
      const isAboutAll = !frame.id && UNREADABLE.includes(frame.code);
      for (const id of isAboutAll ? [...this.#pending.keys()] : [frame.id]) this.#takePending(id)?.reject(new Refused(frame));
      if (frame.id && frame.id === this.#resuming?.id) this.#onResumeRefused(frame);
    }
    if (frame.event === EVENTS.RESUMED) this.#onResumed(frame);
    this.#emit(frame.event, frame);
  }

  #takePending(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }

  #handleMessage(message) {
    const { fresh, gap } = this.#sequence.receive(message.chat_id, message.seq);
    if (fresh) this.#emit("message", message);
    if (gap) this.#requestResume([message.chat_id]);
  }

  /** One question at a time; a gap found meanwhile is looked at again when its answer is in. */
  #requestResume(chatIds) {
    if (!this.isOpen || chatIds.length === 0) return;
    if (this.#resuming) { chatIds.forEach((id) => this.#resuming.next.add(id)); return; }
    const asked = this.#sequence.lastSeqs(chatIds);
    this.#resuming = { id: newId(), asked, next: new Set() };
    this.send(COMMANDS.RESUME, { id: this.#resuming.id, chats: asked });
  }

  #onResumed({ chats, more }) {
    const { asked = {}, next = [] } = this.#resuming ?? {};
    this.#resuming = null;
    for (const [id, seq] of Object.entries(chats)) this.#sequence.confirmUpTo(Number(id), seq);
    const again = [...new Set([...more, ...[...next].filter((id) => this.#sequence.hasGap(id))])];
    // Without progress (a message of another process that is not visible yet) the next question waits a little.
    const moved = Object.entries(this.#sequence.lastSeqs(again)).some(([id, seq]) => seq > (asked[id] ?? -1));
    if (moved) this.#requestResume(again);
    else setTimeout(() => this.#requestResume(again), FIRST_WAIT_MS);
  }

  /** None of the chats is ours any more, or we asked too much at once. */
  #onResumeRefused({ code, retry_after_s: wait = 1 }) {
    const { asked, next } = this.#resuming;
    this.#resuming = null;
    const again = [...next, ...(code === CODES.NOT_FOUND ? [] : Object.keys(asked).map(Number))];
    setTimeout(() => this.#requestResume(again), wait * 1000);
  }

  #scheduleRenewal(token) {
    clearTimeout(this.#renewal);
    const left = expiryOf(token) - Date.now();
    this.#renewal = setTimeout(() => this.#renewToken(), Math.max(FIRST_WAIT_MS, left - Math.min(RENEW_BEFORE_MS, left / 3)));
  }

  async #renewToken() {
    try {
      const token = await this.#getToken({ fresh: true });
      await this.request(COMMANDS.AUTHENTICATE, { token });
      this.#scheduleRenewal(token);
    } catch ({ status }) {
      if (!this.isOpen) return;
      if (status === 401) { this.#stale = true; this.#dropSocket(); } // signed out: connecting says so
      else this.#renewal = setTimeout(() => this.#renewToken(), RENEW_AGAIN_MS);
    }
  }

  #emit(type, value) {
    // A listener that fails must not keep an event from its neighbours.
    for (const listener of this.#listeners.get(type) ?? []) {
      try { listener(value); } catch (problem) { reportError(problem); }
    }
  }
}

/** The connection of a page that the server has rendered: it asks for the events of the initial state that the page listens to. */
export class PageConnection extends Connection {
  #initial;
  #version;

  /**
   * `getToken` is that of Connection. `initial` are the events of the initial state that somebody listens to; `version` is that of the
   * agent's chats on the page, which are not sent again while it is theirs, at the first opening only.
   * @param {{ getToken: Function, initial: string[], version?: string }} options
   */
  constructor({ getToken, initial, version = "" }) {
    super({ origin: location.origin, getToken });
    this.#initial = initial;
    this.#version = version;
    this.on("state", ({ name }) => { if (name === "open") this.#version = ""; });
  }

  get url() {
    return `${super.url}?${new URLSearchParams({ initial: this.#initial.join(), ...(this.#version && { chats_version: this.#version }) })}`;
  }
}
