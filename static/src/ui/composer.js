// Where one writes: Enter sends, Shift+Enter breaks the line, the draft is stored after every key, and the limit is
// said in words before it is reached.

import { LIMITS } from "../core/protocol.js";
import { storage } from "../core/storage.js";
import { messages } from "./messages.es.js";

const NEAR = 400;            // characters left from which on we count
const STILL_MS = 4_000;      // without a key for so long one is not typing any more
const AGAIN_MS = 5_000;      // readers forget after LIMITS.TYPING_TTL_S, so a long text is announced again
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

export class Composer {
  #form;
  #text;
  #hint;
  #key;
  #onTyping;
  #onDraft;
  #typingSince = 0;
  #still = 0;

  /**
   * `onSend(text)`; `onTyping(true | false)` on change; `onDraft(true | false)` when a draft begins or is gone;
   * `doubt()` is null, or a promise of whether to send all the same.
   */
  constructor(form, { draftKey, onSend, onTyping = () => {}, onDraft = () => {}, doubt = () => null }) {
    this.#form = form;
    this.#text = form.querySelector("[data-part=message]");
    this.#hint = form.querySelector("[data-part=hint]");
    this.#key = `beneficiate:draft:${draftKey}`;
    this.#onTyping = onTyping;
    this.#onDraft = onDraft;
    this.#text.value = storage.get(this.#key) ?? "";
    this.#count();

    this.#text.addEventListener("input", () => { this.#keep(); this.#count(); this.#typing(); });
    this.#text.addEventListener("keydown", (event) => {
      // While an accent or a character is being composed, Enter belongs to the keyboard.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#text.value.replaceAll("\0", "").trim();
      if (!VISIBLE.test(text) || this.#left < 0) { this.focus(); return; }
      const send = () => {
        onSend(text);
        this.#text.value = "";
        this.#keep();
        this.#count();
        this.stop();
        this.focus();
      };
      const asked = doubt();
      if (asked) asked.then((isSure) => (isSure ? send() : this.focus()));
      else send();
    });
  }

  get text() { return this.#text; }

  /** Put text in place of a stretch of what is written, or at its end, as if it had been typed. */
  insert(text, from = this.#text.value.length, to = from) {
    this.#text.setRangeText(text, from, to, "end");
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
    this.focus();
  }

  focus() { this.#text.focus({ preventScroll: true }); }

  set isOpen(open) { this.#form.hidden = !open; }

  /** Not typing any more: sent, emptied, paused, or the conversation was left. */
  stop() {
    clearTimeout(this.#still);
    if (this.#typingSince) this.#onTyping(false);
    this.#typingSince = 0;
  }

  // Counted as the server counts: characters, not the halves that JavaScript stores some of them in.
  get #left() { return LIMITS.LINE_CHARS - [...this.#text.value.trim()].length; }

  #keep() {
    if (Boolean(this.#text.value) !== Boolean(storage.get(this.#key))) this.#onDraft(Boolean(this.#text.value));
    if (this.#text.value) storage.set(this.#key, this.#text.value);
    else storage.remove(this.#key);
  }

  /** Browsers without field-sizing keep a box of one line otherwise. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.blockSize = "auto";
    this.#text.style.blockSize = `${this.#text.scrollHeight}px`;
  }

  #count() {
    this.#grow();
    const left = this.#left;
    this.#hint.textContent = left < 0 ? messages.over(-left) : left <= NEAR ? messages.chars_left(left) : "";
    this.#hint.classList.toggle("is-over", left < 0);
    if (left < 0) this.#text.setAttribute("aria-invalid", "true");
    else this.#text.removeAttribute("aria-invalid");
  }

  #typing() {
    if (!VISIBLE.test(this.#text.value)) { this.stop(); return; }
    if (Date.now() - this.#typingSince > AGAIN_MS) {
      this.#typingSince = Date.now();
      this.#onTyping(true);
    }
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.stop(), STILL_MS);
  }
}
