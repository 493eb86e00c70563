// Canned replies: `/` at the beginning of a word lists them, the chosen one is worded for the member and put into the text.

import { call } from "../core/api.js";
import { COMMANDS } from "../core/protocol.js";
import { messages } from "../ui/messages.es.js";
import { Suggestions } from "../ui/suggestions.js";
import { toast } from "../ui/toasts.js";

const SLASH = /(?:^|\s)\/([^\s/]*)$/;

function draw({ title, shortcut }) {
  const item = Object.assign(document.createElement("li"), { className: "canned-item" });
  item.append(
    Object.assign(document.createElement("span"), { className: "clip", textContent: title }),
    Object.assign(document.createElement("span"), { className: "canned-key", textContent: `/${shortcut}` }),
  );
  return item;
}

/** Canned replies for the composer of one chat. Returns a function that lists them all. */
export function initCannedReplies(panel, { chatId, composer, connection, getToken }) {
  const box = panel.querySelector("[data-part=canned]");
  const [look, uses] = ["look", "uses"].map((name) => box.querySelector(`[data-part=${name}]`));
  const worded = new Map();
  const ask = async (path) => call(`/api/v1/canned-replies${path}`, { token: await getToken() });
  const word = (reply) => {
    if (!worded.has(reply.id)) worded.set(reply.id, ask(`/${reply.id}/for/${chatId}`));
    return worded.get(reply.id);
  };
  let shown = null;
  const suggest = new Suggestions(composer.text, box, {
    pattern: SLASH,
    find: (query) => ask(`?${new URLSearchParams({ q: query })}`),
    draw,
    onShow: async (reply) => {
      shown = reply;
      look.textContent = reply.text;
      uses.textContent = messages.canned_uses(reply.uses);
      const { text } = await word(reply).catch(() => reply);
      if (shown === reply) look.textContent = text;
    },
    onChoose: async (reply, from, to) => {
      try {
        const { text, unknown } = await word(reply);
        composer.insert(text, from, to);
        connection.tell(COMMANDS.USE_CANNED, { reply_id: reply.id });
        if (unknown.length) toast(messages.canned_missing(unknown));
      } catch (refusal) {
        worded.delete(reply.id);
        toast(refusal.message || messages.no_network);
      }
    },
  });
  return () => {
    if (suggest.isOpen) { suggest.close(); return; }
    const { value } = composer.text;
    composer.text.selectionStart = value.length;
    composer.insert(value && !/\s$/.test(value) ? " /" : "/");
  };
}
