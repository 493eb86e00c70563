// Members who wait for a person: how many, since when, and the buttons that take one of them.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { fetchPartial } from "../ui/server.js";

const place = () => document.getElementById("waiting");

export async function redrawWaiting() {
  const drawn = await fetchPartial("/agente/espera").catch(() => null);
  if (drawn) place().replaceWith(drawn);
}

/** `onTaken(chatId)` opens what was taken, `onRefused(sentence)` says why it could not be. Returns `takeNext()`. */
export function showWaiting(connection, onTaken, onRefused) {
  const take = async (button, chatId) => {
    button.disabled = true;
    try {
      const { chat } = await connection.ask(COMMANDS.TAKE_CHAT, { chat_id: chatId });
      onTaken(chat.id);
    } catch (refusal) {
      onRefused(refusal.message);
      redrawWaiting();
    } finally {
      button.disabled = false;
    }
  };
  connection.on(EVENTS.QUEUE_CHANGED, redrawWaiting);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do=take], [data-do=take-this]");
    if (button) take(button, Number((button.dataset.chatId ? button : button.closest("[data-chat-id]")).dataset.chatId));
  });
  return () => document.getElementById("take-next")?.click();
}
