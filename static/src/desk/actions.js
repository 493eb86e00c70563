// What becomes of the open chat: close it, transfer it, return it, open it again. Each asks first where it cannot be undone.

import { COMMANDS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { runWithToast } from "../ui/toasts.js";
import { HandOverDialog } from "./hand-over.js";

export class ChatActions {
  #desk;
  #closing = byId("close-dialog");
  #transferring;
  #returning;
  // Only a supervisor has these two.
  #assigning;
  #takingOver;

  constructor(desk) {
    this.#desk = desk;
    const { connection } = desk;
    const open = (id, options) => byId(id) && new HandOverDialog(byId(id), connection, options);
    this.#transferring = open("transfer-dialog", { command: COMMANDS.TRANSFER_CHAT, done: messages.passed_on });
    this.#returning = open("return-dialog", { command: COMMANDS.RETURN_CHAT, done: messages.returned, readFields: () => ({}) });
    this.#assigning = open("give-dialog", { command: COMMANDS.ASSIGN_CHAT, done: messages.passed_on });
    this.#takingOver = open("take-over-dialog", {
      command: COMMANDS.ASSIGN_CHAT, done: messages.taken_over, readFields: () => ({ agent_id: desk.me.agentId }),
    });
    document.addEventListener("click", ({ target }) => this.#onClick(target));
    this.#closing.querySelector("[data-do=close]").addEventListener("click", () => {
      this.#closing.close();
      runWithToast(() => connection.request(COMMANDS.CLOSE_CHAT, { chat_id: Number(this.#closing.dataset.chatId) }));
    });
  }

  askToClose() {
    const { chat, panel } = this.#desk;
    if (!this.#isOwn) return;
    this.#closing.querySelector("[data-part=name]").textContent = panel.dataset.name;
    this.#closing.dataset.chatId = chat.id;
    this.#closing.showModal();
  }

  askToTransfer() { if (this.#isOwn) this.#openWithTeam(this.#transferring); }

  askToReturn() { if (this.#isOwn) this.#returning.open(this.#desk.chat.id, this.#name); }

  get #name() { return this.#desk.panel.dataset.name; }

  get #isOwn() { return this.#desk.chat && this.#desk.panel.dataset.mode === "own"; }

  #runNow(command, done) {
    runWithToast(() => this.#desk.connection.request(command, { chat_id: this.#desk.chat.id }), done);
  }

  #openWithTeam(dialog, only = "") {
    const { chatId, agentId } = this.#desk.panel.dataset;
    return dialog.openWithTeam(chatId, this.#name, { holderId: agentId, only });
  }

  #onClick(target) {
    if (target.closest(".chat-menu .menu-item")) byId("chat-menu").hidePopover();
    if (target.closest("#close-chat, [data-do=close-menu]")) this.askToClose();
    if (target.closest("#transfer-chat, [data-do=transfer]")) this.askToTransfer();
    if (target.closest("[data-do=return]")) this.askToReturn();
    if (target.closest("#give-chat")) this.#openWithTeam(this.#assigning, "agent");
    if (target.closest("#take-over")) this.#takingOver.open(this.#desk.chat.id, this.#name, this.#desk.panel.dataset.agentId);
    if (target.closest("[data-do=bot]")) this.#runNow(COMMANDS.GIVE_TO_BOT, messages.bot_has_it);
    if (target.closest("[data-do=reopen]")) this.#runNow(COMMANDS.REOPEN_CHAT, messages.reopened);
  }
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
