// A dialog that gives a chat to somebody else, with a note for whoever receives it (templates/desk/_parts.html, `hand_over`).

import { CODES, COMMANDS } from "../core/protocol.js";
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
  #holder = {}; // who had the chat when the dialog opened; after the answer that somebody else has it, it is taken from them

  /**
   * `readFields(dialog)` are those of the command besides the chat and the note; it throws a sentence when one is missing.
   * `done` is what is said then, or makes it of the name of who was chosen.
   */
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

  /** `name` is the member's: rows move, and it must be clear whose chat it is. `holderId` is the agent who has it. */
  open(chatId, name, holderId = "") {
    this.#chatId = Number(chatId);
    this.#holder = { holder_id: Number(holderId) || null };
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
      this.open(chatId, name, holderId);
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
        ...(command === COMMANDS.ASSIGN_CHAT && this.#holder),
      });
      note.value = "";
      const said = isConfirmed ? messages.waits_for : done;
      const sentence = typeof said === "function" ? said(readName(this.#dialog)) : said;
      this.#dialog.close();
      showToast(sentence, "ok");
    } catch (refusal) {
      if (refusal.code === CODES.AGENT_ABSENT) this.#askAboutAbsence(fields.agent_id);
      if (refusal.code === CODES.CHAT_TAKEN) this.#holder = {};
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

/** The name of the person or topic that is chosen. */
function readName(dialog) {
  return dialog.querySelector("[name=to]:checked").closest("label").dataset.name;
}

/** Whom the form of a dialog names. Throws when nobody is chosen. */
function readRecipient(dialog) {
  const [kind, value] = dialog.querySelector("[name=to]:checked")?.value.split(":") ?? [];
  if (!kind) throw new Error(messages.transfer_to);
  return kind === "agent" ? { agent_id: Number(value) } : { topic: value };
}
