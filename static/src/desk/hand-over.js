// A dialog that gives a chat to somebody else, with a note for whoever receives it (templates/desk/_parts.html, `hand_over`).

import { CODES } from "../core/protocol.js";
import { showDialog } from "../ui/dialogs.js";
import { messages } from "../ui/messages.es.js";
import { runWithToast, showProblem, showToast } from "../ui/toasts.js";
import { fetchTeam } from "./team.js";

export class HandOverDialog {
  #dialog;
  #connection;
  #button;
  #chatId = 0;
  #absentId = 0; // who was refused because they are absent: the second time the chat goes to the queue

  /** `readFields(dialog)` are those of the command besides the chat and the note; it throws a sentence when one is missing. */
  constructor(dialog, connection, { command, done, readFields = readRecipient }) {
    this.#dialog = dialog;
    this.#connection = connection;
    this.#button = dialog.querySelector("[type=submit]");
    this.#button.dataset.label = this.#button.textContent;
    dialog.addEventListener("close", () => dialog.querySelector("[data-part=team]")?.replaceChildren());
    dialog.addEventListener("change", ({ target }) => { if (target.name === "to") this.#askAboutAbsence(0); });
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(command, done, readFields);
    });
  }

  /** `name` is the member's: rows move, and it must be clear whose chat it is. */
  open(chatId, name) {
    this.#chatId = Number(chatId);
    this.#askAboutAbsence(0);
    this.#dialog.querySelector("[data-part=name]").textContent = name;
    showDialog(this.#dialog);
  }

  /** Open it with everybody who may get the chat, or with only those of one kind; `holderId` is the agent who has it. */
  openWithTeam(chatId, name, { holderId = "", only = "" } = {}) {
    return runWithToast(async () => {
      const team = await fetchTeam();
      if (holderId) team.querySelector(`[data-agent-id="${holderId}"]`)?.remove();
      if (only) team.querySelectorAll(`[name=to]:not([value^=${only}])`).forEach((one) => one.closest("fieldset").remove());
      this.#dialog.querySelector("[data-part=team]").replaceChildren(team);
      this.open(chatId, name);
      this.#dialog.querySelector("[name=to]")?.focus();
    });
  }

  async #send(command, done, readFields) {
    const note = this.#dialog.querySelector("textarea");
    let fields;
    try {
      fields = readFields(this.#dialog);
      const isConfirmed = this.#absentId && this.#absentId === fields.agent_id;
      await this.#connection.request(command, {
        chat_id: this.#chatId, ...fields, note: note.value.trim(), ...(isConfirmed && { if_absent: "queue" }),
      });
      note.value = "";
      this.#dialog.close();
      showToast(done, "ok");
    } catch (refusal) {
      if (refusal.code === CODES.AGENT_ABSENT) this.#askAboutAbsence(fields.agent_id);
      showProblem(this.#dialog.querySelector("[data-part=problem]"), refusal.message || messages.no_network);
    }
  }

  /** The button says that the chat goes to the queue, since this agent is absent; with 0 it is as before. */
  #askAboutAbsence(agentId) {
    this.#absentId = agentId;
    this.#button.textContent = agentId ? messages.send_to_queue : this.#button.dataset.label;
    if (!agentId) showProblem(this.#dialog.querySelector("[data-part=problem]"), "");
  }
}

/** Whom the form of a dialog names. Throws when nobody is chosen. */
function readRecipient(dialog) {
  const [kind, value] = dialog.querySelector("[name=to]:checked")?.value.split(":") ?? [];
  if (!kind) throw new Error(messages.transfer_to);
  return kind === "agent" ? { agent_id: Number(value) } : { topic: value };
}
