// What the server says about chats, whichever is open: rows are rendered again, alerts are raised, toasts say what changed hands.

import { callApi } from "../core/api.js";
import { EVENTS } from "../core/protocol.js";
import { shortenText } from "../core/text.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { getToken } from "../ui/server.js";
import { showToast } from "../ui/toasts.js";

const BODY_CHARS = 120; // of a notification of the browser
const RETURNED = ["no_reply", "lost"]; // reasons why a chat was taken away from somebody who was not there

export class Notifications {
  #desk;
  #mine = new Set(); // ids of the open chats that are my own
  #waiting = Number(byId("waiting").dataset.count);

  /** `chats` are those of the page: its own open ones. */
  constructor(desk, chats) {
    this.#desk = desk;
    this.#listenToMessages();
    this.#listenToChats();
    this.#listenToQueue();
    this.#listenToDeadlines();
    desk.connection.on(EVENTS.NOTE_ADDED, ({ chat_id: id, note }) => this.#onNote(id, note));
    desk.connection.on(EVENTS.AGENT_CHATS, ({ chats: current }) => this.#onInitialChats(current));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && desk.chat) desk.alerts.clearAlert(`chat-${desk.chat.id}`);
    });
    const stop = desk.connection.on("state", ({ name }) => {
      if (name !== "open") return;
      stop();
      this.#showUnseenMentions();
    });
    this.#updateChats(chats);
  }

  #isOpen(chatId) { return this.#desk.chat?.id === chatId; }
  #isSeen(chatId) { return this.#isOpen(chatId) && document.visibilityState === "visible"; }

  #listenToMessages() {
    const { connection, inbox, alerts, me } = this.#desk;
    connection.on("message", ({ chat_id: id, sender_type: type, sender_id: sender, message: text }) => {
      inbox.refreshRow(id);
      if (type !== "USER" || sender === me.userId || this.#isSeen(id)) return;
      const name = inbox.findRow(id)?.querySelector(".row-name").textContent ?? "";
      alerts.raiseAlert(`chat-${id}`, { title: name || messages.team, body: shortenText(text, BODY_CHARS), chatId: id });
    });
    connection.on(EVENTS.MESSAGE_RECALLED, ({ chat_id: id }) => inbox.refreshRow(id));
    connection.on(EVENTS.MESSAGE_READ, ({ chat_id: id, user_id: reader }) => {
      if (reader !== me.userId) return;
      inbox.refreshRow(id);
      alerts.clearAlert(`chat-${id}`); // in whichever tab
    });
  }

