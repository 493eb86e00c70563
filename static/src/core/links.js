// Addresses in what people write. Nothing is fetched for them, and only what begins with http:// or https:// is a link.

const ADDRESS = /https?:\/\/[^\s<>"]+/gi;
const AFTER = /[.,;:!?'»”)\]]+$/; // ends the sentence, not the address

/** Return the parts of a text in order: texts, and links as elements. */
export function linkify(text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    // A bracket that was opened in the address belongs to it.
    const href = found.includes("(") ? found.replace(/[.,;:!?]+$/, "") : found.replace(AFTER, "");
    const link = Object.assign(document.createElement("a"), { href, textContent: href, target: "_blank", rel: "noopener noreferrer" });
    parts.push(text.slice(end, index), link);
    end = index + href.length;
  }
  return [...parts, text.slice(end)].filter(Boolean);
}
