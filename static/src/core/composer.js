// Where one writes: Enter sends, Shift+Enter breaks the line, the draft is stored after every key, typing is announced, and
// near the limit what is left is counted. Nothing is ever cut.

import { LIMITS } from "./protocol.js";
import { isComposing, lengthOf, toSendable } from "./text.js";

const IDLE_MS = 4_000;      // without a key for so long one is not typing any more
const AGAIN_MS = 5_000;      // readers forget after LIMITS.TYPING_TTL_S, so a long text is announced again
const NEAR = 400;            // characters left from which on they are counted
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

const roomText = (n) => `Caracteres que le quedan: ${n}.`;
const excessText = (n) => `Caracteres de más: ${n}. Divida el mensaje en dos.`;

/** Say in `hint` how much room is left in `text`, near the limit. Return it: less than 0 is too long to be sent. */
export function showLength(text, hint) {
  const left = LIMITS.LINE_CHARS - lengthOf(toSendable(text.value));
  hint.textContent = left < 0 ? excessText(-left) : left <= NEAR ? roomText(left) : "";
  hint.classList.toggle("is-over", left < 0);
  text.setAttribute("aria-invalid", String(left < 0));
  return left;
}

export class Composer {
  #text;
  #storage;
  #key;
  #hint;
  #onTyping;
  #typingSince = 0;
  #idleTimer = 0;

  /**
   * `form` holds the textarea `text`; `hint` says how much is left. The draft is in `storage` under `key`. `onSend(text)`
   * returns or promises false to keep the text. `onTyping(true | false)` on change. Every change is an event `input` of `text`.
   * @param {HTMLFormElement} form
   * @param {HTMLTextAreaElement} text
   * @param {{
   *   storage: { get(key: string): any, set(key: string, text: string): void, remove(key: string): void },
   *   key: string, hint: HTMLElement, onSend: (text: string) => any, onTyping?: (isTyping: boolean) => void,
   * }} options
   */
  constructor(form, text, { storage, key, hint, onSend, onTyping = () => {} }) {
    this.#text = text;
    this.#storage = storage;
    this.#key = key;
    this.#hint = hint;
    this.#onTyping = onTyping;
    this.followDraft();

    text.addEventListener("input", () => { this.#storeDraft(); showLength(text, hint); this.#announceTyping(); });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = toSendable(text.value);
      if (VISIBLE.test(said) && showLength(text, hint) >= 0 && await onSend(said) !== false) {
        text.value = "";
        this.#dispatchInput();
      }
      this.focus();
    });
  }

  get text() { return this.#text; }

  focus() { this.#text.focus({ preventScroll: true }); }

  /** Put text in place of a part of what is written, or at its end, as if it had been typed. */
  insertText(text, from = this.#text.value.length, to = from) {
    this.#text.setRangeText(text, from, to, "end");
    this.#dispatchInput();
    this.focus();
  }

  /** Write `text` again, before what is written by now. */
  prependText(text) { this.insertText(this.#text.value ? `${text}\n` : text, 0); }

  /** Show the draft as it is stored: when another tab has sent it, it would be sent here a second time. */
  followDraft() {
    this.#text.value = this.#storage.get(this.#key) ?? ""; // not stored again: by now the other tab may have stored more
    showLength(this.#text, this.#hint);
  }

  /** Not typing any more: sent, emptied, paused, or the conversation was left. */
  stopTyping() {
    clearTimeout(this.#idleTimer);
    if (this.#typingSince) this.#onTyping(false);
    this.#typingSince = 0;
  }

  #dispatchInput() { this.#text.dispatchEvent(new Event("input", { bubbles: true })); }

  #storeDraft() {
    const { value } = this.#text;
    if (value) this.#storage.set(this.#key, value);
    else this.#storage.remove(this.#key);
  }

  #announceTyping() {
    if (!VISIBLE.test(this.#text.value)) { this.stopTyping(); return; }
    if (Date.now() - this.#typingSince > AGAIN_MS) {
      this.#typingSince = Date.now();
      this.#onTyping(true);
    }
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.stopTyping(), IDLE_MS);
  }
}
