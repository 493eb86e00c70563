// What people write: while they do, and as it can be sent.

const COMPOSING_KEY = 229; // the code of a key that a keyboard still composes with: Safari ends a composition before its Enter

/** Whether a key belongs to the keyboard, which composes an accent or a character. */
export const isComposing = (event) => event.isComposing || event.keyCode === COMPOSING_KEY;

/** Return `text` without halves of characters, which no server can read, and without control characters, which nobody sees. */
export const toSendable = (text) => text.replace(/\p{Cs}/gu, "\uFFFD").replace(/[^\P{Cc}\n\r\t]/gu, "").trim();

/** Return the name of a plan with "Plan " in front of it: it is stored with or without. */
export const planTitle = (name) => (/^plan /i.test(name) ? name : `Plan ${name}`);

/** Count as the server counts: characters, not the halves that JavaScript stores some of them in. */
export const lengthOf = (text) => [...text].length;

/** Return the first `most` letters of a text; a letter with its accents, or an emoji of several characters, stays whole. */
export function shortenText(text, most) {
  if (text.length <= most) return text;
  const letters = new Intl.Segmenter("es", { granularity: "grapheme" }).segment(text);
  let end = 0;
  let count = 0;
  for (const { index, segment } of letters) {
    if (count === most) return `${text.slice(0, end).trimEnd()}…`;
    count += 1;
    end = index + segment.length;
  }
  return text;
}

/**
 * Return the people who are mentioned in a text: of names of which one begins with the other the longest counts, so that «Ana María Gil» is
 * not «Ana María» too.
 * @param {string} text
 * @param {{ id: number, name: string }[]} people
 */
export function findMentioned(text, people) {
  const longestAt = (start) => people.map(({ name }) => name).filter((name) => text.startsWith(name, start)).sort((one, two) => two.length - one.length)[0];
  const named = new Set([...text.matchAll(/@/g)].map(({ index }) => longestAt(index + 1)));
  return people.filter(({ name }) => named.has(name));
}
