// The agent's desk: the lists on the left, one conversation in the middle, its member on the right, and the address that
// remembers which.

import { Connection } from "../core/connection.js";
import { SignedOut } from "../core/errors.js";
import { Outbox } from "../core/outbox.js";
import { jsonStorage } from "../core/storage.js";
import { showConnectionBar } from "../ui/connection-bar.js";
import { byId, cloneTemplate } from "../ui/dom.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { ChatActions } from "./actions.js";
import { Alerts } from "./alerts.js";
import { initAvailability } from "./availability.js";
import { Inbox } from "./inbox.js";
import { MemberPanel } from "./member-panel.js";
import { Notifications } from "./notifications.js";
import { OpenChat } from "./open-chat.js";
import { Presence } from "./presence.js";
import { initSettings, onSettings, wants } from "./settings.js";
import { initShortcuts } from "./shortcuts.js";
import { initWaitingTimes } from "./waiting-times.js";
import { initWaiting, redrawWaiting } from "./waiting.js";

const SLOW_MS = 200; // only a load that takes longer than this shows its placeholder
const AGAIN_MS = 5_000;

const bareTitle = document.title.replace(/^\(\d+\) /, "").replace(/^.* · (?=Chats)/, "");
const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
const chatInAddress = () => Number(new URLSearchParams(location.search).get("chat")) || null;

class Desk {
  #element = document.querySelector(".desk");
  #lastRequest = 0; // the latest request wins over a slow answer to an older one
  #outbox;
  #presence;
  chat = null;      // the OpenChat, if one is open

