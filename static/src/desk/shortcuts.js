// Shortcuts. The overlay (templates/desk/_dialogs.html) is the list of them: what stands there is what works.

import { byId } from "../ui/dom.js";
import { wants } from "./settings.js";

const isField = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

/** The keys of an event as the overlay writes them: "Alt+N", "Control+K", "J", "?". */
function keysOf({ key, code, altKey, ctrlKey, metaKey }) {
  // With Alt some keyboards write another letter; the place of the key says which one is meant.
  const name = altKey && /^Key[A-Z]$/.test(code) ? code.slice(3) : key.length === 1 ? key.toUpperCase() : key;
  return [altKey && "Alt", (ctrlKey || metaKey) && "Control", name].filter(Boolean).join("+");
}

/** `acts` has a function for each data-act of the overlay. Returns `open()`, which shows it. */
export function initShortcuts(acts) {
  const dialog = byId("keys-dialog");
  const open = () => { if (!dialog.open) dialog.showModal(); };
  const table = new Map([...byId("keys").querySelectorAll("[data-act]")].map(({ dataset }) => [dataset.keys.toUpperCase(), dataset.act]));
  byId("show-keys").addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const keys = keysOf(event);
    const act = table.get(keys.toUpperCase());
    if (!act) return;
    const isLetter = !keys.includes("+") && act !== "escape";
    if (isLetter && (isField(event.target) || !wants("letters"))) return;
    if (document.querySelector("dialog[open]")) return;
    if (act === "escape" && !isField(event.target)) return;
    event.preventDefault();
    (act === "keys" ? open : acts[act])();
  });
  return open;
}
