// A file in a line. Images are drawn on a canvas: an <img> would need the page's policy to allow blob:.

import { h, hand, icon } from "./dom.js";
import { words } from "./words.js";

const MOST_PX = 240;

/** `file` = { id, name, kind, size, width, height }; its content needs the token, so that no plain address would do. */
export function makeFile({ call }, { id, name, kind, size, width, height }) {
  const get = (query) => call(`attachments/${id}${query}`, { as: "blob" });
  const open = h("button.w-file", { type: "button", "aria-label": words.open_file(name), onclick: () => get("").then((blob) => hand(blob, name)).catch(() => {}) });
  const plain = () => open.replaceChildren(icon("file"), h("span", {}, h("span", { "data-part": "text" }, name), h("small", {}, words.size(size))));
  if (!kind.startsWith("image/") || !width) { plain(); return open; }
  const scale = Math.min(1, MOST_PX / Math.max(width, height));
  const canvas = h("canvas", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
  open.append(canvas, h("span.w-vh", { "data-part": "text" }, name));
  get("?size=small").then(createImageBitmap).then((image) => {
    const sharp = Math.min(devicePixelRatio, image.width / canvas.width);
    canvas.style.inlineSize = `${canvas.width}px`;
    canvas.width *= sharp;
    canvas.height *= sharp;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  }).catch(plain);
  return open;
}
