// What becomes of the open chat: close it, transfer it, return it, open it again. Each asks first where it cannot be undone.

import { CODES, COMMANDS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showProblem, showToast } from "../ui/toasts.js";
import { fetchTeam } from "./team.js";

/** Whom the form of a dialog names. Throws when nobody is chosen. */
function recipientIn(dialog) {
  const [kind, value] = dialog.querySelector("[name=to]:checked")?.value.split(":") ?? [];
  if (!kind) throw new Error(messages.transfer_to);
  return kind === "agent" ? { agent_id: Number(value) } : { topic: value };
}

/** The chat that a dialog was opened about, whichever is open by now. */
const chatOf = (dialog) => Number(dialog.dataset.chatId);

async function runWithToast(task, done = "") {
  try {
    await task();
    if (done) showToast(done, "ok");
  } catch (refusal) {
    showToast(refusal.message || messages.no_network);
  }
}

export class ChatActions {
  #desk;
  #closing = byId("close-dialog");
  #transferring = byId("transfer-dialog");
  #returning = byId("return-dialog");
  // Only a supervisor has these two.
  #assigning = byId("give-dialog");
  #takingOver = byId("take-over-dialog");

  constructor(desk) {
    this.#desk = desk;
    for (const dialog of [this.#transferring, this.#assigning]) {
      dialog?.addEventListener("close", () => dialog.querySelector("[data-part=team]").replaceChildren());
    }
    document.addEventListener("click", ({ target }) => this.#onClick(target));
    this.#closing.querySelector("[data-do=close]").addEventListener("click", () => {
      this.#closing.close();
      runWithToast(() => this.#runCommand(COMMANDS.CLOSE_CHAT, chatOf(this.#closing)));
    });
    this.#onSubmit(this.#transferring, COMMANDS.TRANSFER_CHAT, () => recipientIn(this.#transferring), messages.passed_on);
    this.#onSubmit(this.#returning, COMMANDS.RETURN_CHAT, () => ({}), messages.returned);
    this.#onSubmit(this.#assigning, COMMANDS.ASSIGN_CHAT, () => recipientIn(this.#assigning), messages.passed_on);
    this.#onSubmit(this.#takingOver, COMMANDS.ASSIGN_CHAT, () => ({ agent_id: desk.me.agentId }), messages.taken_over);
  }

  askToClose() {
    const { chat, panel } = this.#desk;
    if (!this.#isOwn) return;
    this.#closing.querySelector("[data-part=name]").textContent = panel.dataset.name;
    this.#closing.dataset.chatId = chat.id;
    this.#closing.showModal();
  }

  askToTransfer() { if (this.#isOwn) this.#showTeam(this.#transferring); }

  askToReturn() { if (this.#isOwn) this.#showDialog(this.#returning); }

  get #isOwn() { return this.#desk.chat && this.#desk.panel.dataset.mode === "own"; }

  #runCommand(command, chatId, fields = {}) { return this.#desk.connection.request(command, { chat_id: chatId, ...fields }); }

  #runNow(command, done) { runWithToast(() => this.#runCommand(command, this.#desk.chat.id), done); }

  #showDialog(dialog, chatId = this.#desk.chat.id) {
    dialog.dataset.chatId = chatId;
    askAboutAbsence(dialog, null);
    dialog.showModal();
  }

  /** A dialog with everybody who may get the chat, or with only those of one kind. */
  #showTeam(dialog, only = "") {
    return runWithToast(async () => {
      const { chatId, agentId: holder } = this.#desk.panel.dataset;
      const team = await fetchTeam();
      team.querySelector(`[data-agent-id="${holder}"]`)?.remove();
      if (only) team.querySelectorAll(`[name=to]:not([value^=${only}])`).forEach((one) => one.closest("fieldset").remove());
      dialog.querySelector("[data-part=team]").replaceChildren(team);
      this.#showDialog(dialog, chatId);
      dialog.querySelector("[name=to]")?.focus();
    });
  }

  #onClick(target) {
    if (target.closest("dialog [data-do=stay]")) target.closest("dialog").close();
    if (target.closest(".chat-menu button")) byId("chat-menu").hidePopover();
    if (target.closest("#close-chat, [data-do=close-menu]")) this.askToClose();
    if (target.closest("#transfer-chat, [data-do=transfer]")) this.askToTransfer();
    if (target.closest("[data-do=return]")) this.askToReturn();
    if (target.closest("#give-chat")) this.#showTeam(this.#assigning, "agent");
    if (target.closest("#take-over")) this.#showDialog(this.#takingOver);
    if (target.closest("[data-do=bot]")) this.#runNow(COMMANDS.GIVE_TO_BOT, messages.bot_has_it);
    if (target.closest("[data-do=reopen]")) this.#runNow(COMMANDS.REOPEN_CHAT, messages.reopened);
  }

  /**
   * `fields()` are those of the command besides the note. For somebody who is absent the server refuses it; the second time
   * the same person is sent for, it goes to the queue.
   */
  #onSubmit(dialog, command, fields, done) {
    dialog?.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const note = dialog.querySelector("textarea");
      let to;
      try {
        to = fields();
        const isConfirmed = "agent_id" in to && dialog.dataset.absent === String(to.agent_id);
        await this.#runCommand(command, chatOf(dialog), { ...to, note: note.value.trim(), ...(isConfirmed && { if_absent: "queue" }) });
        note.value = "";
        dialog.close();
        showToast(done, "ok");
      } catch (refusal) {
        const isAbsent = refusal.code === CODES.AGENT_ABSENT;
        if (isAbsent) askAboutAbsence(dialog, to.agent_id);
        showProblem(dialog.querySelector("[data-part=problem]"), refusal.message || messages.no_network);
      }
    });
    dialog?.addEventListener("change", ({ target }) => { if (target.name === "to") askAboutAbsence(dialog, null); });
  }
}

/** The button of the dialog says that the chat goes to the queue, since this agent is absent; with null it is as before. */
function askAboutAbsence(dialog, agentId) {
  const button = dialog.querySelector("[type=submit]");
  button.dataset.label ??= button.textContent;
  button.textContent = agentId ? messages.send_to_queue : button.dataset.label;
  dialog.dataset.absent = agentId ?? "";
  if (!agentId) showProblem(dialog.querySelector("[data-part=problem]"), "");
}

/** Ask whether to send although a colleague has answered meanwhile. */
export function confirmUnseen(line) {
  const dialog = byId("unseen-dialog");
  dialog.querySelector("[data-part=who]").textContent = line.dataset.author || messages.somebody;
  dialog.querySelector("[data-part=say]").textContent = line.querySelector("[data-part=text]").textContent;
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (isSure) => { dialog.close(); resolve(isSure); };
    byId("unseen-stay").onclick = dialog.oncancel = () => end(false);
    byId("unseen-send").onclick = () => end(true);
  });
}
