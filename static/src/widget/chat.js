// The chat with a person: before it, in the queue, talking, and what comes after. One chat is shown, the open one or else
// the one that ended last.

import { findFileProblem, makeUploadForm } from "../core/api.js";
import { formatDateTime, formatTime } from "../core/dates.js";
import { Refused } from "../core/errors.js";
import { newId } from "../core/ids.js";
import { COMMANDS, EVENTS, LIMITS } from "../core/protocol.js";
import { ChatMessages } from "./chat-messages.js";
import { makeComposer } from "./composer.js";
import { makeDots, h, makeLink, setText } from "./dom.js";
import { Ending } from "./ending.js";
import { loadLater } from "./load-later.js";
import { renderMessages } from "./message-list.js";
import { queueItem } from "./queue-card.js";
import { StartForm } from "./start-form.js";

const PAGE = 50;
const REOPEN_MS = 24 * 3_600_000;
const NEAR_TOP_PX = 200;
const TOO_LARGE = 413; // from here on the same file is refused again
const TEAM = "Equipo de Beneficiate";

export class Chat {
  #app;
  #messages;
  #isKnown = false;      // the server said which chat it is
  #isFollowed = false;   // from the first page on, the connection brings every message
  #place = null;         // the last queue_position
  #readUpTo = 0;
  #unread = 0;
  #typingOver = 0;
  #lastUpload = Promise.resolve();
  #isDue = false;
  #isEntered = false;    // the focus of an open panel came in
  #start;
  #ending;
  #composer;
  #list = h("div.w-lines");
  #log = h("div.w-log", { role: "log", id: "chat-log", "aria-label": `Conversación con el ${TEAM.toLowerCase()}`, tabindex: 0 }, this.#list);
  #typingText = h("span");
  #typing = h("p.w-typing", { id: "typing", hidden: true }, makeDots(), this.#typingText);
  #strip = h("div.w-strip", {}, this.#typing);
  #loading = h("p.w-empty", { role: "status", id: "chat-loading" }, "Cargando…");
  #broken = h("p.w-bar", { id: "broken", role: "alert", hidden: true },
    "No pudimos traer la conversación. No se perdió nada. ", makeLink("Intentar de nuevo", () => this.#loadNewest(), { id: "broken-again" }));
  current; // the chat that is shown, or null

  constructor(app) {
    this.#app = app;
    this.#messages = new ChatMessages(app.user.id);
    this.current = app.storage.get("chat"); // after a reload: what was open, until the server says
    this.#start = new StartForm(app);
    this.#ending = new Ending(app, {
      onRated: () => { this.scheduleRender(); this.#log.focus(); },
      onLater: () => this.scheduleRender(),
      onDownload: () => this.saveTranscript(),
    });
    this.#composer = makeComposer({
      storage: app.storage,
      id: "message",
      label: "Mensaje",
      onSend: (text) => this.sendText(text),
      onTyping: (isTyping) => app.connection.send(isTyping ? COMMANDS.TYPING : COMMANDS.STOP_TYPING, { chat_id: this.current.id }),
      onFiles: (files) => files.forEach((file) => this.#queueUpload(newId(), file)),
    });
    this.el = h("div", {}, this.#broken, this.#loading, this.#log, this.#strip, this.#ending.el, this.#start.el, this.#composer.el);
    this.#addListeners();
  }

  // ---- What the member's view asks for -----------------------------------------------------

