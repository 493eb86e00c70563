// A file in a line. Images are drawn on a canvas: an <img> would need the page's policy to allow blob:.

import { h, saveFile, makeIcon } from "./dom.js";

const MOST_PX = 240;

/** `file` = { id, name, kind, size, width, height }; its content needs the token, so that no plain address would do. */
export function makeFile(call, { id, name, kind, size, width, height }) {
  const fetchBlob = (query) => call(`attachments/${id}${query}`, { as: "blob" });
  const text = h("span", { "data-part": "text" }, name);
  const open = h("button.w-file", { type: "button", title: name, onclick: () => fetchBlob("").then((blob) => saveFile(blob, name)).catch(() => {}) });
  const showPlain = () => open.replaceChildren(makeIcon("clip"), h("span", {}, text, h("small", {}, `${Math.ceil(size / 1024)} KB`)));
  showPlain();
  if (!kind.startsWith("image/") || !width) return open;
  const scale = Math.min(1, MOST_PX / Math.max(width, height));
  const canvas = h("canvas", { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  text.className = "w-vh";
  open.replaceChildren(canvas, text);
  fetchBlob("?size=small").then(createImageBitmap).then((image) => {
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  }).catch(() => { text.className = ""; showPlain(); });
  return open;
}
