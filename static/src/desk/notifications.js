// What the connection says about chats, whichever is open: rows are drawn again, alerts are raised, toasts say what changed hands.

import { call } from "../core/api.js";
import { EVENTS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { toast } from "../ui/toasts.js";

/** `current()` is the open conversation or null, `panel()` its element; `catchUp()` draws what else may have changed during a cut. */
export function initNotifications(page) {
  const { connection, inbox, alerts, current } = page;
  const isOpen = (chatId) => current()?.chatId === chatId;
  const isSeen = (chatId) => isOpen(chatId) && document.visibilityState === "visible";
  const mine = new Set(inbox.rows.filter(({ dataset }) => dataset.mine === "1").map(({ dataset }) => Number(dataset.chatId)));
  const context = { ...page, isOpen, isSeen, mine };

  onMessages(context);
  onAssignments(context);
  connection.on(EVENTS.CHAT_TAGGED, ({ chat_id: id }) => inbox.redraw(id));
  connection.on(EVENTS.CHAT_RATED, ({ agent_id: id, score }) => { if (id === page.me.agentId) toast(messages.rated(score), "ok"); });
  connection.on(EVENTS.CHAT_CHANGED, ({ chat_id: id }) => { if (!mine.has(id)) inbox.redraw(id); });
  onQueue(context);
  onMentions(context);
  onOpening(context);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && current()) alerts.clear(`chat-${current().chatId}`);
  });
}

function onMessages({ me, connection, inbox, alerts, isSeen }) {
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
}

/** A chat became ours, or is not ours any more. */
function onAssignments({ connection, inbox, alerts, reopen, isOpen, mine }) {
  const lose = (id) => {
    mine.delete(id);
    inbox.refresh();
    alerts.clear(`chat-${id}`);
    if (isOpen(id)) reopen(id);
  };
  connection.on([EVENTS.CHAT_INITIATED, EVENTS.NEW_CHAT], ({ chat }) => {
    const isNew = !mine.has(chat.id);
    mine.add(chat.id);
    connection.know(chat.id, chat.last_seq);
    inbox.redraw(chat.id);
    inbox.refresh();
    const title = messages.new_chat(`${chat.user.first_name} ${chat.user.last_name}`);
    if (isOpen(chat.id)) reopen(chat.id);
    else if (isNew) alerts.raise(`chat-${chat.id}`, { title, body: chat.last_message, chatId: chat.id });
  });
  connection.on(EVENTS.CHAT_LEFT, ({ chat_id: id, reason }) => {
    inbox.forget(id);
    lose(id);
    if (reason === "no_reply" || reason === "lost") toast(messages.left_because[reason]);
  });
  connection.on(EVENTS.CHAT_CLOSED, ({ chat_id: id }) => {
    inbox.redraw(id);
    lose(id);
  });
}

/** Members wait for an agent. */
function onQueue({ connection, inbox, alerts }) {
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
}

function onMentions({ me, connection, alerts, go, isSeen }) {
  connection.on(EVENTS.NOTE_ADDED, ({ chat_id: id, note }) => {
    if (note.author.id === me.userId || !note.mentions.some((one) => one.id === me.userId) || isSeen(id)) return;
    const title = messages.mentioned(`${note.author.first_name} ${note.author.last_name}`);
    toast(title, "ok", () => go(id));
    alerts.raise(`chat-${id}`, { title, body: note.text.slice(0, 120), chatId: id });
  });
}

async function showUnseenMentions({ getToken, go, isOpen }) {
  const unseen = await call("/api/v1/agent-chat/mentions", { token: await getToken() }).catch(() => []);
  const elsewhere = unseen.filter(({ note }) => !isOpen(note.chat_id));
  if (elsewhere.length) toast(messages.mentions_unseen(elsewhere.length), "ok", () => go(elsewhere[0].note.chat_id));
}

/** The state that is sent on each opening: what differs from the page is drawn again. */
function onOpening(context) {
  const { connection, inbox, panel, current, reopen, catchUp, mine } = context;
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
    const isOwn = panel().dataset.mode === "own";
    if (current() && panel().dataset.kind === "SUPPORT" && open.has(current().chatId) !== isOwn) reopen(current().chatId);
    if (isFirst) showUnseenMentions(context);
    else { inbox.refresh(); catchUp(); }
    isFirst = false;
  });
}