  #listenToChats() {
    const { connection, inbox, me } = this.#desk;
    connection.on([EVENTS.CHAT_INITIATED, EVENTS.NEW_CHAT], ({ chat }) => this.#onChat(chat));
    connection.on(EVENTS.CHAT_LEFT, ({ chat_id: id, reason }) => {
      inbox.removeChat(id);
      this.#onGone(id);
      if (RETURNED.includes(reason)) showToast(messages.left_because[reason]);
    });
    connection.on(EVENTS.CHAT_CLOSED, ({ chat_id: id }) => {
      inbox.refreshRow(id);
      this.#onGone(id);
    });
    connection.on(EVENTS.CHAT_TAGGED, ({ chat_id: id }) => inbox.refreshRow(id));
    connection.on(EVENTS.CHAT_RATED, ({ agent_id: id, score }) => { if (id === me.agentId) showToast(messages.rated(score), "ok"); });
    connection.on(EVENTS.CHAT_CHANGED, ({ chat_id: id }) => { if (!this.#mine.has(id)) inbox.refreshRow(id); });
  }

  /** Promises to members that have to be kept soon, or were broken. */
  #listenToDeadlines() {
    const { connection, inbox, alerts } = this.#desk;
    connection.on(EVENTS.DEADLINE, ({ chat_id: id, promise, state }) => {
      inbox.refreshRow(id);
      if (!this.#mine.has(id)) return;
      const name = inbox.findRow(id)?.querySelector(".row-name").textContent ?? "";
      const title = messages.deadline(state, name);
      showToast(title, state === "late" ? "danger" : "ok", () => this.#desk.openChat(id));
      alerts.raiseAlert(`deadline-${id}`, { title, body: messages.promises[promise], chatId: id });
    });
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => { for (const id of this.#mine) alerts.clearAlert(`deadline-${id}`); }, { capture: true, passive: true });
    }
  }

  #listenToQueue() {
    const { connection, inbox, alerts } = this.#desk;
    connection.on(EVENTS.QUEUE_CHANGED, ({ waiting }) => {
      // Also for whom the system set away: they did not choose silence.
      const isAlerting = byId("availability").dataset.isAlerting === "1";
      if (waiting > this.#waiting && isAlerting) alerts.raiseAlert("queue", { title: messages.somebody_waits(waiting) });
      if (waiting === 0) alerts.clearAlert("queue");
      this.#waiting = waiting;
      inbox.refresh();
    });
    // Whoever works in this tab has seen the foot of the list.
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => alerts.clearAlert("queue"), { capture: true, passive: true });
    }
  }

  /** A chat is mine now, or was opened by me. */
  #onChat(chat) {
    const { connection, inbox, alerts } = this.#desk;
    const isNew = !this.#mine.has(chat.id);
    this.#mine.add(chat.id);
    connection.trackChat(chat.id, chat.last_seq);
    inbox.refreshRow(chat.id);
    inbox.refresh();
    if (this.#isOpen(chat.id)) this.#desk.refreshChat(chat.id);
    else if (isNew) {
      const name = `${chat.user.first_name} ${chat.user.last_name}`;
      alerts.raiseAlert(`chat-${chat.id}`, { title: messages.new_chat(name), body: chat.last_message, chatId: chat.id });
    }
  }

  #onGone(chatId) {
    this.#mine.delete(chatId);
    this.#desk.inbox.refresh();
    this.#desk.alerts.clearAlert(`chat-${chatId}`);
    if (this.#isOpen(chatId)) this.#desk.refreshChat(chatId);
  }

  #onNote(chatId, note) {
    const { me, alerts } = this.#desk;
    const isMentioned = note.author.id !== me.userId && note.mentions.some((one) => one.id === me.userId);
    if (!isMentioned || this.#isSeen(chatId)) return;
    const title = messages.mentioned(`${note.author.first_name} ${note.author.last_name}`);
    showToast(title, "ok", () => this.#desk.openChat(chatId));
    alerts.raiseAlert(`chat-${chatId}`, { title, body: shortenText(note.text, BODY_CHARS), chatId });
  }

  /** The own open chats: what differs from the page is rendered again. */
  #updateChats(chats) {
    const { connection, inbox, chat: current, panel } = this.#desk;
    const open = new Set(chats.map((chat) => chat.id));
    for (const chat of chats) {
      connection.trackChat(chat.id, chat.last_seq);
      inbox.compareChat(chat);
    }
    for (const id of this.#mine) if (!open.has(id)) { this.#mine.delete(id); inbox.refreshRow(id); }
    open.forEach((id) => this.#mine.add(id));
    if (current && panel.dataset.kind === "SUPPORT" && open.has(current.id) !== (panel.dataset.mode === "own")) this.#desk.refreshChat(current.id);
  }

  /** The server sent the chats on opening: the page was not up to date, or the connection was away. */
  #onInitialChats(chats) {
    this.#updateChats(chats);
    this.#desk.inbox.refresh();
    this.#desk.refreshQueue();
  }

  async #showUnseenMentions() {
    const unseen = await callApi("/api/v1/agent-chat/mentions", { token: await getToken() }).catch(() => []);
    const elsewhere = unseen.filter(({ note }) => !this.#isOpen(note.chat_id));
    if (elsewhere.length) showToast(messages.mentions_unseen(elsewhere.length), "ok", () => this.#desk.openChat(elsewhere[0].note.chat_id));
  }
}
