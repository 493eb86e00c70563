// Everything that was said in a chat, as a text file.

import { formatDateTime } from "../core/dates.js";
import { saveFile } from "./dom.js";

const PAGE = 100;

/** `call` is the API; `authorOf(message)` names who wrote it, `title` whom it was with. Fails rather than leave something out. */
export async function downloadTranscript(call, chatId, title, authorOf) {
  let lines = [];
  let page = [];
  do {
    const before = page.length ? `&before=${page[0].seq}` : "";
    page = await call(`agent-chat/messages/${chatId}?limit=${PAGE}${before}`);
    lines = [...page.map((message) => `${formatDateTime(message.sent_at)} · ${authorOf(message)}: ${message.message}\n`), ...lines];
  } while (page.length);
  saveFile(new Blob([`Conversación con ${title}\n\n`, ...lines], { type: "text/plain" }), `conversacion-${chatId}.txt`);
}
