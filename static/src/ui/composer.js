// A composer over a form of the page, which says in words that the limit is near before it is reached.

import { Composer } from "../core/composer.js";
import { LIMITS } from "../core/protocol.js";
import { storage } from "../core/storage.js";
import { messages } from "./messages.es.js";

const NEAR = 400; // characters left from which on we count

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
  // Counted as the server counts: characters, not the halves that JavaScript stores some of them in.
  const left = () => LIMITS.LINE_CHARS - [...text.value.trim()].length;
  const count = () => {
    grow(text);
    const rest = left();
    hint.textContent = rest < 0 ? messages.over(-rest) : rest <= NEAR ? messages.chars_left(rest) : "";
    hint.classList.toggle("is-over", rest < 0);
    if (rest < 0) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
  };
  const key = `beneficiate:draft:${draftKey}`;
  return new Composer(form, text, { storage, key, onEdit: count, isSendable: () => left() >= 0, ...options });
}