  /** Once for all changes of the same moment. */
  scheduleRender() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  focus() {
    [this.#composer.text, this.#start.text, this.#log].find((one) => one.checkVisibility?.() ?? one.offsetParent)?.focus();
  }

  /** Send a message: in the open chat, or in a new one. */
  sendText(text) {
    this.#app.outbox.addMessage(this.current && this.current.status !== "CLOSED" ? this.current.id : 0, text);
    this.#log.scrollTop = 0; // column-reverse: its end
  }

  /** Read is what is in front of somebody's eyes. */
  markSeen() {
    const { connection } = this.#app;
    if (this.#app.isShown("chat") && connection.isOpen) {
      this.#unread = 0;
      const newest = this.#messages.newestReceived;
      if (newest > this.#readUpTo) {
        this.#readUpTo = newest;
        // Lost on the way: the next opening says it again.
        connection.request(COMMANDS.MESSAGE_READ, { chat_id: this.current.id, message_id: newest }).catch(() => { this.#readUpTo = 0; });
      }
    }
    this.#countUnread();
  }

  closeChat() { this.#app.runCommand(this.#ending.problem, COMMANDS.CLOSE_CHAT, { chat_id: this.current.id }); }

  saveTranscript() {
    const authors = { own: "Usted", system: "Beneficiate" };
    const authorOf = (message) => authors[this.#messages.kindOf(message)] ?? this.#authorOf(message);
    const lineOf = (message) => `${formatDateTime(message.sent_at)} · ${authorOf(message)}: ${message.message}`;
    const { id } = this.current, title = this.#otherSide;
    loadLater().then(({ downloadTranscript }) => downloadTranscript((path) => this.#app.callApi(path), id, title, lineOf))
      .catch(() => { this.#broken.hidden = false; });
  }

  dispose() { this.#composer.stop(); }

  describeHead(isOnline) {
    const { agent, status } = this.current ?? {};
    if (status === "WAITING" || !agent) {
      if (!this.#app.hours.is_open) return ["Fuera de horario"];
      return [this.current ? "Usted está en la fila" : undefined];
    }
    const presence = isOnline(agent.id) ? "En línea" : "Le responde apenas pueda";
    const state = status === "CLOSED" ? `Chat cerrado a las ${formatTime(this.current.updated_at)}` : presence;
    return [state, this.#otherSide, agent.first_name[0] + agent.last_name[0]];
  }

  // ---- How it is rendered ---------------------------------------------------------------------

  /** Who wrote a message, by the name that they had then. */
  #authorOf({ sender_type: type, sender_name: name }) { return name || (type === "BOT" ? "Asistente" : TEAM); }

  get #firstName() { return this.current?.agent?.first_name ?? TEAM; }

  get #otherSide() {
    const agent = this.current?.agent;
    return agent ? `${agent.first_name} ${agent.last_name}` : TEAM;
  }

  #render() {
    const { hours } = this.#app;
    const chat = this.current;
    const isOver = chat?.status === "CLOSED";
    const isWaiting = chat?.status === "WAITING";
    const hadFocus = isOver && this.#composer.el.contains(this.el.getRootNode().activeElement);
    const messages = this.#messages.toRender({
      outbox: this.#app.outbox,
      nameOf: (message) => this.#authorOf(message),
      upload: (clientId, file) => this.#queueUpload(clientId, file),
      rewrite: (text) => this.#composer.rewrite(text),
      onChange: () => this.scheduleRender(),
    });
    const isEmpty = !chat && !messages.length;
    this.#loading.hidden = this.#isKnown || !isEmpty;
    this.#log.hidden = isEmpty;
    this.#start.el.hidden = !this.#isKnown || !isEmpty;
    this.#composer.el.hidden = this.#strip.hidden = !chat || isOver;
    this.#ending.render(chat, this.#firstName);
    if (hadFocus) this.#log.focus();
    if (this.#isKnown && !this.#isEntered) {
      this.#isEntered = true;
      this.#app.enterContent();
    }
    if (!chat || isOver) this.#showTyping("");
    this.#renderMessages(messages, isWaiting);
    this.#start.render(hours);
    this.#composer.text.placeholder = isWaiting ? "Puede seguir escribiendo" : "Escriba su mensaje";
    this.#app.renderHead();
  }

  #renderMessages(messages, isWaiting) {
    const older = this.#messages.oldestSeq > 1 ? [["older", () => makeLink("Ver mensajes anteriores", () => this.#loadOlder())]] : [];
    const queue = isWaiting ? [queueItem(this.#app.hours, this.#place, () => this.closeChat())] : [];
    renderMessages(this.#list, messages, (path, options) => this.#app.callApi(path, options), older, queue);
  }

  #showTyping(name) {
    clearTimeout(this.#typingOver);
    setText(this.#typingText, name && `${name} está escribiendo`);
    this.#typing.hidden = !name;
    if (name) this.#typingOver = setTimeout(() => this.#showTyping(""), LIMITS.TYPING_TTL_S * 1000);
  }

  #countUnread() { this.#app.setUnread("chat", this.#unread); }

  // ---- What is known -----------------------------------------------------------------------

  /** Show this chat, or what is new about it. */
  #showChat(chat) {
    if (chat.id !== this.current?.id || !this.#isKnown) {
      this.#messages.clearAll();
      this.#isFollowed = false;
      this.#readUpTo = 0;
      this.#unread = chat.unread;
      this.#ending.resetForm();
    }
    setText(this.#ending.problem, "");
    if (chat.status !== "WAITING") this.#place = null;
    this.#setChat(chat);
    this.#countUnread();
    this.#loadNewest();
  }

  #setChat(chat) {
    this.current = chat;
    this.#isKnown = true;
    if (chat) this.#app.storage.set("chat", { id: chat.id, status: chat.status, agent: chat.agent, span: chat.span, updated_at: chat.updated_at });
    else {
      this.#messages.clearAll();
      this.#app.storage.remove("chat");
    }
    this.scheduleRender();
  }

  /** Return a page of messages; nothing when they are of a chat that is not shown any more. */
  async #fetchMessages(query) {
    const { id } = this.current;
    const page = await this.#app.callApi(`agent-chat/messages/${id}?limit=${PAGE}${query}`);
    if (id !== this.current?.id) return null;
    this.#messages.replaceMessages(page);
    this.#render();
    return page;
  }

  async #loadNewest() {
    try {
      const page = await this.#fetchMessages("");
      if (page && !this.#isFollowed) this.#app.connection.resumeFrom(this.current.id, page.at(-1)?.seq ?? 0);
      this.#isFollowed ||= Boolean(page);
      this.#broken.hidden = true;
      this.markSeen();
    } catch {
      this.#broken.hidden = false;
    }
  }

  async #loadOlder() {
    const { oldestSeq } = this.#messages;
    if (oldestSeq <= 1 || this.#log.ariaBusy === "true") return;
    this.#log.ariaBusy = "true"; // so that a screen reader does not read the past as new
    await this.#fetchMessages(`&before=${oldestSeq}`).catch(() => {});
    this.#log.ariaBusy = "false";
  }

  /** Files go one after the other, in the order in which they were chosen. */
  #queueUpload(clientId, file) {
    this.#messages.setUpload(clientId, { file, state: "sending" });
    this.#lastUpload = this.#lastUpload.then(() => this.#uploadFile(clientId, file));
    this.scheduleRender();
  }

  async #uploadFile(clientId, file) {
    const problem = findFileProblem(file, (await this.#app.loadSettings()).attachment_bytes);
    try {
      if (problem) throw new Refused({ message: problem }, TOO_LARGE);
      const answer = await this.#app.callApi(`agent-chat/${this.current.id}/attachments`, { method: "POST", body: makeUploadForm(file, clientId) });
      this.#handleMessage(answer);
      this.#messages.dropUpload(clientId);
    } catch ({ message, status, retryAfterMs }) {
      if (retryAfterMs) {
        await new Promise((done) => { setTimeout(done, retryAfterMs); });
        return this.#uploadFile(clientId, file);
      }
      this.#messages.setUpload(clientId, { file, state: "failed", why: message, isHopeless: status >= TOO_LARGE });
    }
    this.scheduleRender();
  }

  // ---- What happens ------------------------------------------------------------------------

  #handleMessage(message) {
    if (message.chat_id !== this.current?.id || !this.#messages.addMessage(message)) return;
    if (this.#messages.kindOf(message) !== "own") {
      this.#showTyping("");
      this.#unread += 1;
      this.#app.playSound(message.id);
    }
    this.scheduleRender();
    this.markSeen();
  }

  /** Handle the events of the chat that is shown. */
  #onChatEvent(type, listener) {
    this.#app.connection.on(type, (frame) => { if (frame.chat_id === this.current?.id) listener(frame); });
  }

  #addListeners() {
    const { connection, user } = this.#app;
    connection.on("message", (message) => this.#handleMessage(message));
    connection.on(EVENTS.USER_CHATS, ({ chats }) => {
      const isRecent = ({ status, agent, updated_at: at }) => status !== "CLOSED" || (agent && Date.now() - Date.parse(at) < REOPEN_MS);
      const recent = chats.find(isRecent);
      if (recent) this.#showChat(recent);
      else this.#setChat(null);
    });
    connection.on(EVENTS.NEW_CHAT, ({ chat }) => this.#showChat(chat));
    connection.on(EVENTS.ACK, ({ chat }) => { if (chat && (chat.id !== this.current?.id || !this.#isKnown)) this.#showChat(chat); });
    // Who left the queue was never attended: there is nothing to rate and nothing to go on with.
    this.#onChatEvent(EVENTS.CHAT_CLOSED, () => {
      this.#setChat(this.current.agent ? { ...this.current, status: "CLOSED", updated_at: new Date().toISOString() } : null);
    });
    this.#onChatEvent(EVENTS.CHAT_RATED, ({ chat_id: id, span }) => { this.#ending.markRated(id, span); this.scheduleRender(); });
    this.#onChatEvent(EVENTS.QUEUE_POSITION, (frame) => { this.#place = frame; this.scheduleRender(); });
    for (const [type, state] of [[EVENTS.MESSAGE_DELIVERED, "delivered"], [EVENTS.MESSAGE_READ, "read"]]) {
      this.#onChatEvent(type, ({ user_id: id, seq }) => this.#markUpTo(state, seq, id === user.id));
    }
    this.#onChatEvent(EVENTS.MESSAGE_RECALLED, ({ seq, text }) => {
      this.#messages.recallMessage(seq, text);
      this.#unread -= this.#unread && 1;
      this.#countUnread();
      this.scheduleRender();
    });
    this.#onChatEvent(EVENTS.TYPING, ({ user_id: id }) => { if (id !== user.id) this.#showTyping(this.#firstName); });
    this.#onChatEvent(EVENTS.STOP_TYPING, () => this.#showTyping(""));
    connection.on("state", () => { this.#readUpTo = 0; this.#showTyping(""); });
    // column-reverse scrolls from 0 at the newest message into the negative
    this.#log.onscroll = ({ target }) => { if (target.scrollHeight - target.clientHeight + target.scrollTop < NEAR_TOP_PX) this.#loadOlder(); };
  }

  /** Messages up to `seq` were delivered or read: by the other side, or by the member themselves in another tab. */
  #markUpTo(state, seq, isOwn) {
    if (isOwn) {
      this.#unread = 0;
      this.#countUnread();
      return;
    }
    this.#messages.markUpTo(state, seq);
    this.scheduleRender();
  }
}
