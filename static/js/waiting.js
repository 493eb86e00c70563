// Members who wait for a person: how many, since when, and a button that takes the one who has waited longest.

import { COMMANDS, EVENTS } from "./protocol.js";
import { fetchPartial } from "./staff.js";

const place = () => document.getElementById("waiting");

async function redraw() {
  const drawn = await fetchPartial("/agente/espera").catch(() => null);
  if (drawn) place().replaceWith(drawn);
}

/** `onTaken(chatId)` opens what was taken, `onRefused(sentence)` says why it could not be. */
export function showWaiting(wire, onTaken, onRefused) {
  wire.on(EVENTS.QUEUE_CHANGED, redraw);
  wire.on(EVENTS.AGENT_CHATS, redraw);
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("#waiting [data-do=take]");
    if (!button) return;
    button.disabled = true;
    try {
      const { chat } = await wire.ask(COMMANDS.INITIATE_CHAT, { user_id: Number(button.dataset.userId) });
      onTaken(chat.id);
    } catch (refusal) {
      onRefused(refusal.message);
      redraw();
    }
  });
}
