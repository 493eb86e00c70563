// Shortcuts. The overlay (templates/desk/_dialogs.html) is the list of them: what stands there is what works.

import { isComposing } from "../core/keys.js";
import { byId } from "../ui/dom.js";
import { openSettings, wants } from "./settings.js";

/** What each data-act of the overlay does on the desk. */
const ACTIONS = {
  next: (desk) => desk.goToRow(desk.inbox.neighbour(1)),
  previous: (desk) => desk.goToRow(desk.inbox.neighbour(-1)),
  unread: (desk) => desk.goToRow(desk.inbox.nextUnread),
  "list-mine": (desk) => desk.list({ tab: "mine" }),
  "list-waiting": (desk) => desk.list({ tab: "waiting" }),
  "list-all": (desk) => desk.list({ tab: "all" }),
  "list-closed": (desk) => desk.list({ tab: "closed" }),
  search: () => { byId("search").focus(); byId("search").select(); },
  about: (desk) => desk.memberPanel.toggle(),
  escape: () => document.activeElement.blur(),
  take: () => byId("take-next")?.click(),
  reply: (desk) => desk.chat?.reply(),
  note: (desk) => desk.chat?.note(),
  switch: (desk) => desk.chat?.switch(),
  canned: (desk) => desk.chat?.canned(),
  attach: (desk) => desk.chat?.attach(),
  tag: (desk) => desk.chat?.tag(),
  pay: (desk) => desk.chat?.putPayLink(),
  transfer: (desk) => desk.actions.transfer(),
  return: (desk) => desk.actions.returnToQueue(),
  close: (desk) => desk.actions.close(),
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

function showOverlay() {
  const dialog = byId("keys-dialog");
  if (!dialog.open) dialog.showModal();
}

export function initShortcuts(desk) {
  const names = new Map([...byId("keys").querySelectorAll("[data-act]")].map(({ dataset }) => [dataset.keys.toUpperCase(), dataset.act]));
  byId("show-keys").addEventListener("click", showOverlay);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    const keys = keysOf(event);
    const name = names.get(keys.toUpperCase());
    if (!name) return;
    const isLetter = !keys.includes("+") && name !== "escape";
    if (isLetter && (isField(event.target) || !wants("letters"))) return;
    if (document.querySelector("dialog[open]")) return;
    if (name === "escape" && !isField(event.target)) return;
    event.preventDefault();
    ACTIONS[name](desk);
  });
}
