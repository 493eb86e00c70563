// Whether one takes chats: the button in the head of the list says it, the menu changes it, in all tabs.

import { COMMANDS, EVENTS } from "./protocol.js";
import { atMostOnceIn } from "./soon.js";
import { fetchPartial } from "./staff.js";
import { swap } from "./swap.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

const GAP_MS = 500;
const byId = (id) => document.getElementById(id);

export function beginAvailability(wire, agentId) {
  const menu = byId("availability-menu");
  const redraw = atMostOnceIn(GAP_MS, async () => {
    const drawn = await fetchPartial("/agente/disponibilidad").catch(() => null);
    if (drawn) swap(byId("availability"), drawn);
  });
  const set = async (availability, reason = "") => {
    menu.hidePopover();
    try {
      await wire.ask(COMMANDS.SET_AVAILABILITY, { availability, reason });
      redraw();
    } catch (refusal) {
      toast(refusal.message || words.no_network);
    }
  };
  menu.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-availability]");
    if (button && button.type !== "submit") set(button.dataset.availability);
  });
  byId("away-form").addEventListener("submit", (event) => {
    event.preventDefault();
    set("away", byId("away-reason").value.trim());
  });
  wire.on(EVENTS.AVAILABILITY_CHANGED, ({ agent_id: id }) => { if (id === agentId) redraw(); });
  for (const word of [EVENTS.CHAT_INITIATED, EVENTS.CHAT_LEFT, EVENTS.CHAT_CLOSED]) wire.on(word, redraw);
  return { redraw, open: () => { menu.togglePopover(); menu.querySelector("button").focus(); } };
}
