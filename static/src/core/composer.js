// Where one writes: Enter sends, Shift+Enter breaks the line, the draft is stored after every key, typing is announced, and
// near the limit what is left is counted. Nothing is ever cut.

import { LIMITS } from "./protocol.js";
import { isComposing, lengthOf, sendable } from "./text.js";

const STILL_MS = 4_000;      // without a key for so long one is not typing any more
const AGAIN_MS = 5_000;      // readers forget after LIMITS.TYPING_TTL_S, so a long text is announced again
const NEAR = 400;            // characters left from which on they are counted
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

const plural = (n, one, many) => (n === 1 ? one : many);
const leftText = (n) => `${plural(n, "Le queda", "Le quedan")} ${n} ${plural(n, "carácter", "caracteres")}.`;
const overText = (n) => `${plural(n, "Sobra", "Sobran")} ${n} ${plural(n, "carácter", "caracteres")}. Divida el mensaje en dos.`;

/** Say in `hint` how much room is left in `text`, near the limit. Return it: less than 0 is too long to be sent. */
export function showLength(text, hint) {
  const left = LIMITS.LINE_CHARS - lengthOf(sendable(text.value));
  hint.textContent = left < 0 ? overText(-left) : left <= NEAR ? leftText(left) : "";
  hint.classList.toggle("is-over", left < 0);
  text.setAttribute("aria-invalid", String(left < 0));
  return left;
}

export class Composer {
  #text;
  #storage;
  #key;
  #onTyping;
  #typingSince = 0;
  #still = 0;

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
    this.#onTyping = onTyping;
    text.value = storage.get(key) ?? "";
    showLength(text, hint);

    text.addEventListener("input", () => { this.#keep(); showLength(text, hint); this.#announce(); });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = sendable(text.value);
      if (VISIBLE.test(said) && showLength(text, hint) >= 0 && await onSend(said) !== false) {
        text.value = "";
        this.#changed();
      }
      this.focus();
    });
  }

  get text() { return this.#text; }

  focus() { this.#text.focus({ preventScroll: true }); }

  /** Put text in place of a part of what is written, or at its end, as if it had been typed. */
  insert(text, from = this.#text.value.length, to = from) {
    this.#text.setRangeText(text, from, to, "end");
    this.#changed();
    this.focus();
  }

  /** Write `text` again, before what is written by now. */
  rewrite(text) { this.insert(this.#text.value ? `${text}\n` : text, 0); }

  /** Not typing any more: sent, emptied, paused, or the conversation was left. */
  stop() {
    clearTimeout(this.#still);
    if (this.#typingSince) this.#onTyping(false);
    this.#typingSince = 0;
  }

  #changed() { this.#text.dispatchEvent(new Event("input", { bubbles: true })); }

  #keep() {
    const { value } = this.#text;
    if (value) this.#storage.set(this.#key, value);
    else this.#storage.remove(this.#key);
  }

  #announce() {
    if (!VISIBLE.test(this.#text.value)) { this.stop(); return; }
    if (Date.now() - this.#typingSince > AGAIN_MS) {
      this.#typingSince = Date.now();
      this.#onTyping(true);
    }
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.stop(), STILL_MS);
  }
}
