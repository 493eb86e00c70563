// The chat with a person: before it, in the queue, talking, and what comes after. One chat is shown, the open one or else
// the one that ended last.

import { problemOfFile, uploadForm } from "../core/api.js";
import { clock } from "../core/dates.js";
import { Refused } from "../core/errors.js";
import { newId } from "../core/ids.js";
import { COMMANDS, EVENTS, LIMITS } from "../core/protocol.js";
import { ChatMessages } from "./chat-messages.js";
import { makeComposer } from "./composer.js";
import { dots, h, link, say } from "./dom.js";
import { Ending } from "./ending.js";
import { drawMessages } from "./message-list.js";
import { queueItem } from "./queue-card.js";
import { StartForm } from "./start-form.js";
import { downloadTranscript } from "./transcript.js";

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
  #typing = h("p.w-typing", { id: "typing", hidden: true }, dots(), this.#typingText);
  #strip = h("div.w-strip", {}, this.#typing);
  #loading = h("p.w-empty", { role: "status", id: "chat-loading" }, "Cargando…");
  #broken = h("p.w-bar", { id: "broken", role: "alert", hidden: true },
    "No pudimos traer la conversación. No se perdió nada. ", link("Intentar de nuevo", () => this.#load(), { id: "broken-again" }));
  current; // the chat that is shown, or null

  constructor(app) {
    this.#app = app;
    this.#messages = new ChatMessages(app.user.id);
    this.current = app.storage.get("chat"); // after a reload: what was open, until the server says
    this.#start = new StartForm(app);
    this.#ending = new Ending(app, {
      onRated: () => { this.draw(); this.#log.focus(); },
      onLater: () => this.draw(),
      onDownload: () => this.download(),
    });
    this.#composer = makeComposer({
      storage: app.storage,
      id: "message",
      label: "Mensaje",
      onSend: (text) => this.say(text),
      onTyping: (isTyping) => app.connection.tell(isTyping ? COMMANDS.TYPING : COMMANDS.STOP_TYPING, { chat_id: this.current.id }),
      onFiles: (files) => files.forEach((file) => this.#upload(newId(), file)),
    });
    this.el = h("div", {}, this.#broken, this.#loading, this.#log, this.#strip, this.#ending.el, this.#start.el, this.#composer.el);
    this.#listen();
  }

  // ---- What the member's view asks for -----------------------------------------------------

  /** Once for all changes of the same moment. */
  draw() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  focus() {
    [this.#composer.text, this.#start.text, this.#log].find((one) => one.checkVisibility?.() ?? one.offsetParent)?.focus();
  }

  /** Send a message: in the open chat, or in a new one. */
  say(text) {
    this.#app.outbox.add(this.current && this.current.status !== "CLOSED" ? this.current.id : 0, text);
    this.#log.scrollTop = 0; // column-reverse: its end
  }

  /** Read is what is in front of somebody's eyes. */
  seen() {
    const { connection } = this.#app;
    if (this.#app.isShown("chat") && connection.isOpen) {
      this.#unread = 0;
      const newest = this.#messages.newestReceived;
      if (newest > this.#readUpTo) {
        this.#readUpTo = newest;
        // Lost on the way: the next opening says it again.
        connection.ask(COMMANDS.MESSAGE_READ, { chat_id: this.current.id, message_id: newest }).catch(() => { this.#readUpTo = 0; });
      }
    }
    this.#countUnread();
  }

  end() { this.#app.ask(this.#ending.problem, COMMANDS.CLOSE_CHAT, { chat_id: this.current.id }); }

  download() {
    const authors = { own: "Usted", system: "Beneficiate" };
    const authorOf = (message) => authors[this.#messages.kindOf(message)] ?? this.#authorOf(message);
    downloadTranscript((path) => this.#app.call(path), this.current.id, this.#otherSide, authorOf);
  }

  leave() { this.#composer.stop(); }

  head(isOnline) {
    const { agent, status } = this.current ?? {};
    if (status === "WAITING" || !agent) {
      if (!this.#app.hours.is_open) return ["Fuera de horario"];
      return [this.current ? "Usted está en la fila" : undefined];
    }
    const presence = isOnline(agent.id) ? "En línea" : "Le responde apenas pueda";
    const state = status === "CLOSED" ? `Chat cerrado a las ${clock(this.current.updated_at)}` : presence;
    return [state, this.#otherSide, agent.first_name[0] + agent.last_name[0]];
  }

  // ---- How it is drawn ---------------------------------------------------------------------

  /** Who wrote a message, by the name that they had then. */
  #authorOf({ sender_type: type, sender_name: name }) { return name || (type === "BOT" ? "Asistente" : TEAM); }

  get #firstName() { return this.current?.agent?.first_name ?? TEAM; }

  get #otherSide() {
    const agent = this.current?.agent;
    return agent ? `${agent.first_name} ${agent.last_name}` : TEAM;
  }

  #draw() {
    const { hours } = this.#app;
    const chat = this.current;
    const isOver = chat?.status === "CLOSED";
    const isWaiting = chat?.status === "WAITING";
    const hadFocus = isOver && this.#composer.el.contains(this.el.getRootNode().activeElement);
    const messages = this.#messages.toDraw({
      outbox: this.#app.outbox,
      nameOf: (message) => this.#authorOf(message),
      upload: (clientId, file) => this.#upload(clientId, file),
      rewrite: (text) => this.#composer.rewrite(text),
      onChange: () => this.draw(),
    });
    const isEmpty = !chat && !messages.length;
    this.#loading.hidden = this.#isKnown || !isEmpty;
    this.#log.hidden = isEmpty;
    this.#start.el.hidden = !this.#isKnown || !isEmpty;
    this.#composer.el.hidden = this.#strip.hidden = !chat || isOver;
    this.#ending.draw(chat, this.#firstName);
    if (hadFocus) this.#log.focus();
    if (this.#isKnown && !this.#isEntered) {
      this.#isEntered = true;
      this.#app.enterContent();
    }
    if (!chat || isOver) this.#showTyping("");
    this.#drawMessages(messages, isWaiting);
    this.#start.draw(hours);
    this.#composer.text.placeholder = isWaiting ? "Puede seguir escribiendo" : "Escriba su mensaje";
    this.#app.drawHead();
  }

  #drawMessages(messages, isWaiting) {
    const older = this.#messages.oldestSeq > 1 ? [["older", () => link("Ver mensajes anteriores", () => this.#loadOlder())]] : [];
    const queue = isWaiting ? [queueItem(this.#app.hours, this.#place, () => this.end())] : [];
    drawMessages(this.#list, messages, (path, options) => this.#app.call(path, options), older, queue);
  }

  #showTyping(name) {
    clearTimeout(this.#typingOver);
    say(this.#typingText, name && `${name} está escribiendo`);
    this.#typing.hidden = !name;
    if (name) this.#typingOver = setTimeout(() => this.#showTyping(""), LIMITS.TYPING_TTL_S * 1000);
  }

  #countUnread() { this.#app.setUnread("chat", this.#unread); }

  // ---- What is known -----------------------------------------------------------------------

  /** Show this chat, or what is new about it. */
  #show(chat) {
    if (chat.id !== this.current?.id || !this.#isKnown) {
      this.#messages.clear();
      this.#isFollowed = false;
      this.#readUpTo = 0;
      this.#unread = chat.unread;
      this.#ending.reset();
    }
    say(this.#ending.problem, "");
    if (chat.status !== "WAITING") this.#place = null;
    this.#know(chat);
    this.#countUnread();
    this.#load();
  }

  #know(chat) {
    this.current = chat;
    this.#isKnown = true;
    if (chat) this.#app.storage.set("chat", { id: chat.id, status: chat.status, agent: chat.agent, updated_at: chat.updated_at });
    else {
      this.#messages.clear();
      this.#app.storage.remove("chat");
    }
    this.draw();
  }

  /** Return a page of messages; nothing when they are of a chat that is not shown any more. */
  async #fetch(query) {
    const { id } = this.current;
    const page = await this.#app.call(`agent-chat/messages/${id}?limit=${PAGE}${query}`);
    if (id !== this.current?.id) return null;
    this.#messages.replace(page);
    this.#draw();
    return page;
  }

  async #load() {
    try {
      const page = await this.#fetch("");
      if (page && !this.#isFollowed) this.#app.connection.follow(this.current.id, page.at(-1)?.seq ?? 0);
      this.#isFollowed ||= Boolean(page);
      this.#broken.hidden = true;
      this.seen();
    } catch {
      this.#broken.hidden = false;
    }
  }

  async #loadOlder() {
    const { oldestSeq } = this.#messages;
    if (oldestSeq <= 1 || this.#log.ariaBusy === "true") return;
    this.#log.ariaBusy = "true"; // so that a screen reader does not read the past as new
    await this.#fetch(`&before=${oldestSeq}`).catch(() => {});
    this.#log.ariaBusy = "false";
  }

  /** Files go one after the other, in the order in which they were chosen. */
  #upload(clientId, file) {
    this.#messages.setUpload(clientId, { file, state: "sending" });
    this.#lastUpload = this.#lastUpload.then(() => this.#send(clientId, file));
    this.draw();
  }

  async #send(clientId, file) {
    const problem = problemOfFile(file, (await this.#app.loadSettings()).attachment_bytes);
    try {
      if (problem) throw new Refused({ message: problem }, TOO_LARGE);
      const answer = await this.#app.call(`agent-chat/${this.current.id}/attachments`, { method: "POST", body: uploadForm(file, clientId) });
      this.#receive(answer);
      this.#messages.dropUpload(clientId);
    } catch ({ message, status, retryAfterMs }) {
      if (retryAfterMs) {
        await new Promise((done) => { setTimeout(done, retryAfterMs); });
        return this.#send(clientId, file);
      }
      this.#messages.setUpload(clientId, { file, state: "failed", why: message, isHopeless: status >= TOO_LARGE });
    }
    this.draw();
  }

  // ---- What happens ------------------------------------------------------------------------

  #receive(message) {
    if (message.chat_id !== this.current?.id || !this.#messages.add(message)) return;
    if (this.#messages.kindOf(message) !== "own") {
      this.#showTyping("");
      this.#unread += 1;
      this.#app.ring(message.id);
    }
    this.draw();
    this.seen();
  }

  /** Handle the events of the chat that is shown. */
  #on(type, listener) {
    this.#app.connection.on(type, (frame) => { if (frame.chat_id === this.current?.id) listener(frame); });
  }

  #listen() {
    const { connection, user } = this.#app;
    connection.on("message", (message) => this.#receive(message));
    connection.on(EVENTS.USER_CHATS, ({ chats }) => {
      const isRecent = ({ status, agent, updated_at: at }) => status !== "CLOSED" || (agent && Date.now() - Date.parse(at) < REOPEN_MS);
      const recent = chats.find(isRecent);
      if (recent) this.#show(recent);
      else this.#know(null);
    });
    connection.on(EVENTS.NEW_CHAT, ({ chat }) => this.#show(chat));
    connection.on(EVENTS.ACK, ({ chat }) => { if (chat && (chat.id !== this.current?.id || !this.#isKnown)) this.#show(chat); });
    // Who left the queue was never attended: there is nothing to rate and nothing to go on with.
    this.#on(EVENTS.CHAT_CLOSED, () => {
      this.#know(this.current.agent ? { ...this.current, status: "CLOSED", updated_at: new Date().toISOString() } : null);
    });
    this.#on(EVENTS.QUEUE_POSITION, (frame) => { this.#place = frame; this.draw(); });
    for (const [type, state] of [[EVENTS.MESSAGE_DELIVERED, "delivered"], [EVENTS.MESSAGE_READ, "read"]]) {
      this.#on(type, ({ user_id: id, seq }) => this.#mark(state, seq, id === user.id));
    }
    this.#on(EVENTS.MESSAGE_RECALLED, ({ seq, text }) => {
      this.#messages.recall(seq, text);
      this.#unread -= this.#unread && 1;
      this.#countUnread();
      this.draw();
    });
    this.#on(EVENTS.TYPING, ({ user_id: id }) => { if (id !== user.id) this.#showTyping(this.#firstName); });
    this.#on(EVENTS.STOP_TYPING, () => this.#showTyping(""));
    connection.on("state", () => { this.#readUpTo = 0; this.#showTyping(""); });
    // column-reverse scrolls from 0 at the newest message into the negative
    this.#log.onscroll = ({ target }) => { if (target.scrollHeight - target.clientHeight + target.scrollTop < NEAR_TOP_PX) this.#loadOlder(); };
  }

  /** Messages up to `seq` were delivered or read: by the other side, or by the member themselves in another tab. */
  #mark(state, seq, isOwn) {
    if (isOwn) {
      this.#unread = 0;
      this.#countUnread();
      return;
    }
    this.#messages.mark(state, seq);
    this.draw();
  }
}
