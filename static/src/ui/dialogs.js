// What every dialog of a page has: buttons that close it and change nothing, and a way back to where it was opened from.

import { rememberPlace } from "./replace.js";

export function initDialogs() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("dialog [data-do=stay]")) target.closest("dialog").close();
  });
}

/** Open a dialog. When it closes and the button that opened it has been replaced, the focus goes to the new one, or near it. */
export function showDialog(dialog) {
  const goBack = rememberPlace(document.activeElement);
  dialog.addEventListener("close", () => { if (document.activeElement === document.body) goBack(); }, { once: true });
  dialog.showModal();
}
