// One socket that comes back by itself. It knows the protocol and nothing of the page: staff pages, members'
// pages and the widget use it. What must survive a cut lives in outbox.js; which messages have arrived, in sequence.js.
//
// Subscribers get the server's words (`connection.on(EVENTS.TYPING, …)`) and two of our own:
//   "line"   a stored line, each one once, whichever of the words (or our own ack) brought it
//   "state"  { name: connecting | open | waiting | stopped, reason }

import { CLOSE, CODES, COMMANDS, EVENTS } from "./protocol.js";
import { Sequence } from "./sequence.js";

const BEAT_MS = 20_000;        // silence before we ask, and before an unanswered question means that nobody is there
const LOOK_MS = 5_000;         // how long the peer has when the tab comes back or the network does
const HANDSHAKE_MS = 10_000;
const ANSWER_MS = 20_000;      // a command without an answer is given up; with a client_id it can be repeated
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const RENEW_BEFORE_MS = 90_000;
const RENEW_AGAIN_MS = 30_000;
const STEADY_MS = 5_000;       // a connection that lived this long was a good one: the next wait is short again

const STOPS = { [CLOSE.REVOKED]: "revoked", [CLOSE.ABUSE]: "abuse", [CLOSE.TOO_MANY]: "too_many" };
const LINES = new Set([EVENTS.NEW_MESSAGE, EVENTS.USER_MESSAGE, EVENTS.AGENT_CHAT_MESSAGE]);

/** The person has to sign in again: no token can be had. Thrown by `getToken`. */
export class SignedOut extends Error {}

/** The `code` of a command of which nobody knows whether it was heard. */
export const LOST = "lost";

/** The server refused a command, or it was LOST. */
export class Refused extends Error {
  constructor({ code, message = "", retry_after_s = 0 }) {
    super(message);
    this.code = code;
    this.retryAfterMs = retry_after_s * 1000;
  }
}

/** Unique enough for a client_id; randomUUID exists only on secure pages. */
export const newId = () => crypto.randomUUID?.()
  ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const expiryOf = (token) => {
  const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return claims.exp * 1000;
};

export class Connection {
  #url;
  #getToken;
  #listeners = new Map();
  #sequence = new Sequence();
  #asked = new Map();      // id -> { resolve, reject, timer } of the commands without an answer
  #socket = null;
  #state = { name: "connecting" };
  #attempt = 0;
  #retry = 0;              // timer of the next connection
  #renewal = 0;            // timer of the next token
  #stale = false;          // the last token was refused or ran out: fetch another one
  #startedAt = 0;
  #heardAt = 0;
  #questionAt = 0;         // when we last asked whether somebody is there
  #patience = BEAT_MS;     // how long that question may stay without an answer
  #resuming = null;        // the `resume` under way: { id, asked: lasts as sent, next: chats to look at after it }

