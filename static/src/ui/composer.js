// A composer over a form that the server printed.

import { Composer } from "../core/composer.js";
import { storage } from "../core/storage.js";

/** Browsers without field-sizing keep a box of one line otherwise. */
function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.blockSize = "auto";
  text.style.blockSize = `${text.scrollHeight}px`;
}

/**
 * Return a Composer over what the server printed; `options` are those of Composer.
 * @param {HTMLFormElement} form
 * @param {{ draftKey: string, onSend: (text: string) => any, [name: string]: any }} options
 */
export function makeComposer(form, { draftKey, ...options }) {
  const [text, hint] = ["message", "hint"].map((name) => form.querySelector(`[data-part=${name}]`));
  return new Composer(form, text, { storage, key: `beneficiate:draft:${draftKey}`, hint, onEdit: () => grow(text), ...options });
}
