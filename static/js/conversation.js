// One open conversation: its lines, its composer and what the wire says about it. The desk and the member's page draw the
// same panel (templates/desk/_talk.html) and differ in who "I" am, which they say with `view`.

import { messages } from "./api.js";
import { Composer } from "./composer.js";
import { COMMANDS, EVENTS, LIMITS } from "./protocol.js";
import { Thread } from "./thread.js";
import { words } from "./words.js";

const PAGE = 50;
const NEAR_TOP_PX = 200;

export class Conversation {
  #chatId;
  #userId;
  #wire;
  #outbox;
  #getToken;
  #view;
  #onRead;
  #thread;
  #composer;
  #parts;
  #isFollowed = false;
  #isShown = true;
  #readUpTo = 0;
  #typingOver = 0;
  #leaving = new AbortController();

  /**
   * `panel` holds the parts of _talk.html, with the newest lines in it when `isPrinted`, else `refresh` brings them;
   * `chat` is { id, isClosed, otherName }; `view(message)` says how I see a stored line: { kind, author, initials, face }.
   */
  constructor(panel, { chat, isPrinted, userId, wire, outbox, getToken, view, onRead = () => {} }) {
    this.#onRead = onRead;
    this.#chatId = chat.id;
    this.#userId = userId;
    this.#wire = wire;
    this.#outbox = outbox;
    this.#getToken = getToken;
    this.#view = view;
    this.#parts = Object.fromEntries(["log", "lines", "older", "write", "over", "typing-in", "typing-who"]
      .map((name) => [name, panel.querySelector(`[data-part=${name}]`)]));
    this.#thread = new Thread(this.#parts.lines);
    this.#composer = new Composer(this.#parts.write, {
      draftKey: `${userId}:${chat.id}`,
      onSend: (text) => outbox.add(chat.id, COMMANDS.CHAT_MESSAGE, text), // the word for a chat of any kind
      onTyping: (typing) => wire.tell(typing ? COMMANDS.TYPING : COMMANDS.STOP_TYPING, { chat_id: chat.id }),
    });
    this.isClosed = chat.isClosed;
    this.#listen(chat.otherName);
    this.showUnsent();
    if (isPrinted) this.#follow();
  }

  get chatId() { return this.#chatId; }

  set isClosed(closed) {
    this.#composer.isOpen = !closed;
    this.#parts.over.hidden = !closed;
  }

  /** Whether its panel is the one in sight: what is behind another one has not been read. */
  set isShown(shown) {
    this.#isShown = shown;
    this.#read();
  }

  focus() { this.#composer.focus(); }

  showUnsent() { this.#thread.showUnsent(this.#outbox.lines(this.#chatId)); }

  /** The page shows something else now. The draft stays on the shelf, the unsent lines in the outbox. */
  leave() {
    this.#composer.stop();
    this.#leaving.abort();
  }

  /** The newest lines as stored: their marks may have changed while we were away. False when they could not be had. */
  async refresh() {
    try {
      this.#put(await messages(this.#getToken, this.#chatId, { limit: PAGE }));
      this.#parts.older.hidden = this.#thread.oldestSeq <= 1;
      this.#follow();
      return true;
    } catch {
      return false;
    }
  }

  /** From the first lines on that are drawn, the wire brings every one that comes after them. */
  #follow() {
    if (!this.#isFollowed) this.#wire.follow(this.#chatId, this.#thread.newestSeq);
    this.#isFollowed = true;
    this.#read();
  }

  async #loadOlder() {
    const { older, log } = this.#parts;
    if (older.hidden || older.disabled) return;
    older.disabled = true;
    log.ariaBusy = "true"; // so that a screen reader does not read the past as news
    try {
      const lines = await messages(this.#getToken, this.#chatId, { before: this.#thread.oldestSeq, limit: PAGE });
      this.#put(lines);
      older.hidden = lines.length < PAGE || this.#thread.oldestSeq <= 1;
    } catch {
      // The button stays, and pressing it is how one tries again.
    }
    older.disabled = false;
    log.ariaBusy = "false";
  }

  #put(lines) {
    for (const message of lines) {
      this.#thread.put({
        ...this.#view(message), id: message.id, seq: message.seq, text: message.message, at: message.sent_at,
        state: message.status.toLowerCase(), client_id: message.client_id,
      });
    }
  }

  #listen(otherName) {
    const { signal } = this.#leaving;
    const mine = (word, listener) => {
      const off = this.#wire.on(word, (frame) => { if (frame.chat_id === this.#chatId) listener(frame); });
      signal.addEventListener("abort", off);
    };
    mine("line", (message) => {
      this.#put([message]);
      if (this.#view(message).kind === "other") this.#showTyping("");
      this.#read();
    });
    mine(EVENTS.MESSAGE_DELIVERED, ({ seq }) => this.#thread.mark("delivered", seq));
    mine(EVENTS.MESSAGE_READ, ({ user_id, seq }) => { if (user_id !== this.#userId) this.#thread.mark("read", seq); });
    mine(EVENTS.TYPING, ({ user_id }) => { if (user_id !== this.#userId) this.#showTyping(otherName); });
    mine(EVENTS.STOP_TYPING, () => this.#showTyping(""));
    mine(EVENTS.CHAT_CLOSED, () => { this.isClosed = true; });

    let wasCut = false;
    signal.addEventListener("abort", this.#wire.on("state", ({ name }) => {
      if (name === "open") {
        if (wasCut) this.refresh();
        this.#readUpTo = 0; // whether the last one arrived is not known, and reading twice is harmless
        this.#read();
      } else {
        wasCut = true;
        this.#showTyping("");
      }
    }));
    document.addEventListener("visibilitychange", () => this.#read(), { signal });
    this.#parts.older.addEventListener("click", () => this.#loadOlder(), { signal });
    // column-reverse scrolls from 0 at the newest line into the negative
    this.#parts.log.addEventListener("scroll", ({ target }) => {
      if (target.scrollHeight - target.clientHeight + target.scrollTop < NEAR_TOP_PX) this.#loadOlder();
    }, { signal, passive: true });
    this.#parts.lines.addEventListener("click", ({ target }) => {
      const todo = target.closest("[data-do]")?.dataset.do;
      const clientId = target.closest("[data-line]")?.dataset.clientId;
      if (todo === "retry") this.#outbox.retry(clientId);
      if (todo === "discard") this.#outbox.discard(clientId);
    }, { signal });
  }

  /** Read is what is in front of somebody's eyes. */
  async #read() {
    const newest = this.#thread.newestHeard;
    if (newest <= this.#readUpTo || !this.#isShown || document.visibilityState !== "visible" || !this.#wire.isOpen) return;
    this.#readUpTo = newest;
    try {
      await this.#wire.ask(COMMANDS.MESSAGE_READ, { chat_id: this.#chatId, message_id: newest });
      this.#onRead();
    } catch {
      // Lost on the way: the next opening says it again.
    }
  }

  #showTyping(name) {
    clearTimeout(this.#typingOver);
    this.#parts["typing-who"].textContent = name && words.typing(name);
    this.#parts["typing-in"].hidden = !name;
    if (name) this.#typingOver = setTimeout(() => this.#showTyping(""), LIMITS.TYPING_TTL_S * 1000);
  }
}
