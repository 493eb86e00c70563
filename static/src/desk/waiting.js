// Members who wait for a person: how many, since when, and the buttons that take one of them.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial } from "../ui/server.js";
import { showToast } from "../ui/toasts.js";

export async function refreshWaiting() {
  const rendered = await fetchPartial("/agente/espera").catch(() => null);
  if (rendered) byId("waiting").replaceWith(rendered);
}

export function initWaiting(desk) {
  const takeChat = async (button, chatId) => {
    button.disabled = true;
    try {
      const { chat } = await desk.connection.request(COMMANDS.TAKE_CHAT, { chat_id: chatId });
      desk.showTaken(chat.id);
    } catch (refusal) {
      showToast(refusal.message || messages.no_network);
      refreshWaiting();
    } finally {
      button.disabled = false;
    }
  };
  desk.connection.on(EVENTS.QUEUE_CHANGED, refreshWaiting);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do=take], [data-do=take-this]");
    if (button) takeChat(button, Number((button.dataset.chatId ? button : button.closest("[data-chat-id]")).dataset.chatId));
  });
}
