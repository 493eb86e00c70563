// Everything that was said in a chat, as a text file.

import { saveFile } from "./dom.js";

const PAGE = 100;

/** `call` is the API; `lineOf(message)` is its line, `title` whom it was with. Fails rather than leave something out. */
export async function downloadTranscript(call, chatId, title, lineOf) {
  let lines = [];
  let page = [];
  do {
    const before = page.length ? `&before=${page[0].seq}` : "";
    page = await call(`agent-chat/messages/${chatId}?limit=${PAGE}${before}`);
    lines = [...page.map((message) => `${lineOf(message)}\n`), ...lines];
  } while (page.length);
  saveFile(new Blob([`Conversación con ${title}\n\n`, ...lines], { type: "text/plain" }), `conversacion-${chatId}.txt`);
}
