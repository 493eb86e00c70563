// Canned replies: `/` at the beginning of a word lists them, the chosen one is worded for the member and put into the text.

import { callApi } from "../core/api.js";
import { COMMANDS } from "../core/protocol.js";
import { messages } from "../ui/messages.es.js";
import { Suggestions } from "../ui/suggestions.js";
import { showToast } from "../ui/toasts.js";

const SLASH = /(?:^|\s)\/([^\s/]*)$/;

function makeItem({ title, shortcut }) {
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
  const [preview, uses] = ["preview", "uses"].map((name) => box.querySelector(`[data-part=${name}]`));
  const worded = new Map();
  const callReplies = async (path) => callApi(`/api/v1/canned-replies${path}`, { token: await getToken() });
  const fetchWorded = (reply) => {
    if (!worded.has(reply.id)) worded.set(reply.id, callReplies(`/${reply.id}/for/${chatId}`));
    return worded.get(reply.id);
  };
  let shown = null;
  const suggest = new Suggestions(composer.text, box, {
    pattern: SLASH,
    find: (query) => callReplies(`?${new URLSearchParams({ q: query })}`),
    render: makeItem,
    onShow: async (reply) => {
      shown = reply;
      preview.textContent = reply.text;
      uses.textContent = messages.canned_uses(reply.uses);
      const { text } = await fetchWorded(reply).catch(() => reply);
      if (shown === reply) preview.textContent = text;
    },
    onChoose: async (reply, from, to) => {
      try {
        const { text, unknown } = await fetchWorded(reply);
        composer.insertText(text, from, to);
        connection.send(COMMANDS.USE_CANNED, { reply_id: reply.id });
        if (unknown.length) showToast(messages.canned_missing(unknown));
      } catch (refusal) {
        worded.delete(reply.id);
        showToast(refusal.message || messages.no_network);
      }
    },
  });
  return () => {
    if (suggest.isOpen) { suggest.close(); return; }
    const { value } = composer.text;
    composer.text.selectionStart = value.length;
    composer.insertText(value && !/\s$/.test(value) ? " /" : "/");
  };
}
