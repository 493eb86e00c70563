// Where one writes: Enter sends, Shift+Enter breaks the line, the draft is stored after every key, typing is announced.

const STILL_MS = 4_000;      // without a key for so long one is not typing any more
const AGAIN_MS = 5_000;      // readers forget after LIMITS.TYPING_TTL_S, so a long text is announced again
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

export class Composer {
  #text;
  #storage;
  #key;
  #onTyping;
  #onDraft;
  #onEdit;
  #typingSince = 0;
  #still = 0;

  /**
   * `form` holds the textarea `text`; the draft is in `storage` under `key`. `onSend(text)` returns false to keep the text.
   * `onTyping(true | false)` on change; `onDraft(true | false)` when a draft begins or is gone; `onEdit()` when the text is
   * another; `confirm()` is null, or a promise of whether to send; `isSendable()` is false for a text that is too long.
   * @param {HTMLFormElement} form
   * @param {HTMLTextAreaElement} text
   * @param {{
   *   storage: { get(key: string): any, set(key: string, text: string): void, remove(key: string): void },
   *   key: string, onSend: (text: string) => any, onTyping?: (isTyping: boolean) => void, onDraft?: (isThere: boolean) => void,
   *   onEdit?: () => void, confirm?: () => Promise<boolean> | null, isSendable?: () => boolean,
   * }} options
   */
  constructor(form, text, { storage, key, onSend, onTyping = () => {}, onDraft = () => {}, onEdit = () => {}, confirm = () => null, isSendable = () => true }) {
    this.#text = text;
    this.#storage = storage;
    this.#key = key;
    this.#onTyping = onTyping;
    this.#onDraft = onDraft;
    this.#onEdit = onEdit;
    text.value = storage.get(key) ?? "";
    onEdit();

    text.addEventListener("input", () => { this.#keep(); onEdit(); this.#announce(); });
    text.addEventListener("keydown", (event) => {
      // While an accent or a character is being composed, Enter belongs to the keyboard.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = text.value.replaceAll("\0", "").trim();
      if (!VISIBLE.test(said) || !isSendable()) { this.focus(); return; }
      const send = () => {
        if (onSend(said) !== false) this.#empty();
        this.focus();
      };
      const asked = confirm();
      if (asked) asked.then((isSure) => (isSure ? send() : this.focus()));
      else send();
    });
  }

  get text() { return this.#text; }

  focus() { this.#text.focus({ preventScroll: true }); }

  /** Put text in place of a part of what is written, or at its end, as if it had been typed. */
  insert(text, from = this.#text.value.length, to = from) {
    this.#text.setRangeText(text, from, to, "end");
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
    this.focus();
  }

  /** Not typing any more: sent, emptied, paused, or the conversation was left. */
  stop() {
    clearTimeout(this.#still);
    if (this.#typingSince) this.#onTyping(false);
    this.#typingSince = 0;
  }

  #empty() {
    this.#text.value = "";
    this.#keep();
    this.#onEdit();
    this.stop();
  }

  #keep() {
    const { value } = this.#text;
    if (Boolean(value) !== Boolean(this.#storage.get(this.#key))) this.#onDraft(Boolean(value));
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
