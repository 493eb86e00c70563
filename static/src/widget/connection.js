// One socket that comes back by itself. What must survive a cut lives in outbox.js; which lines are here, in chat.js.

import { expiryOf, Refused } from "./session.js";
import { newId } from "./storage.js";

const BEAT_MS = 20_000;       // silence before we ask, and before an unanswered question means that nobody is there
const LOOK_MS = 5_000;        // how long the peer has when the tab comes back or the network does
const LONGEST_WAIT_MS = 30_000;
const EXPIRED = 4401;
const STOPS = [1008, 4403, 4409];

/** Subscribers get the server's words, and "state": { name: connecting | open | waiting | stopped, code }. */
export class Wire {
  #url;
  #getToken;
  #listeners = {};
  #asked = new Map();         // id -> { resolve, reject, timer } of what has no answer yet
  #socket = null;
  #attempt = 0;
  #timer = 0;                 // of the next connection, or of a handshake that takes too long
  #renewal = 0;
  #isStale = false;           // the last token was refused or ran out
  #openedAt = 0;
  #heardAt = 0;
  #end = new AbortController();
  state = { name: "connecting" };

  /** `getToken(fresh)` throws a 401 when the person has to sign in; anything else it throws counts as no network. */
  constructor(url, getToken) {
    this.#url = url;
    this.#getToken = getToken;
    const { signal } = this.#end;
    const look = () => {
      if (document.visibilityState !== "visible") return;
      if (this.state.name === "waiting") { this.#attempt = 0; this.connect(); }
      else this.#question(LOOK_MS);
    };
    document.addEventListener("visibilitychange", look, { signal });
    for (const word of ["pageshow", "online", "offline"]) addEventListener(word, look, { signal });
    const beat = setInterval(() => { if (Date.now() - this.#heardAt >= BEAT_MS) this.#question(BEAT_MS); }, LOOK_MS);
    signal.onabort = () => clearInterval(beat);
  }

  get isOpen() { return this.state.name === "open"; }

  on(words, listener) { for (const word of words.split(" ")) (this.#listeners[word] ??= []).push(listener); }

  /** Say what is worth nothing later. */
  tell(event, fields) { if (this.isOpen) this.#socket.send(JSON.stringify({ event, ...fields })); }

  /** Say something and wait for the answer. */
  ask(event, fields, patience = BEAT_MS) {
    return new Promise((resolve, reject) => {
      const id = newId();
      const lose = () => { this.#asked.delete(id); reject(new Refused({})); };
      if (!this.isOpen) { lose(); return; }
      this.#asked.set(id, { resolve, reject, lose, timer: setTimeout(lose, patience) });
      this.tell(event, { id, ...fields });
    });
  }

  async connect() {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    this.#turn("connecting");
    try {
      const token = await this.#getToken(this.#isStale);
      this.#isStale = false;
      if (!this.#socket && !this.#end.signal.aborted) this.#open(token);
    } catch ({ status }) {
      if (status === 401) this.#turn("stopped", status);
      else this.#wait();
    }
  }

  close() {
    this.#end.abort();
    this.#listeners = {};
    if (this.#socket) this.#drop();
    clearTimeout(this.#timer);
  }

  #open(token) {
    const socket = this.#socket = new WebSocket(this.#url, ["beneficiate", token]);
    this.#timer = setTimeout(() => this.#drop(), 2 * LOOK_MS);
    this.#openedAt = 0;
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#openedAt = this.#heardAt = Date.now();
      this.#renewLater(token);
      this.#turn("open");
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    // A handshake refused with 401 looks like a dead network from here, so the next try brings another token.
    socket.onclose = ({ code }) => { this.#isStale ||= !this.#openedAt || code === EXPIRED || STOPS.includes(code); this.#closed(code); };
  }

  #closed(code) {
    this.#socket = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#renewal);
    for (const { timer, lose } of this.#asked.values()) { clearTimeout(timer); lose(); }
    // A connection that lived for a while was a good one: the next wait is short again.
    if (this.#openedAt && Date.now() - this.#openedAt > LOOK_MS) this.#attempt = 0;
    if (STOPS.includes(code)) this.#turn("stopped", code);
    else if (!this.#end.signal.aborted) this.#wait(code === EXPIRED && !this.#attempt);
  }

  /** The browser may take minutes to notice a dead line, so we stop listening and count it as closed. */
  #drop() {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed();
  }

  /** Full jitter: after a restart a thousand clients must not come back in the same second. */
  #wait(atOnce) {
    this.#turn("waiting");
    const most = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.connect(), atOnce ? 0 : Math.random() * most);
  }

  #turn(name, code) {
    this.state = { name, code };
    this.#emit("state", this.state);
  }

  #question(patience) {
    const socket = this.#socket;
    if (this.isOpen) this.ask("ping", {}, patience).catch(() => { if (this.isOpen && socket === this.#socket) this.#drop(); });
  }

  #hear(frame) {
    this.#heardAt = Date.now();
    const asked = this.#asked.get(frame.id);
    this.#asked.delete(frame.id);
    clearTimeout(asked?.timer);
    this.#emit(frame.event, frame);
    if (frame.event === "error") asked?.reject(new Refused(frame));
    else asked?.resolve(frame);
  }

  #renewLater(token) {
    const left = expiryOf(token) - Date.now();
    this.#renewal = setTimeout(() => this.#renew(), Math.max(1000, left - Math.min(90_000, left / 3)));
  }

  async #renew() {
    try {
      const token = await this.#getToken(true);
      await this.ask("authenticate", { token });
      this.#renewLater(token);
    } catch ({ status }) {
      if (!this.isOpen) return;
      if (status === 401) { this.#isStale = true; this.#drop(); } // signed out: connecting says so
      else this.#renewal = setTimeout(() => this.#renew(), LONGEST_WAIT_MS);
    }
  }

  #emit(word, value) {
    // A listener that fails must not keep a word from its neighbours.
    for (const listener of this.#listeners[word] ?? []) try { listener(value); } catch (problem) { reportError(problem); }
  }
}
