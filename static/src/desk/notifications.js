// What the connection says about chats, whichever is open: rows are drawn again, alerts are raised, toasts say what changed hands.

import { call } from "../core/api.js";
import { EVENTS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { toast } from "../ui/toasts.js";

export function initNotifications({ me, connection, inbox, alerts, panel, current, reopen, go, getToken, catchUp }) {
  const isOpen = (chatId) => current()?.chatId === chatId;
  const isSeen = (chatId) => isOpen(chatId) && document.visibilityState === "visible";
  const mine = new Set(inbox.rows.filter(({ dataset }) => dataset.mine === "1").map(({ dataset }) => Number(dataset.chatId)));

  connection.on("message", (message) => {
    inbox.redraw(message.chat_id);
    const isMember = message.sender_type === "USER" && message.sender_id !== me.userId;
    if (isMember && !isSeen(message.chat_id)) {
      const name = inbox.row(message.chat_id)?.querySelector(".row-name").textContent ?? "";
      alerts.raise(`chat-${message.chat_id}`, { title: name || messages.team, body: message.message.slice(0, 120), chatId: message.chat_id });
    }
  });
  connection.on(EVENTS.MESSAGE_READ, ({ chat_id: id, user_id: who }) => {
    if (who !== me.userId) return;
    inbox.redraw(id);
    alerts.clear(`chat-${id}`); // in whichever tab
  });
  for (const word of [EVENTS.CHAT_INITIATED, EVENTS.NEW_CHAT]) {
    connection.on(word, ({ chat }) => {
      const isNew = !mine.has(chat.id);
      mine.add(chat.id);
      connection.know(chat.id, chat.last_seq);
      inbox.redraw(chat.id);
      inbox.refresh();
      if (isOpen(chat.id)) reopen(chat.id);
      else if (isNew) alerts.raise(`chat-${chat.id}`, { title: messages.new_chat(`${chat.user.first_name} ${chat.user.last_name}`), body: chat.last_message, chatId: chat.id });
    });
  }
  connection.on(EVENTS.CHAT_LEFT, ({ chat_id: id, reason }) => {
    mine.delete(id);
    inbox.forget(id);
    inbox.refresh();
    alerts.clear(`chat-${id}`);
    if (isOpen(id)) reopen(id);
    if (reason === "no_reply" || reason === "lost") toast(messages.left_because[reason]);
  });
  connection.on(EVENTS.CHAT_TAGGED, ({ chat_id: id }) => inbox.redraw(id));
  connection.on(EVENTS.CHAT_RATED, ({ agent_id: id, score }) => { if (id === me.agentId) toast(messages.rated(score), "ok"); });
  connection.on(EVENTS.CHAT_CHANGED, ({ chat_id: id }) => { if (!mine.has(id)) inbox.redraw(id); });
  connection.on(EVENTS.CHAT_CLOSED, ({ chat_id: id }) => {
    mine.delete(id);
    inbox.redraw(id);
    inbox.refresh();
    alerts.clear(`chat-${id}`);
    if (isOpen(id)) reopen(id);
  });

  // ---- Who waits --------------------------------------------------------------------
  let waiting = Number(byId("waiting").dataset.count);
  connection.on(EVENTS.QUEUE_CHANGED, ({ waiting: now }) => {
    const isAvailable = byId("availability").dataset.availability === "available";
    if (now > waiting && isAvailable) alerts.raise("queue", { title: messages.somebody_waits(now) });
    if (now === 0) alerts.clear("queue");
    waiting = now;
    inbox.refresh();
  });
  // Whoever works in this tab has seen the foot of the list.
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => alerts.clear("queue"), { capture: true, passive: true });

  // ---- Mentions -----------------------------------------------------------------------
  connection.on(EVENTS.NOTE_ADDED, ({ chat_id: id, note }) => {
    if (note.author.id === me.userId || !note.mentions.some((one) => one.id === me.userId) || isSeen(id)) return;
    const said = messages.mentioned(`${note.author.first_name} ${note.author.last_name}`);
    toast(said, "ok", () => go(id));
    alerts.raise(`chat-${id}`, { title: said, body: note.text.slice(0, 120), chatId: id });
  });
  const lookForMentions = async () => {
    const unseen = await call("/api/v1/agent-chat/mentions", { token: await getToken() }).catch(() => []);
    const elsewhere = unseen.filter(({ note }) => !isOpen(note.chat_id));
    if (elsewhere.length) toast(messages.mentions_unseen(elsewhere.length), "ok", () => go(elsewhere[0].note.chat_id));
  };

  // ---- The state sent on opening: what differs from the page is drawn again ------------------
  let isFirst = true;
  connection.on(EVENTS.AGENT_CHATS, ({ chats }) => {
    const open = new Set(chats.map((chat) => chat.id));
    for (const chat of chats) {
      const row = inbox.row(chat.id);
      connection.know(chat.id, chat.last_seq);
      if (row?.dataset.lastSeq !== String(chat.last_seq) || row.dataset.unread !== String(chat.unread)) inbox.redraw(chat.id);
    }
    for (const id of mine) if (!open.has(id)) { mine.delete(id); inbox.redraw(id); }
    open.forEach((id) => mine.add(id));
    if (current() && panel().dataset.kind === "SUPPORT" && open.has(current().chatId) !== (panel().dataset.mode === "own")) reopen(current().chatId);
    if (isFirst) lookForMentions();
    else { inbox.refresh(); catchUp(); }
    isFirst = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && current()) alerts.clear(`chat-${current().chatId}`);
  });
}
