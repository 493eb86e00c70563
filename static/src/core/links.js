// Addresses and telephone numbers of Colombia in what people write. Nothing is fetched for them, and a link is https:, http: or tel:.

/**
 * A number is a mobile one, a landline whose code stands apart, or one that costs nothing. Ten digits that begin with 3 are no
 * document: those begin with 1. What stands in an amount, a reference or a longer run of digits has something before it, and is
 * none; without lookbehind, which Safari has since 16.4 only.
 */
const LINK = /(?:https?:\/\/|\bwww\.\w)[^\s<>"]+|([\w#$./+-]|[$\d] )?((?:\+57[ .-]?)?(?:3\d\d|\(?60\d(?=\W)\)?)[ .-]?\d{3}(?:[ .-]?\d\d){2}|01[ .-]?8000(?:[ .-]?\d){6})(?![\w@]|[ .,-]\d)/gi;
const AFTER = /[.,;:!?'»”)\]]+$/; // ends the sentence, not the address

/** Return the parts of a text in order: texts, and links as elements. */
export function linkify(text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, 1: before, 2: number, index } of text.matchAll(LINK)) {
    if (before) continue;
    // A bracket that was opened in the address belongs to it.
    const shown = number ?? found.replace(found.includes("(") ? /[.,;:!?]+$/ : AFTER, "");
    const href = number ? `tel:${number.replace(/[^+\d]/g, "")}` : shown.replace(/^w/i, "https://$&");
    const link = Object.assign(document.createElement("a"), { href, textContent: shown, rel: "noreferrer", ...!number && { target: "_blank" } });
    parts.push(text.slice(end, index), link);
    end = index + shown.length;
  }
  return [...parts, text.slice(end)];
}
