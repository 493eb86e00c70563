// The agent's desk: the lists on the left, one conversation in the middle, its member on the right, and the address that
// remembers which.

import { PageConnection } from "../core/connection.js";
import { Outbox } from "../core/outbox.js";
import { EVENTS } from "../core/protocol.js";
import { deleteWritten, jsonStorage } from "../core/storage.js";
import { onReturn, showConnectionBar } from "../ui/connection-bar.js";
import { initDialogs } from "../ui/dialogs.js";
import { byId } from "../ui/dom.js";
import { isPlainClick, MasterDetail } from "../ui/master-detail.js";
import "../ui/push-renewal.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { showAwayBar } from "../ui/staff-frame.js";
import { ChatActions } from "./actions.js";
import { Alerts } from "./alerts.js";
import { initAvailability } from "./availability.js";
import { Inbox } from "./inbox.js";
import { MemberPanel } from "./member-panel.js";
import { Notifications } from "./notifications.js";
import { OpenChat } from "./open-chat.js";
import { Presence } from "./presence.js";
import { initSettings, onSettings, getSetting } from "./settings.js";
import { initShortcuts } from "./shortcuts.js";
import { initWaitingTimes } from "./waiting-times.js";
import { initWaiting, refreshWaiting } from "./waiting.js";

const AGAIN_MS = 5_000;
const UNSENT_MS = 24 * 3_600_000;

const bareTitle = document.title.replace(/^\(\d+\) /, "").replace(/^.* · (?=Chats)/, "");

class Desk {
  #element = document.querySelector(".desk");
  #detail;
  #outbox;
  #presence;
  #undoMs; // for so long the sending of a message can be undone

