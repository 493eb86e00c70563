// What a supervisor does from a row of the board: take a chat or give it to somebody, write a note to its agent, set an agent away.

import { newId } from "../core/ids.js";
import { COMMANDS } from "../core/protocol.js";
import { HandOverDialog } from "../desk/hand-over.js";
import { showDialog } from "../ui/dialogs.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showProblem, showToast } from "../ui/toasts.js";

export function initRowActions(connection) {
  const myAgentId = Number(byId("contenido").dataset.myAgentId);
  const assigning = new HandOverDialog(byId("give-dialog"), connection, { command: COMMANDS.ASSIGN_CHAT, done: messages.passed_on });
  const takingOver = new HandOverDialog(byId("take-over-dialog"), connection, {
    command: COMMANDS.ASSIGN_CHAT, done: messages.taken_over, readFields: () => ({ agent_id: myAgentId }),
  });
  const actions = {
    assign: ({ chatId, agentId, name }) => assigning.openWithTeam(chatId, name, { holderId: agentId, only: "agent" }),
    "take-over": ({ chatId, agentId, name }) => takingOver.open(chatId, name, agentId),
    "set-away": initRowDialog("away", connection, ({ agentId, name }, reason) => ({
      command: COMMANDS.SET_AGENT_AWAY, fields: { agent_id: Number(agentId), reason }, done: messages.agent_away(name),
    })),
    whisper: initRowDialog("whisper", connection, ({ chatId, userId, agentName }, text, key) => ({
      command: COMMANDS.ADD_NOTE,
      fields: { chat_id: Number(chatId), text, mentions: [Number(userId)], client_id: key },
      done: messages.whispered(agentName),
    })),
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("#board [data-do]");
    if (button) actions[button.dataset.do]?.(button.dataset);
  });
}

/** Return what opens a dialog with one text about a row, by the data of its button; `describe` says what is then sent. */
function initRowDialog(name, connection, describe) {
  const dialog = byId(`${name}-dialog`);
  const text = /** @type {HTMLInputElement} */ (dialog.querySelector(".input"));
  const problem = dialog.querySelector("[data-part=problem]");
  let row = {};
  let key = "";
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { command, fields, done } = describe(row, text.value.trim(), key);
    try {
      await connection.request(command, fields);
      text.value = "";
      dialog.close();
      showToast(done, "ok");
    } catch (refusal) {
      showProblem(problem, refusal.message || messages.no_network);
    }
  });
  text.addEventListener("input", () => { key = newId(); }); // sent twice it is the same, unless it was changed
  return (data) => {
    // What was typed for a row stays for that row.
    if (data.key !== row.key) text.value = "";
    row = { ...data };
    key = newId();
    showProblem(problem, "");
    for (const part of dialog.querySelectorAll("h2 [data-part], .dialog-body > p [data-part]")) {
      if (part.dataset.part in row) part.textContent = row[part.dataset.part];
    }
    showDialog(dialog);
  };
}
