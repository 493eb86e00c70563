// What happens in one's own chats, on a page of the staff where they are not shown: the number beside «Chats», in the
// title, and the alerts of the desk; and that somebody waits.

import { EVENTS } from "../core/protocol.js";
import { shortenText } from "../core/text.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { Alerts } from "./alerts.js";
import { onSettings, getSetting } from "./settings.js";

const BODY_CHARS = 120; // of a notification of the browser
const PREFIX = /^\d+ sin leer · /;

/** Sound for those who wait, if the agent takes chats or was set away by the system. */
function watchQueue(connection, alerts) {
  let agentId = null;
  let waiting = 0;
  let isAlerting = false;
  const updateAlerting = ({ availability, is_automatic: isAutomatic }) => { isAlerting = availability === "available" || (availability === "away" && isAutomatic); };
  connection.on(EVENTS.AGENT_CONNECTED, ({ agent }) => { agentId = agent.id; updateAlerting(agent); });
  connection.on(EVENTS.AVAILABILITY_CHANGED, (change) => { if (change.agent_id === agentId) updateAlerting(change); });
  connection.on(EVENTS.QUEUE_CHANGED, ({ waiting: now }) => {
    if (now > waiting && isAlerting) alerts.raiseAlert("queue", { title: messages.somebody_waits(now) });
    if (now === 0) alerts.clearAlert("queue");
    waiting = now;
  });
  for (const gesture of ["pointerdown", "keydown"]) {
    document.addEventListener(gesture, () => alerts.clearAlert("queue"), { capture: true, passive: true });
  }
}

/** Follow chats and queue over a connection whose initial state has EVENTS.AGENT_CONNECTED and EVENTS.AGENT_CHATS. */
export function watchChats(connection) {
  const userId = Number(byId("rail-me").dataset.userId);
  const alerts = new Alerts((chatId) => { location.href = `/agente?chat=${chatId}`; });
  const own = new Map(); // chat id -> { name, unread }
  const showCount = () => {
    const unread = [...own.values()].reduce((sum, chat) => sum + chat.unread, 0);
    const count = document.querySelector("[data-unread-total]");
    count.textContent = unread;
    count.hidden = !unread;
    const title = `${unread && getSetting("title") ? `${unread} sin leer · ` : ""}${document.title.replace(PREFIX, "")}`;
    if (document.title !== title) document.title = title;
  };
  const putChat = ({ id, unread, user }) => own.set(id, { unread, name: `${user.first_name} ${user.last_name}` });
  const removeChat = ({ chat_id: id }) => { own.delete(id); alerts.clearAlert(`chat-${id}`); showCount(); };

  connection.on(EVENTS.AGENT_CHATS, ({ chats }) => {
    own.clear();
    chats.forEach(putChat);
    showCount();
  });
  connection.on(EVENTS.CHAT_INITIATED, ({ chat }) => {
    const isNew = !own.has(chat.id);
    putChat(chat);
    showCount();
    if (isNew) alerts.raiseAlert(`chat-${chat.id}`, { title: messages.new_chat(own.get(chat.id).name), body: chat.last_message, chatId: chat.id });
  });
  connection.on("message", ({ chat_id: id, sender_type: type, sender_id: sender, message: text }) => {
    const chat = own.get(id);
    if (!chat || type !== "USER" || sender === userId) return;
    chat.unread += 1;
    showCount();
    alerts.raiseAlert(`chat-${id}`, { title: chat.name, body: shortenText(text, BODY_CHARS), chatId: id });
  });
  connection.on(EVENTS.MESSAGE_READ, ({ chat_id: id, user_id: reader }) => {
    if (reader !== userId || !own.has(id)) return;
    own.get(id).unread = 0;
    alerts.clearAlert(`chat-${id}`);
    showCount();
  });
  connection.on(EVENTS.DEADLINE, ({ chat_id: id, promise, state }) => {
    if (!own.has(id)) return;
    alerts.raiseAlert(`chat-${id}`, { title: messages.deadline(state, own.get(id).name), body: messages.promises[promise], chatId: id });
  });
  connection.on([EVENTS.CHAT_LEFT, EVENTS.CHAT_CLOSED], removeChat);
  watchQueue(connection, alerts);
  onSettings(showCount);
  // The page writes its own title, and does not know of this number.
  new MutationObserver(showCount).observe(document.querySelector("title"), { childList: true });
}
