// Shortcuts. The overlay (templates/desk/_dialogs.html) is the list of them: what stands there is what works.
//
// A single letter is a shortcut only where nobody writes: in the lists, or while no chat is open to be written in. Letters
// typed elsewhere go to the composer of the open chat, or nowhere; they never move from one chat to another. While a chat is
// being fetched they are meant for it, and go nowhere.

import { isComposing } from "../core/text.js";
import { byId } from "../ui/dom.js";
import { openSettings, getSetting } from "./settings.js";

/** What each data-act of the overlay does on the desk. */
const ACTIONS = {
  next: (desk) => desk.openRow(desk.inbox.neighbourRow(1)),
  previous: (desk) => desk.openRow(desk.inbox.neighbourRow(-1)),
  "next-row": (desk) => desk.openRow(desk.inbox.neighbourRow(1), { staysInList: true }),
  "previous-row": (desk) => desk.openRow(desk.inbox.neighbourRow(-1), { staysInList: true }),
  unread: (desk) => desk.openRow(desk.inbox.nextUnread),
  "list-mine": (desk) => desk.showList({ tab: "mine" }),
  "list-waiting": (desk) => desk.showList({ tab: "waiting" }),
  "list-all": (desk) => desk.showList({ tab: "all" }),
  "list-closed": (desk) => desk.showList({ tab: "closed" }),
  search: () => { byId("search").focus(); byId("search").select(); },
  about: (desk) => desk.memberPanel.toggleDrawer(),
  escape: (desk) => { document.activeElement.blur(); desk.inbox.focus(); },
  take: () => byId("take-next")?.click(),
  switch: (desk) => desk.chat?.switchKind(),
  undo: (desk) => desk.chat?.undoSending(),
  canned: (desk) => desk.chat?.openCannedReplies(),
  attach: (desk) => desk.chat?.chooseFiles(),
  tag: (desk) => desk.chat?.openTags(),
  pay: (desk) => desk.chat?.putPayLink(),
  transfer: (desk) => desk.actions.askToTransfer(),
  return: (desk) => desk.actions.askToReturn(),
  close: (desk) => desk.actions.askToClose(),
  availability: (desk) => desk.availability.open(),
  settings: () => openSettings(),
  keys: () => showOverlay(),
};

const isField = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

/** The keys of an event as the overlay writes them: "Alt+N", "Control+K", "J", "?". */
function keysOf({ key, code, altKey, ctrlKey, metaKey }) {
  // With Alt some keyboards write another letter; the place of the key says which one is meant.
  const name = altKey && /^Key[A-Z]$/.test(code) ? code.slice(3) : key.length === 1 ? key.toUpperCase() : key;
  return [altKey && "Alt", (ctrlKey || metaKey) && "Control", name].filter(Boolean).join("+");
}

/** Whether a key writes something: a letter, a digit, a sign. The space presses buttons and scrolls. */
const isPrintable = ({ key, altKey, ctrlKey, metaKey }) => [...key].length === 1 && key !== " " && !altKey && !ctrlKey && !metaKey;

/** Whether nothing that is seen has the focus. What was hidden, as a dialog is that was closed, has it until the next frame. */
const isUnfocused = (target) => target === document.body || target.getClientRects().length === 0;

/** Whether a letter is a shortcut where it was pressed. If not, it is typed there, or into the open chat. */
function isShortcutAt(target, desk) {
  const isNowhere = isUnfocused(target);
  if ((isField(target) && !isNowhere) || desk.isOpening) return false;
  if (desk.chat?.canWrite && (isNowhere || desk.panel.contains(target))) {
    desk.chat.focusText(); // the key that is pressed is typed where the focus is by then
    return false;
  }
  return getSetting("letters") && (isNowhere || Boolean(target.closest(".list-pane")));
}

function showOverlay() {
  const dialog = byId("keys-dialog");
  if (!dialog.open) dialog.showModal();
}

export function initShortcuts(desk) {
  const names = new Map([...byId("keys").querySelectorAll("[data-act]")].map(({ dataset }) => [dataset.keys.toUpperCase(), dataset.act]));
  byId("show-keys").addEventListener("click", showOverlay);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    if (document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (isPrintable(event) && !isShortcutAt(target, desk)) return;
    const name = names.get(keysOf(event).toUpperCase());
    if (!name || (name === "escape" && !isField(target))) return;
    event.preventDefault();
    ACTIONS[name](desk);
  });
}
