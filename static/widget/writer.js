// Where one writes: Enter sends, Shift+Enter breaks the line, the draft is kept after every key, and the limit is said in
// words before it is reached.

import { h, say, tool } from "./dom.js";
import { words } from "./words.js";

const MOST = 4000;
const NEAR = 400;            // characters left from which on we count
const STILL_MS = 4_000;      // without a key for so long one is not typing any more
const AGAIN_MS = 5_000;      // readers forget after 8 s, so a long text is announced again
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}]/u;

/** `onSend(text)` returns false to keep the text; `onTyping(is)` on change; `onFiles(files)` when files can be sent. */
export function makeWriter(shelf, { id, label, onSend, onTyping = () => {}, onFiles }) {
  const key = `draft:${id}`;
  let since = 0;
  let still = 0;
  const text = h("textarea", { id, rows: 1, enterkeyhint: "send", "aria-describedby": `${id}-hint` });
  const hint = h("p.w-hint", { id: `${id}-hint`, role: "status" });
  const send = tool("send", words.send, { type: "submit", id: `${id}-send`, "data-part": "send" }, ".w-send");
  const files = onFiles && h("input", { type: "file", id: "files", hidden: true, multiple: true, accept: "image/jpeg,image/png,image/webp,image/gif,application/pdf", onchange: () => { onFiles([...files.files]); files.value = ""; } });
  const el = h("form.w-write", { "aria-label": label },
    onFiles && tool("clip", words.attach, { id: "attach", onclick: () => files.click() }, ".w-attach"), files,
    h("div", {}, h("label.w-vh", { for: id }, label), text, hint), send);

  // Counted as the server counts: characters, not the halves that JavaScript stores some of them in.
  const left = () => MOST - [...text.value.trim()].length;
  const stop = () => {
    clearTimeout(still);
    if (since) onTyping(false);
    since = 0;
  };
  const changed = () => {
    if (text.value) shelf.set(key, text.value); else shelf.remove(key);
    const n = left();
    say(hint, n < 0 ? words.over(-n) : n <= NEAR ? words.left(n) : "");
    text.setAttribute("aria-invalid", n < 0);
    if (CSS.supports("field-sizing", "content")) return;
    text.style.blockSize = "auto";
    text.style.blockSize = `${text.scrollHeight + 2}px`;
  };

  text.value = shelf.get(key) ?? "";
  changed();
  text.oninput = () => {
    changed();
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
  text.onpaste = ({ clipboardData }) => { if (onFiles && clipboardData.files.length) onFiles([...clipboardData.files]); };
  el.onsubmit = (event) => {
    event.preventDefault();
    const said = text.value.replaceAll("\0", "").trim();
    if (VISIBLE.test(said) && left() >= 0 && onSend(said) !== false) {
      text.value = "";
      changed();
      stop();
    }
    text.focus({ preventScroll: true });
  };
  return { el, text, send, stop };
}