  constructor() {
    const { userId, agentId, unreadOf } = this.#element.dataset;
    this.me = { userId: Number(userId), agentId: Number(agentId) };
    this.connection = new Connection({ getToken });
    const storage = jsonStorage(`beneficiate:out:${userId}:`);
    this.#outbox = new Outbox({ storage, connection: this.connection, onChange: () => this.chat?.showUnsent() });
    this.#presence = new Presence(this.connection, (changedId) => this.#showPresence(changedId));
    this.memberPanel = new MemberPanel(this.#element, this.connection);
    this.alerts = new Alerts((chatId) => this.go(chatId));
    this.inbox = new Inbox({
      userId: this.me.userId,
      unread: JSON.parse(unreadOf),
      onDraw: (row) => this.#presence.show(row, Number(row.dataset.userId)),
      onChange: () => this.#showTitle(),
    });
    this.actions = new ChatActions(this);
    this.availability = initAvailability(this.connection, this.me.agentId);
    initWaiting(this);
    initSettings(this.alerts);
    initShortcuts(this);
    this.#listen();
    this.#begin();
  }

  /** The element of what is in the middle: a conversation, or that there is none. */
  get panel() { return byId("chat"); }

  // ---- The address --------------------------------------------------------------

  /** Open a chat, or none, and bring the message with this `seq` into sight. */
  async go(chatId, seq = null) {
    if (chatId === chatInAddress() && this.chat?.chatId === chatId) this.chat.focus();
    else {
      history.pushState(null, "", this.#addressOf(chatId));
      await this.#open(chatId);
    }
    if (seq && this.chat?.chatId === chatId) this.chat.reach(seq);
  }

  goToRow(row) { if (row) this.go(Number(row.dataset.chatId)); }

  /** Another list: `wanted` has a tab or a tag. */
  async list(wanted) {
    await this.inbox.show({ tag: "", ...wanted });
    history.replaceState(null, "", this.#addressOf(chatInAddress()));
    if (this.inbox.tab === "waiting") this.alerts.clear("queue");
  }

  #addressOf(chatId) {
    const { tab, tag } = this.inbox;
    const query = new URLSearchParams({ ...(chatId && { chat: chatId }), ...(tab !== "mine" && { lista: tab }), ...(tag && { etiqueta: tag }) });
    return `/agente${query.size ? `?${query}` : ""}`;
  }

  // ---- What is open -------------------------------------------------------------

  /** A chat was taken out of the queue. */
  showTaken(chatId) {
    this.alerts.clear("queue");
    if (this.chat?.chatId === chatId) this.reopen(chatId);
    else this.go(chatId);
  }

  /** Draw again what may have changed while the connection was away. */
  catchUp() {
    redrawWaiting();
    this.availability.redraw();
  }

  /** The open chat changed hands or state: draw it again where it stands, without taking the focus from elsewhere. */
  async reopen(chatId) {
    const request = this.#lastRequest;
    let section;
    try {
      section = await fetchPartial(`/agente/chats/${chatId}`);
    } catch {
      setTimeout(() => { if (this.chat?.chatId === chatId) this.reopen(chatId); }, AGAIN_MS);
      return;
    }
    if (!section || request !== this.#lastRequest || this.chat?.chatId !== chatId) return;
    const { panel, chat: { isNote } } = this;
    if (section.dataset.mode === panel.dataset.mode && section.dataset.agentId === panel.dataset.agentId) return;
    const { activeElement } = document;
    const hadFocus = panel.contains(activeElement) || activeElement === document.body;
    // What is typed is in the storage. Whoever writes a note goes on with it, at the same place.
    const selection = activeElement.id === "note-text" ? [activeElement.selectionStart, activeElement.selectionEnd] : [];
    this.#show(section, chatId);
    if (isNote) this.chat.note(hadFocus ? selection : null);
    else if (hadFocus) this.chat.focus();
  }

  async #open(chatId) {
    const request = this.#lastRequest += 1;
    if (chatId === null) { this.#show(cloneTemplate("chat-none"), null); return; }
    this.inbox.pick(chatId);
    const slow = setTimeout(() => { if (request === this.#lastRequest) this.#show(cloneTemplate("chat-loading"), chatId); }, SLOW_MS);
    let section;
    try {
      section = await fetchPartial(`/agente/chats/${chatId}`) ?? cloneTemplate("chat-none");
    } catch (problem) {
      // The server asks for the sign-in and leads back here; drafts and unsent messages wait in the storage.
      if (problem instanceof SignedOut) location.reload();
      section = cloneTemplate("chat-broken");
      section.querySelector("[data-do=again]").addEventListener("click", () => this.#open(chatId));
    }
    clearTimeout(slow);
    if (request !== this.#lastRequest) return;
    this.#show(section, section.dataset.chatId || this.inbox.row(chatId) ? chatId : null);
    // A keyboard that slides over half a phone is not opened unasked.
    if (this.chat && matchMedia("(hover: hover)").matches) this.chat.focus();
  }

  #show(section, chatId) {
    this.chat?.leave();
    this.chat = null;
    this.panel.replaceWith(section);
    this.#element.classList.toggle("has-chat", chatId !== null);
    this.inbox.pick(chatId);
    if (section.dataset.chatId) this.#enter();
    else if (chatId === null) this.memberPanel.show(null, null);
    this.#showTitle();
  }

  /** Bring to life the conversation that the server printed. */
  #enter() {
    const { panel, me, connection } = this;
    const [chatId, userId] = [Number(panel.dataset.chatId), Number(panel.dataset.userId)];
    const onRead = () => this.inbox.redraw(chatId);
    const onMoved = () => this.reopen(chatId);
    this.chat = new OpenChat(panel, { me, connection, outbox: this.#outbox, getToken, onRead, onMoved });
    this.#presence.show(panel, userId);
    this.memberPanel.show(panel.dataset.kind === "SUPPORT" ? chatId : null, userId);
    this.alerts.clear(`chat-${chatId}`);
  }

  // ---- What is pressed ----------------------------------------------------------

  #listen() {
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("change", ({ target }) => { if (target.id === "tag-filter") this.list({ tag: target.value }); });
    addEventListener("popstate", () => this.#open(chatInAddress()));
    byId("search").addEventListener("focus", async () => {
      const { initSearch } = await import("./search.js");
      initSearch(this.connection, (...given) => this.go(...given));
    }, { once: true });
    onSettings(() => this.#showTitle());
  }

  #click(event) {
    const link = event.target.closest(".row-name, .go-chat, #chat-back, [data-list]");
    if (event.target.closest("#more-chats")) this.inbox.more();
    if (!link || !isPlain(event)) return;
    event.preventDefault();
    if (link.dataset.list) { this.list({ tab: link.dataset.list }); return; }
    const left = this.inbox.picked;
    const isBack = link.id === "chat-back";
    if (link.closest(".about")) this.memberPanel.toggle(false, false);
    this.go(isBack ? null : Number(link.closest("[data-chat-id]").dataset.chatId), Number(link.dataset.seq) || null);
    if (isBack) this.inbox.row(left)?.querySelector("a").focus();
  }

  // ---- What is seen -------------------------------------------------------------

  #showPresence(changedId) {
    for (const element of [...this.inbox.rows, this.panel]) {
      const userId = Number(element.dataset.userId);
      if (userId && (changedId === null || userId === changedId)) this.#presence.show(element, userId);
    }
  }

  #showTitle() {
    const { unread } = this.inbox;
    const { name } = this.panel.dataset;
    document.title = `${unread && wants("title") ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}${bareTitle}`;
    for (const count of document.querySelectorAll("[data-unread-total]")) {
      count.textContent = unread;
      count.hidden = unread === 0;
    }
  }

  #begin() {
    const { inbox, panel, connection } = this;
    for (const { dataset } of inbox.rows) if (dataset.mine === "1") connection.know(Number(dataset.chatId), Number(dataset.lastSeq));
    inbox.pick(Number(panel.dataset.chatId) || null);
    if (panel.dataset.chatId) this.#enter();
    initWaitingTimes();
    new Notifications(this);
    showConnectionBar(connection, byId("connection"));
    connection.connect();
  }
}

new Desk();