  constructor() {
    const { userId, agentId, chats, version, undoS } = JSON.parse(byId("state").textContent);
    this.#undoMs = undoS * 1000;
    this.me = { userId, agentId };
    // Of whoever worked here before and did not sign out. What they have sent waits a day for them, and is shown to nobody else.
    deleteWritten((id) => id !== String(userId), new Date(Date.now() - UNSENT_MS).toISOString());
    this.connection = new PageConnection({ getToken, initial: [EVENTS.AGENT_CONNECTED, EVENTS.AGENT_CHATS, EVENTS.ONLINE_USERS], version });
    const storage = jsonStorage(`beneficiate:out:${userId}:`);
    this.#outbox = new Outbox({ storage, connection: this.connection, onChange: () => this.chat?.showUnsent() });
    this.#presence = new Presence(this.connection, (changedId) => this.#showPresence(changedId));
    this.memberPanel = new MemberPanel(this.#element, this.connection, (chatId, tags) => { if (this.chat?.id === chatId) this.chat.showTags(tags); });
    this.alerts = new Alerts((chatId) => this.openChat(chatId));
    this.inbox = new Inbox({
      userId,
      chats,
      onRender: (row) => {
        this.#presence.showPresence(row, Number(row.dataset.userId));
        if (this.chat?.id !== Number(row.dataset.chatId)) return;
        this.chat.showWait(row.dataset.waitSince);
        this.chat.showDeadline(row.querySelector("[data-due]"));
      },
      onChange: () => this.#showTitle(),
    });
    this.#detail = this.#makeDetail();
    onReturn(this.connection, () => this.#detail.retryBroken());
    this.actions = new ChatActions(this);
    showAwayBar(this.connection);
    this.availability = initAvailability(this.connection, this.me.agentId);
    initWaiting(this);
    initSettings(this.alerts);
    initShortcuts(this);
    this.#addListeners();
    this.#startDesk(chats);
  }

  /** The OpenChat, or null if none is open. */
  get chat() { return this.#detail?.current ?? null; }

  /** Whether a chat is being fetched to be written in. */
  get isOpening() { return this.#detail.isOpening; }

  /** The element of what is in the middle: a conversation, or that there is none. */
  get panel() { return byId("chat"); }

  // ---- The address --------------------------------------------------------------

  /** Open a chat, or none, and bring the message with this `seq` into sight. */
  async openChat(chatId, seq = null, options = {}) {
    await this.#detail.navigate(chatId, options);
    if (seq && this.chat?.id === chatId) this.chat.scrollToMessage(seq);
  }

  /** Open the chat of a row; with `staysInList` the row has the focus, and nothing typed next is written into the chat. */
  openRow(row, { staysInList = false } = {}) {
    if (!row) return;
    if (staysInList) row.querySelector("a").focus();
    this.openChat(Number(row.dataset.chatId), null, { staysInList });
  }

  /** Another list: `wanted` has a tab or a tag. */
  async showList(wanted) {
    await this.inbox.showList({ tag: "", ...wanted });
    history.replaceState(null, "", this.#addressOf(this.#detail.askedId));
    if (this.inbox.tab === "waiting") this.alerts.clearAlert("queue");
  }

  #addressOf(chatId) {
    const { tab, tag, order } = this.inbox;
    const list = { ...(tab !== "mine" && { lista: tab }), ...(tag && { etiqueta: tag }), ...(order && { orden: order }) };
    const query = new URLSearchParams({ ...(chatId && { chat: chatId }), ...list });
    return `/agente${query.size ? `?${query}` : ""}`;
  }

  // ---- What is open -------------------------------------------------------------

  /** A chat was taken out of the queue. */
  showTaken(chatId) {
    this.alerts.clearAlert("queue");
    if (this.chat?.id === chatId) this.refreshChat(chatId);
    else this.openChat(chatId);
  }

  /** Render again what may have changed while the connection was away. */
  refreshQueue() {
    refreshWaiting();
    this.availability.refresh();
  }

  /** The open chat changed hands or state: render it again where it stands, without taking the focus from elsewhere. */
  async refreshChat(chatId) {
    const { lastRequest: request } = this.#detail;
    let section;
    try {
      section = await fetchPartial(`/agente/chats/${chatId}`);
    } catch {
      setTimeout(() => { if (this.chat?.id === chatId) this.refreshChat(chatId); }, AGAIN_MS);
      return;
    }
    if (!section || request !== this.#detail.lastRequest || this.chat?.id !== chatId) return;
    const { panel, chat: { isNote } } = this;
    if (section.dataset.mode === panel.dataset.mode && section.dataset.agentId === panel.dataset.agentId) return;
    const { activeElement } = document;
    const hadFocus = panel.contains(activeElement) || activeElement === document.body;
    // What is typed is in the storage. Whoever writes a note goes on with it, at the same place.
    const selection = activeElement.id === "note-text" ? [activeElement.selectionStart, activeElement.selectionEnd] : [];
    this.#detail.showSection(section, chatId);
    if (isNote) this.chat.writeNote(hadFocus ? selection : null);
    else if (hadFocus) this.chat.focus();
  }

  #makeDetail() {
    return new MasterDetail({
      list: this.inbox,
      templates: "chat",
      askedId: () => Number(new URLSearchParams(location.search).get("chat")) || null,
      addressOf: (chatId) => this.#addressOf(chatId),
      partialOf: (chatId) => `/agente/chats/${chatId}`,
      insertSection: (section) => this.panel.replaceWith(section),
      initSection: (section, chatId) => this.#initChat(section, chatId),
      // A keyboard that slides over half a phone is not opened unasked.
      focusSection: (section) => { if (!section || matchMedia("(hover: hover)").matches) this.chat?.focus(); },
      onShow: () => this.#showTitle(),
      onUnavailable: (chatId) => (this.inbox.findRow(chatId) ? chatId : null),
    });
  }

  /** Make the conversation work that the server printed. Returns null when the section has none. */
  #initChat(section, openId) {
    if (!section.dataset.chatId) {
      if (openId === null) this.memberPanel.showMember(null, null);
      return null;
    }
    const { me, connection } = this;
    const [chatId, userId] = [Number(section.dataset.chatId), Number(section.dataset.userId)];
    const onRead = () => this.inbox.refreshRow(chatId);
    const onMoved = () => this.refreshChat(chatId);
    const chat = new OpenChat(section, {
      me, connection, outbox: this.#outbox, getToken, undoMs: this.#undoMs, memberPanel: this.memberPanel, onRead, onMoved,
    });
    this.#presence.showPresence(section, userId);
    this.memberPanel.showMember(section.dataset.kind === "SUPPORT" ? chatId : null, userId);
    this.alerts.clearAlert(`chat-${chatId}`);
    return chat;
  }

  // ---- What is pressed ----------------------------------------------------------

  #addListeners() {
    document.addEventListener("click", (event) => this.#onClick(event));
    document.addEventListener("change", ({ target }) => {
      if (target.id === "tag-filter") this.showList({ tag: target.value });
      if (target.id === "list-order") this.showList({ tag: this.inbox.tag, order: target.value });
    });
    addEventListener("popstate", () => this.#detail.openItem(this.#detail.askedId));
    byId("search").addEventListener("focus", async () => {
      const { initSearch } = await import("./search.js");
      initSearch(this.connection, (...given) => this.openChat(...given));
    }, { once: true });
    onSettings(() => this.#showTitle());
  }

  #onClick(event) {
    const link = event.target.closest(".row-name, .go-chat, #chat-back, a[data-tab]");
    if (event.target.closest("#more-chats")) this.inbox.loadMore();
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    if (link.dataset.tab) { this.showList({ tab: link.dataset.tab }); return; }
    const left = this.inbox.picked;
    const isBack = link.id === "chat-back";
    if (link.closest(".about")) this.memberPanel.toggleDrawer(false, false);
    this.openChat(isBack ? null : Number(link.closest("[data-chat-id]").dataset.chatId), Number(link.dataset.seq) || null);
    if (isBack) this.inbox.findRow(left)?.querySelector("a").focus();
  }

  // ---- What is seen -------------------------------------------------------------

  #showPresence(changedId) {
    for (const element of [...this.inbox.rows, this.panel]) {
      const userId = Number(element.dataset.userId);
      if (userId && (changedId === null || userId === changedId)) this.#presence.showPresence(element, userId);
    }
  }

  #showTitle() {
    const { unread } = this.inbox;
    const { name } = this.panel.dataset;
    document.title = `${unread && getSetting("title") ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}${bareTitle}`;
    for (const count of document.querySelectorAll("[data-unread-total]")) {
      count.textContent = unread;
      count.hidden = unread === 0;
    }
  }

  #startDesk(chats) {
    const { inbox, panel, connection } = this;
    inbox.markOpen(Number(panel.dataset.chatId) || null);
    if (panel.dataset.chatId) this.#detail.current = this.#initChat(panel, Number(panel.dataset.chatId));
    initDialogs();
    initWaitingTimes();
    new Notifications(this, chats);
    showConnectionBar(connection, byId("connection"));
    connection.connect();
  }
}

new Desk();
