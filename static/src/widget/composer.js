// The place to write of a part: a form with its text, a button and, in the chat, files.

import { ACCEPTED_TYPES } from "../core/api.js";
import { Composer } from "../core/composer.js";
import { h, makeIconButton } from "./dom.js";

/** Return { el, text, send, stop(), rewrite(text) }. With `onFiles(files)` files can be sent. */
export function makeComposer({ storage, id, label, onSend, onTyping = () => {}, onFiles = null }) {
  const text = h("textarea", { id, rows: 1, dir: "auto", enterkeyhint: "send", "aria-describedby": `${id}-hint` });
  const hint = h("p.w-left", { id: `${id}-hint`, role: "status" });
  const send = makeIconButton("send", "Enviar", null, { type: "submit", id: `${id}-send` }, ".w-send");
  const files = h("input", { type: "file", id: "files", hidden: true, multiple: true, accept: ACCEPTED_TYPES });
  files.onchange = () => { onFiles([...files.files]); files.value = ""; };
  const el = h("form.w-write", { "aria-label": label },
    onFiles && [makeIconButton("clip", "Adjuntar una imagen o un PDF", () => files.click(), { id: "attach" }, ".w-attach"), files],
    h("div", {}, h("label.w-vh", { for: id }, label), text, hint), send);
  const composer = new Composer(el, text, { storage, key: id, hint, onSend, onTyping });
  addEventListener("storage", () => composer.followDraft());
  return { el, text, send, stop: () => composer.stopTyping(), rewrite: (said) => composer.prependText(said) };
}
