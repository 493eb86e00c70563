// Where one writes: Enter sends, Shift+Enter breaks the line, and the draft is kept after every key.

import { h, tool } from "./dom.js";

const STILL_MS = 4_000; // without a key for so long one is not typing any more
const AGAIN_MS = 5_000; // readers forget after 8 s, so a long text is announced again
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

/** `onSend(text)` returns false to keep the text; `onTyping(is)` on change; `onFiles(files)` where files can be sent. */
export function makeWriter(shelf, id, label, onSend, onTyping = () => {}, onFiles = null) {
  let since = 0;
  let still = 0;
  const text = h("textarea", { id, rows: 1, maxlength: 4000, enterkeyhint: "send" });
  const send = tool("send", "Enviar", null, { type: "submit", id: `${id}-send` }, ".w-send");
  const files = h("input", { type: "file", id: "files", hidden: true, multiple: true, accept: "image/jpeg,image/png,image/webp,image/gif,application/pdf" });
  files.onchange = () => { onFiles([...files.files]); files.value = ""; };
  const el = h("form.w-write", { "aria-label": label },
    onFiles && [tool("clip", "Adjuntar un archivo", () => files.click(), { id: "attach" }, ".w-attach"), files],
    h("div", {}, h("label.w-vh", { for: id }, label), text), send);
  const stop = () => {
    clearTimeout(still);
    if (since) onTyping(false);
    since = 0;
  };
  text.value = shelf.get(id) ?? "";
  text.oninput = () => {
    shelf.set(id, text.value);
    if (!VISIBLE.test(text.value)) { stop(); return; }
    if (Date.now() - since > AGAIN_MS) { since = Date.now(); onTyping(true); }
    clearTimeout(still);
    still = setTimeout(stop, STILL_MS);
  };
  text.onkeydown = (event) => {
    // While an accent or a character is being composed, Enter belongs to the keyboard.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    el.requestSubmit();
  };
  el.onsubmit = (event) => {
    event.preventDefault();
    const said = text.value.replaceAll("\0", "").trim();
    if (VISIBLE.test(said) && onSend(said) !== false) {
      text.value = "";
      shelf.remove(id);
      stop();
    }
    text.focus({ preventScroll: true });
  };
  return { el, text, send, stop };
}
