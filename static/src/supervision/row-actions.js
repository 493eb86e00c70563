// What a supervisor does from a row of the board: give a chat to somebody, set an agent away.

import { COMMANDS } from "../core/protocol.js";
import { HandOverDialog } from "../desk/hand-over.js";
import { showDialog } from "../ui/dialogs.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showProblem, showToast } from "../ui/toasts.js";

export function initRowActions(connection) {
  const assigning = new HandOverDialog(byId("give-dialog"), connection, { command: COMMANDS.ASSIGN_CHAT, done: messages.passed_on });
  const askForAway = initAwayDialog(connection);
  document.addEventListener("click", ({ target }) => {
    const { chatId, agentId, name } = target.closest("[data-do=assign]")?.dataset ?? {};
    if (chatId) assigning.openWithTeam(chatId, name, { holderId: agentId, only: "agent" });
    const away = target.closest("[data-do=set-away]");
    if (away) askForAway(away.dataset);
  });
}

/** Return what opens the dialog about an agent, by the data of their button. */
function initAwayDialog(connection) {
  const dialog = byId("away-dialog");
  const reason = byId("away-reason");
  const problem = dialog.querySelector("[data-part=problem]");
  let agent = { agentId: "", name: "" };
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await connection.request(COMMANDS.SET_AGENT_AWAY, { agent_id: Number(agent.agentId), reason: reason.value.trim() });
      dialog.close();
      showToast(messages.agent_away(agent.name), "ok");
    } catch (refusal) {
      showProblem(problem, refusal.message || messages.no_network);
    }
  });
  return ({ agentId, name, chats }) => {
    agent = { agentId, name };
    reason.value = "";
    showProblem(problem, "");
    dialog.querySelector("[data-part=name]").textContent = name;
    dialog.querySelector("[data-part=chats]").textContent = chats;
    showDialog(dialog);
  };
}
