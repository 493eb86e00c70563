// What becomes of the open chat: close it, pass it on, give it back, open it again. Each asks first where it cannot be undone.

import { COMMANDS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showProblem, toast } from "../ui/toasts.js";
import { fetchTeam } from "./team.js";

/** The chat that a dialog was opened about, whichever is open by now. */
const chatOf = (dialog) => Number(dialog.dataset.chatId);

async function attempt(task, done = "") {
  try {
    await task();
    if (done) toast(done, "ok");
  } catch (refusal) {
    toast(refusal.message || messages.no_network);
  }
}

function show(dialog, chatId) {
  dialog.dataset.chatId = chatId;
  showProblem(dialog.querySelector("[data-part=problem]"), "");
  dialog.showModal();
}

/** Open a dialog that asks to whom the chat of `panel` goes: to an agent or a topic, or `only` to one kind of them. */
async function showTeam(dialog, panel, only) {
  const { chatId, agentId: holder } = panel.dataset;
  const team = await fetchTeam();
  team.querySelector(`[data-agent-id="${holder}"]`)?.remove();
  if (only) team.querySelectorAll(`[name=to]:not([value^=${only}])`).forEach((one) => one.closest("fieldset").remove());
  dialog.querySelector("[data-part=team]").replaceChildren(team);
  show(dialog, chatId);
  dialog.querySelector("[name=to]")?.focus();
}

function chosen(dialog) {
  const [kind, value] = dialog.querySelector("[name=to]:checked")?.value.split(":") ?? [];
  if (!kind) throw new Error(messages.transfer_to);
  return kind === "agent" ? { agent_id: Number(value) } : { topic: value };
}

const onSubmit = (dialog, send, done) => dialog?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = dialog.querySelector("textarea");
  try {
    await send({ note: note.value.trim() }, chatOf(dialog));
    note.value = "";
    dialog.close();
    toast(done, "ok");
  } catch (refusal) {
    showProblem(dialog.querySelector("[data-part=problem]"), refusal.message || messages.no_network);
  }
});

/** `current()` is the open conversation or null, `panel()` its element. Returns what shortcuts call by name. */
export function initActions(connection, { me, current, panel }) {
  const [closing, passing, returning, giving, taking] = ["close", "transfer", "return", "give", "take-over"].map((name) => byId(`${name}-dialog`));
  const isOwn = () => current() && panel().dataset.mode === "own";
  const ask = (command, fields = {}, chatId = current().chatId) => connection.ask(command, { chat_id: chatId, ...fields });

  const close = () => {
    if (!isOwn()) return;
    closing.querySelector("[data-part=name]").textContent = panel().dataset.name;
    closing.dataset.chatId = current().chatId;
    closing.showModal();
  };
  const transfer = () => { if (isOwn()) attempt(() => showTeam(passing, panel())); };
  const giveBack = () => { if (isOwn()) show(returning, current().chatId); };

  for (const dialog of [passing, giving]) {
    dialog?.addEventListener("close", () => dialog.querySelector("[data-part=team]").replaceChildren());
  }
  document.addEventListener("click", ({ target }) => {
    if (target.closest("dialog [data-do=stay]")) target.closest("dialog").close();
    if (target.closest(".chat-menu button")) byId("chat-menu").hidePopover();
    if (target.closest("#close-chat, [data-do=close-menu]")) close();
    if (target.closest("#transfer-chat, [data-do=transfer]")) transfer();
    if (target.closest("[data-do=return]")) giveBack();
    if (target.closest("#give-chat")) attempt(() => showTeam(giving, panel(), "agent"));
    if (target.closest("#take-over")) show(taking, current().chatId);
    if (target.closest("[data-do=bot]")) attempt(() => ask(COMMANDS.GIVE_TO_BOT), messages.bot_has_it);
    if (target.closest("[data-do=reopen]")) attempt(() => ask(COMMANDS.REOPEN_CHAT), messages.reopened);
  });
  closing.querySelector("[data-do=close]").addEventListener("click", () => {
    closing.close();
    attempt(() => ask(COMMANDS.CLOSE_CHAT, {}, chatOf(closing)));
  });
  onSubmit(passing, (note, chatId) => ask(COMMANDS.TRANSFER_CHAT, { ...chosen(passing), ...note }, chatId), messages.passed_on);
  onSubmit(returning, (note, chatId) => ask(COMMANDS.RETURN_CHAT, note, chatId), messages.returned);
  // Only a supervisor has these two.
  onSubmit(giving, (note, chatId) => ask(COMMANDS.ASSIGN_CHAT, { ...chosen(giving), ...note }, chatId), messages.passed_on);
  onSubmit(taking, (note, chatId) => ask(COMMANDS.ASSIGN_CHAT, { agent_id: me.agentId, ...note }, chatId), messages.taken_over);

  return { close, transfer, return: giveBack };
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