  /** `getToken({ fresh })` returns a token, or throws SignedOut; anything else it throws counts as no network. */
  constructor({ path, getToken }) {
    this.#url = Object.assign(new URL(path, location.href), { protocol: location.protocol.replace("http", "ws") });
    this.#getToken = getToken;
    setInterval(() => this.#beat(), LOOK_MS);
    const look = () => { if (document.visibilityState === "visible") this.look(); };
    document.addEventListener("visibilitychange", look);
    addEventListener("pageshow", look);
    addEventListener("online", look);
    addEventListener("offline", look);
  }

  get state() { return this.#state; }
  get isOpen() { return this.#state.name === "open"; }

  on(word, listener) {
    if (!this.#listeners.has(word)) this.#listeners.set(word, new Set());
    this.#listeners.get(word).add(listener);
    return () => this.#listeners.get(word).delete(listener);
  }

  /** A picture showed this chat with `seq` as its last line: what comes later is news. */
  know(chatId, seq) { this.#sequence.know(chatId, seq); }

  /** The page draws this chat from `seq` on; lines heard before it was drawn come again. */
  follow(chatId, seq) { if (this.#sequence.follow(chatId, seq)) this.#resume([chatId]); }

  /** Say something that is worth nothing later: typing, read. False when nobody was there to hear it. */
  tell(event, fields = {}) {
    if (this.isOpen) this.#socket.send(JSON.stringify({ event, ...fields }));
    return this.isOpen;
  }

  /** Say something and wait for its ack. Rejects with Refused. */
  ask(event, fields = {}, id = newId()) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) { reject(new Refused({ code: LOST })); return; }
      const timer = setTimeout(() => { this.#answer(id)?.reject(new Refused({ code: LOST })); this.look(); }, ANSWER_MS);
      this.#asked.set(id, { resolve, reject, timer });
      this.tell(event, { id, ...fields });
    });
  }

  async connect() {
    clearTimeout(this.#retry);
    if (this.#socket || this.#startedAt) return;
    this.#startedAt = Date.now();
    this.#turn("connecting");
    try {
      const token = await this.#getToken({ fresh: this.#stale });
      this.#stale = false;
      this.#open(token);
    } catch (problem) {
      this.#startedAt = 0;
      if (problem instanceof SignedOut) this.#turn("stopped", "signed_out");
      else this.#wait();
    }
  }

  /** Is anybody there? Called when the tab is looked at again and when the network changed; cheap at any time. */
  look() {
    if (this.#state.name === "waiting") { this.#attempt = 0; this.connect(); }
    else if (this.isOpen) this.#question(LOOK_MS);
  }

  #open(token) {
    const socket = new WebSocket(this.#url, ["beneficiate", token]);
    this.#socket = socket;
    this.#startedAt = Date.now();
    let opened = false;
    socket.onopen = () => { opened = true; this.#opened(token); };
    socket.onmessage = ({ data }) => this.#handleFrame(JSON.parse(data));
    // A handshake refused with 401 looks like a dead network from here, so the next try brings another token.
    socket.onclose = ({ code }) => { this.#stale ||= !opened || code === CLOSE.TOKEN_EXPIRED; this.#closed(code, opened); };
  }

  #opened(token) {
    this.#heardAt = Date.now();
    this.#questionAt = 0;
    this.#resuming = null;
    this.#renewLater(token);
    // First what was missed, then whatever the subscribers have to say: so a resent line finds its chat without holes.
    this.#state = { name: "open", reason: null };
    this.#resume(Object.keys(this.#sequence.lasts()).map(Number));
    this.#turn("open");
  }

  #closed(code, opened) {
    const lived = opened ? Date.now() - this.#startedAt : 0;
    this.#socket = null;
    this.#startedAt = 0;
    clearTimeout(this.#renewal);
    for (const id of [...this.#asked.keys()]) this.#answer(id).reject(new Refused({ code: LOST }));
    if (lived > STEADY_MS) this.#attempt = 0;
    if (STOPS[code]) this.#turn("stopped", STOPS[code]);
    else this.#wait(code === CLOSE.TOKEN_EXPIRED && this.#attempt === 0);
  }

  /** The browser may take minutes to notice a dead line, so we stop listening and count it as closed. */
  #drop() {
    const socket = this.#socket;
    const opened = this.isOpen;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed(0, opened);
  }

  /** Full jitter: after a restart a thousand clients must not come back in the same second. */
  #wait(atOnce = false) {
    this.#turn("waiting");
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.connect(), atOnce ? 0 : Math.random() * most);
  }

  #turn(name, reason = null) {
    this.#state = { name, reason };
    this.#emit("state", this.#state);
  }

  #beat() {
    const now = Date.now();
    if (this.isOpen) {
      if (this.#questionAt > this.#heardAt) { if (now - this.#questionAt >= this.#patience) this.#drop(); }
      else if (now - this.#heardAt >= BEAT_MS) this.#question(BEAT_MS);
    } else if (this.#socket && now - this.#startedAt > HANDSHAKE_MS) this.#drop();
  }

  /** Waits from the question on and not from the last word heard: a sleeping tab has heard nothing for good reasons. */
  #question(patience) {
    this.#questionAt = Date.now();
    this.#patience = patience;
    this.tell(COMMANDS.PING);
    if (patience < BEAT_MS) setTimeout(() => this.#beat(), patience + 50);
  }

  #handleFrame(frame) {
    // One more than the question, so that an answer within the same millisecond counts as one.
    this.#heardAt = Math.max(Date.now(), this.#questionAt + 1);
    if (LINES.has(frame.event)) this.#handleLine(frame.message);
    if (frame.event === EVENTS.ACK) {
      if (frame.message) this.#handleLine(frame.message);
      this.#answer(frame.id)?.resolve(frame);
    }
    if (frame.event === EVENTS.ERROR) {
      this.#answer(frame.id)?.reject(new Refused(frame));
      if (frame.id && frame.id === this.#resuming?.id) this.#resumeRefused(frame);
    }
    if (frame.event === EVENTS.RESUMED) this.#resumed(frame);
    this.#emit(frame.event, frame);
  }

  #answer(id) {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    clearTimeout(asked?.timer);
    return asked;
  }

  #handleLine(message) {
    const { fresh, hole } = this.#sequence.take(message.chat_id, message.seq);
    if (fresh) this.#emit("line", message);
    if (hole) this.#resume([message.chat_id]);
  }

  /** One question at a time; a hole found meanwhile is looked at again when its answer is in. */
  #resume(chatIds) {
    if (!this.isOpen || chatIds.length === 0) return;
    if (this.#resuming) { chatIds.forEach((id) => this.#resuming.next.add(id)); return; }
    const asked = this.#sequence.lasts(chatIds);
    this.#resuming = { id: newId(), asked, next: new Set() };
    this.tell(COMMANDS.RESUME, { id: this.#resuming.id, chats: asked });
  }

  #resumed({ chats, more }) {
    const { asked = {}, next = [] } = this.#resuming ?? {};
    this.#resuming = null;
    for (const [id, seq] of Object.entries(chats)) this.#sequence.settle(Number(id), seq);
    const again = [...new Set([...more, ...[...next].filter((id) => this.#sequence.hasHole(id))])];
    // Without progress (a line between two processes that is not to be seen yet) the next question waits a little.
    const moved = Object.entries(this.#sequence.lasts(again)).some(([id, seq]) => seq > (asked[id] ?? -1));
    if (moved) this.#resume(again);
    else setTimeout(() => this.#resume(again), FIRST_WAIT_MS);
  }

  /** None of the chats is ours any more, or we asked too much at once. */
  #resumeRefused({ code, retry_after_s: wait = 1 }) {
    const { asked, next } = this.#resuming;
    this.#resuming = null;
    const again = [...next, ...(code === CODES.NOT_FOUND ? [] : Object.keys(asked).map(Number))];
    setTimeout(() => this.#resume(again), wait * 1000);
  }

  #renewLater(token) {
    clearTimeout(this.#renewal);
    const due = expiryOf(token) - Date.now() - RENEW_BEFORE_MS;
    this.#renewal = setTimeout(() => this.#renew(), Math.max(RENEW_AGAIN_MS, due));
  }

  async #renew() {
    try {
      const token = await this.#getToken({ fresh: true });
      await this.ask(COMMANDS.AUTHENTICATE, { token });
      this.#renewLater(token);
    } catch {
      // No network: try again. Signed out: the server closes with 4401 soon, and connecting says so.
      if (this.isOpen) this.#renewal = setTimeout(() => this.#renew(), RENEW_AGAIN_MS);
    }
  }

  #emit(word, value) {
    // A listener that fails must not keep a line from its neighbours.
    for (const listener of this.#listeners.get(word) ?? []) {
      try { listener(value); } catch (problem) { reportError(problem); }
    }
  }
}
