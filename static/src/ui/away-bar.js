// Whom the system set away is told why, on every staff page, and goes back with one button.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { byId } from "./dom.js";
import { messages } from "./messages.es.js";

/** The connection has to ask for `AGENT_CONNECTED` on opening. */
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
