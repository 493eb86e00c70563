// One open conversation: its lines, its composer and what the connection says about it (templates/desk/_thread.html). Of
// somebody else's chat the connection says only that there is something new, to those who view it (viewers.js). What the
// page has printed is not fetched again: the server compares its version with the chat's.

import { callApi } from "../core/api.js";
import { COMMANDS, EVENTS, LIMITS } from "../core/protocol.js";
import { makeComposer } from "../ui/composer.js";
import { onReturn } from "../ui/connection-bar.js";
import { messages } from "../ui/messages.es.js";
import { throttle } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";
import { Thread } from "./thread.js";

const PAGE = 50;
const NEAR_TOP_PX = 200;
const FETCH_GAP_MS = 300;  // a burst of lines in the chat of a colleague is one request
const FETCH_AGAIN_MS = 5_000;
const MOST_PAGES_BACK = 20;

export class Conversation {
  #chatId;
  #userId;
  #connection;
  #outbox;
  #getToken;
  #describeMessage;
  #onRead;
  #fetchNotes;
  #memberPanel;
  #isOwn;
  #undoMs;
  #thread;
  #composer;
  #parts;
  #isFollowed = false;
  #readUpTo = 0;
  #typingOver = 0;
  #disposal = new AbortController();

  /**
   * `panel` holds the parts of _thread.html, with the newest lines in it; `chat` is { id, isOwn, isOpen, otherName, version },
   * without a version when it has no viewers;
   * for `undoMs` after it was stored a message can be recalled; `view(message)` says how I see a stored line: { kind, by,
   * author, initials, avatarColor }; `draft` is what the composer takes.
   */
  constructor(panel, { chat, userId, connection, outbox, getToken, undoMs, view, draft, onRead, fetchNotes, memberPanel, onMoved }) {
    this.#onRead = onRead;
    this.#fetchNotes = fetchNotes;
    this.#memberPanel = memberPanel;
    this.#isOwn = chat.isOwn;
    this.#undoMs = undoMs;
    this.#chatId = chat.id;
    this.#userId = userId;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#getToken = getToken;
    this.#describeMessage = view;
    this.#parts = Object.fromEntries(["log", "lines", "older", "write", "over", "typing-in", "typing-who"]
      .map((name) => [name, panel.querySelector(`[data-part=${name}]`)]));
    this.#thread = new Thread(this.#parts.lines);
    this.#composer = makeComposer(this.#parts.write, {
      ...draft,
      onSend: (text) => {
        outbox.addMessage(chat.id, text);
        this.#parts.log.scrollTop = 0; // column-reverse: its end
      },
      onTyping: (typing) => connection.send(typing ? COMMANDS.TYPING : COMMANDS.STOP_TYPING, { chat_id: chat.id }),
    });
    this.isClosed = !chat.isOpen;
    this.#addListeners(chat);
    this.showUnsent();
    if (chat.isOwn) this.#followOwn();
    if (chat.version) this.#watchOther(chat.version, onMoved);
  }

  get chatId() { return this.#chatId; }
  get thread() { return this.#thread; }
  get composer() { return this.#composer; }

  set isClosed(closed) {
    this.#parts.write.hidden = closed;
    this.#parts.over.hidden = !closed;
  }

  /** Where one writes, or else what there is to read. */
  focus() {
    if (this.#parts.write.hidden) this.#parts.log.focus({ preventScroll: true });
    else this.#composer.focus();
  }

  /** Take back the last message, while that is offered: it is written again where it was written. */
  async undoSending(line = this.#thread.lastUndoable) {
    if (!line) return;
    const text = this.#thread.textOf(line);
    try {
      await this.#connection.request(COMMANDS.RECALL_MESSAGE, { chat_id: this.#chatId, message_id: Number(line.dataset.id) });
      if (text) this.#composer.prependText(text);
    } catch (refusal) {
      showToast(refusal.message || messages.no_network);
    }
  }

  showUnsent() { this.#thread.showUnsent(this.#outbox.listEntries().filter((entry) => entry.chat_id === this.#chatId)); }

  /** The page shows something else now. The draft stays in the storage, the unsent lines in the outbox. */
  dispose() {
    this.#composer.stopTyping();
    this.#disposal.abort();
  }

  /** The newest lines as stored: their marks may have changed while we were away. Null when they could not be had. */
  async refresh() {
    try {
      const lines = await this.#fetchMessages({});
      this.#putMessages(lines);
      if (this.#isOwn) this.#followOwn();
      return lines;
    } catch {
      return null;
    }
  }

  /** Bring the line with this `seq` into sight, with those after it. False when it is too far back. */
  async scrollToMessage(seq) {
    for (let pages = 0; !this.#thread.findLine(seq) && pages < MOST_PAGES_BACK; pages += 1) {
      const oldest = this.#thread.oldestSeq;
      await this.#loadOlder();
      if (this.#thread.oldestSeq === oldest) break;
    }
    const line = this.#thread.findLine(seq);
    line?.scrollIntoView({ block: "center" });
    line?.classList.add("is-found");
    return Boolean(line);
  }

  /**
   * Once the server knows that we look, ask whether the printed `version` is the chat's; after a cut it is not asked. In the
   * chat of somebody else whatever we are told of is fetched, and after a cut what came meanwhile.
   */
  #watchOther(version, onMoved) {
    const fetchNew = throttle(FETCH_GAP_MS, async () => {
      if (this.#disposal.signal.aborted) return;
      const newest = this.#thread.newestSeq;
      const lines = await this.refresh();
      if (!lines) { setTimeout(fetchNew, FETCH_AGAIN_MS); return; }
      // Whatever becomes of a chat as a whole, a line of the system says it.
      const hasMoved = lines.some(({ sender_type: type, seq }) => type === "SYSTEM" && seq > newest);
      if (hasMoved && !this.#disposal.signal.aborted) onMoved();
    });
    let isKnown = false;
    let isPrinted = true;
    let isComparing = false;
    const compare = async () => {
      isComparing = true;
      const panelVersion = this.#memberPanel.versionFor(this.#chatId);
      await this.#connection.request(COMMANDS.VIEW_CHAT, {
        chat_id: this.#chatId, version, ...(panelVersion && { panel_version: panelVersion }),
      }).catch(fetchNew);
      isComparing = false;
    };
    this.#onChatEvent(EVENTS.VIEWERS, () => {
      if (isKnown) return;
      isKnown = true;
      if (isPrinted) compare();
      else if (!this.#isOwn) fetchNew();
      isPrinted = false;
    });
    this.#onChatEvent(EVENTS.CHAT_CHANGED, () => {
      if (isComparing) { this.#fetchNotes(); this.#memberPanel.refresh(); }
      if (isComparing || !this.#isOwn) fetchNew();
    });
    this.#disposal.signal.addEventListener("abort", this.#connection.on("state", ({ name }) => {
      isKnown = false;
      if (name === "waiting") isPrinted = false;
    }));
  }

  /** From the first lines on that are rendered, the connection brings every one that comes after them. */
  #followOwn() {
    if (!this.#isFollowed) this.#connection.resumeFrom(this.#chatId, this.#thread.newestSeq);
    this.#isFollowed = true;
    this.#markRead();
  }

  /** A page of messages, the newest one or the one `before` a seq. The token may have been renewed meanwhile. */
  async #fetchMessages(query) {
    const token = await this.#getToken();
    return callApi(`/api/v1/agent-chat/messages/${this.#chatId}?${new URLSearchParams({ limit: PAGE, ...query })}`, { token });
  }

  async #loadOlder() {
    const { older, log } = this.#parts;
    if (older.hidden || older.disabled) return;
    older.disabled = true;
    log.ariaBusy = "true"; // so that a screen reader does not read the past as news
    try {
      const lines = await this.#fetchMessages({ before: this.#thread.oldestSeq });
      this.#putMessages(lines);
      older.hidden = lines.length < PAGE || this.#thread.oldestSeq <= 1;
      this.#fetchNotes();
    } catch {
      // The button stays, and pressing it is how one tries again.
    }
    older.disabled = false;
    log.ariaBusy = "false";
  }

  #putMessages(lines) {
    for (const message of lines) {
      this.#thread.putLine({
        ...this.#describeMessage(message), id: message.id, seq: message.seq, text: message.message, at: message.sent_at,
        state: message.status.toLowerCase(), client_id: message.client_id, file: message.attachment, isRecalled: message.is_recalled,
      });
    }
  }

  /** Handle the events of this chat, until we leave it. */
  #onChatEvent(word, listener) {
    const off = this.#connection.on(word, (frame) => { if (frame.chat_id === this.#chatId) listener(frame); });
    this.#disposal.signal.addEventListener("abort", off);
  }

  #addListeners({ otherName, version }) {
    const { signal } = this.#disposal;
    this.#onChatEvent("message", (message) => {
      const isJustSent = this.#outbox.listEntries().some((entry) => entry.client_id === message.client_id);
      this.#putMessages([message]);
      if (isJustSent && this.#undoMs) this.#thread.offerUndo(message.seq, this.#undoMs);
      if (this.#describeMessage(message).kind === "other") this.#showTyping("");
      this.#markRead();
    });
    this.#onChatEvent(EVENTS.MESSAGE_DELIVERED, ({ seq }) => this.#thread.markUpTo("delivered", seq));
    this.#onChatEvent(EVENTS.MESSAGE_READ, ({ user_id, seq }) => { if (user_id !== this.#userId) this.#thread.markUpTo("read", seq); });
    this.#onChatEvent(EVENTS.MESSAGE_RECALLED, ({ seq, text }) => this.#thread.showRecalled(seq, text));
    this.#onChatEvent(EVENTS.TYPING, ({ user_id }) => { if (user_id !== this.#userId) this.#showTyping(otherName); });
    this.#onChatEvent(EVENTS.STOP_TYPING, () => this.#showTyping(""));
    this.#onChatEvent(EVENTS.CHAT_CLOSED, () => { this.isClosed = true; });

    // Without a version, what came between the printing of the page and the first opening is fetched as after a cut.
    let isUnsure = !version && !this.#connection.isOpen;
    signal.addEventListener("abort", onReturn(this.#connection, () => { if (this.#isOwn) this.refresh(); }));
    signal.addEventListener("abort", this.#connection.on("state", ({ name }) => {
      if (name === "open") {
        if (isUnsure) this.refresh();
        isUnsure = false;
        this.#readUpTo = 0; // whether the last one arrived is not known, and reading twice is harmless
        this.#markRead();
      } else this.#showTyping("");
    }));
    document.addEventListener("visibilitychange", () => this.#markRead(), { signal });
    this.#parts.older.addEventListener("click", () => this.#loadOlder(), { signal });
    // column-reverse scrolls from 0 at the newest line into the negative
    this.#parts.log.addEventListener("scroll", ({ target }) => {
      if (target.scrollHeight - target.clientHeight + target.scrollTop < NEAR_TOP_PX) this.#loadOlder();
    }, { signal, passive: true });
    this.#parts.lines.addEventListener("click", ({ target }) => {
      const todo = target.closest("[data-do]")?.dataset.do;
      const clientId = target.closest("[data-line]")?.dataset.clientId;
      if (todo === "undo") this.undoSending(target.closest("[data-line]"));
      if (todo === "retry") this.#outbox.retryMessage(clientId);
      if (todo === "edit") this.#composer.prependText(this.#outbox.takeText(clientId));
      if (todo === "discard") this.#outbox.discardMessage(clientId);
    }, { signal });
  }

  /** Read is what is in front of somebody's eyes. */
  async #markRead() {
    const newest = this.#thread.newestReceived;
    if (newest <= this.#readUpTo || !this.#isOwn || document.visibilityState !== "visible" || !this.#connection.isOpen) return;
    this.#readUpTo = newest;
    try {
      await this.#connection.request(COMMANDS.MESSAGE_READ, { chat_id: this.#chatId, message_id: newest });
      this.#onRead();
    } catch {
      // Lost on the way: the next opening says it again.
    }
  }

  #showTyping(name) {
    clearTimeout(this.#typingOver);
    this.#parts["typing-who"].textContent = name && messages.typing(name);
    this.#parts["typing-in"].hidden = !name;
    if (name) this.#typingOver = setTimeout(() => this.#showTyping(""), LIMITS.TYPING_TTL_S * 1000);
  }
}
