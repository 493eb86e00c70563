// A composer over a form that the server printed.

import { Composer } from "../core/composer.js";
import { storage } from "../core/storage.js";

/** Browsers without field-sizing keep a box of one line otherwise. */
function fitHeight(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.blockSize = "auto";
  text.style.blockSize = `${text.scrollHeight}px`;
}

/**
 * Return a Composer over what the server printed; `options` are those of Composer. `onDraft(true | false)` when a draft begins or
 * is gone; `confirm()` is null, or a promise of whether to send.
 * @param {HTMLFormElement} form
 * @param {{
 *   draftKey: string, onSend: (text: string) => any, onDraft?: (isThere: boolean) => void, confirm?: () => Promise<boolean> | null,
 *   [name: string]: any,
 * }} options
 */
export function makeComposer(form, { draftKey, onSend, onDraft = () => {}, confirm = () => null, ...options }) {
  const [text, hint] = ["message", "hint"].map((name) => form.querySelector(`[data-part=${name}]`));
  const confirmAndSend = async (said) => (await (confirm() ?? true) ? onSend(said) : false);
  const typed = text.value; // before a sign-out elsewhere, written again by signed-out.js; the draft was deleted
  const key = `beneficiate:draft:${draftKey}`;
  if (typed && !storage.get(key)) storage.set(key, typed);
  const composer = new Composer(form, text, { storage, key, hint, onSend: confirmAndSend, ...options });
  let isThere = Boolean(text.value);
  const showDraft = () => {
    fitHeight(text);
    if (isThere === Boolean(text.value)) return;
    isThere = !isThere;
    onDraft(isThere);
  };
  text.addEventListener("input", showDraft);
  const followDraft = ({ key: changed, oldValue }) => {
    if (!form.isConnected) removeEventListener("storage", followDraft);
    // What was typed after a sign-out elsewhere is not stored: it is no draft of the other tab, and stays.
    else if (changed === key && text.value === (oldValue ?? "")) {
      composer.followDraft();
      showDraft();
    }
  };
  addEventListener("storage", followDraft);
  fitHeight(text);
  return composer;
}
