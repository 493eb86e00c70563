// What is around the content of every staff page: the line of sections, and a bar for whom the system set away.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { byId } from "./dom.js";
import { messages } from "./messages.es.js";

// On a phone the sections are one line that scrolls: the page opens with the present one in sight.
const present = /** @type {HTMLElement | null} */ (document.querySelector(".rail [aria-current=page]"));
if (present) {
  const rail = present.closest(".rail");
  rail.scrollLeft = present.offsetLeft - (rail.clientWidth - present.offsetWidth) / 2;
}

/** Who was set away is told why and goes back with one button. The connection has to ask for `AGENT_CONNECTED` on opening. */
export function showAwayBar(connection) {
  const bar = byId("away-bar");
  const say = bar.querySelector("[data-part=say]");
  const button = bar.querySelector("button");
  let agentId = null;
  const showState = ({ availability, reason, is_automatic: isAutomatic }) => {
    bar.hidden = availability !== "away" || !isAutomatic;
    say.textContent = bar.hidden ? "" : messages.set_away(reason);
  };
  connection.on(EVENTS.AGENT_CONNECTED, ({ agent }) => { agentId = agent.id; showState(agent); });
  connection.on(EVENTS.AVAILABILITY_CHANGED, (change) => { if (change.agent_id === agentId) showState(change); });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await connection.request(COMMANDS.SET_AVAILABILITY, { availability: "available", reason: "" });
    } catch (refusal) {
      say.textContent = refusal.message || messages.no_network;
    } finally {
      button.disabled = false;
    }
  });
}
