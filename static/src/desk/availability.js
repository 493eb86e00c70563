// Whether one takes chats: the button in the head of the list says it, the menu changes it, in all tabs.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { replaceElement } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";

const GAP_MS = 500;

export function initAvailability(connection, agentId) {
  const menu = byId("availability-menu");
  const refresh = throttle(GAP_MS, async () => {
    const rendered = await fetchPartial("/agente/disponibilidad").catch(() => null);
    if (rendered) replaceElement(byId("availability"), rendered);
  });
  const setAvailability = async (availability, reason = "") => {
    menu.hidePopover();
    try {
      await connection.request(COMMANDS.SET_AVAILABILITY, { availability, reason });
      refresh();
    } catch (refusal) {
      showToast(refusal.message || messages.no_network);
    }
  };
  menu.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-availability]");
    if (button && button.type !== "submit") setAvailability(button.dataset.availability);
  });
  byId("away-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setAvailability("away", byId("away-reason").value.trim());
  });
  connection.on(EVENTS.AVAILABILITY_CHANGED, ({ agent_id: id }) => { if (id === agentId) refresh(); });
  for (const word of [EVENTS.CHAT_INITIATED, EVENTS.CHAT_LEFT, EVENTS.CHAT_CLOSED]) connection.on(word, refresh);
  return { refresh, open: () => { menu.togglePopover(); menu.querySelector("button").focus(); } };
}
