// Notes of the team in a conversation: shown between the lines, written in a composer of their own, with mentions.

import { callApi } from "../core/api.js";
import { newId } from "../core/ids.js";
import { COMMANDS, EVENTS } from "../core/protocol.js";
import { findMentioned } from "../core/text.js";
import { makeComposer } from "../ui/composer.js";
import { onReturn } from "../ui/connection-bar.js";
import { messages } from "../ui/messages.es.js";
import { showToast } from "../ui/toasts.js";
import { fetchColleagues } from "./team.js";

const AT = /(?:^|\s)@([\p{L}\p{M}'-]*)$/u;
const foldAccents = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Notes {
  #panel;
  #chatId;
  #userId;
  #connection;
  #getToken;
  #thread;
  #composer;
  #suggest = null;
  #unsubscribers;

  constructor(panel, { chatId, userId, connection, getToken, thread }) {
    this.#panel = panel;
    this.#chatId = chatId;
    this.#userId = userId;
    this.#connection = connection;
    this.#getToken = getToken;
    this.#thread = thread;
    this.#composer = makeComposer(panel.querySelector("[data-part=note-form]"), {
      draftKey: `${userId}:${chatId}:note`,
      onSend: (text) => { this.#saveNote(text); },
    });
    this.#composer.text.addEventListener("focus", () => this.#initMentions().catch(() => {}));
    for (const button of panel.querySelectorAll("[data-say]")) {
      button.addEventListener("click", () => this.setKind(button.dataset.say));
    }
    this.#unsubscribers = [
      connection.on(EVENTS.NOTE_ADDED, ({ chat_id: id, note }) => { if (id === chatId) { thread.putNote(note); this.#markMentionsSeen(); } }),
      connection.on("state", ({ name }) => { if (name === "open") this.#markMentionsSeen(); }),
      onReturn(connection, () => this.fetchNotes()),
    ];
    this.#markMentionsSeen();
  }

  get isNote() { return this.#panel.querySelector("[data-part=say-box]").dataset.kind === "note"; }

  /** Write to the member (`reply`) or to the team (`note`). */
  setKind(kind, focus = true) {
    this.#panel.querySelector("[data-part=say-box]").dataset.kind = kind;
    for (const button of this.#panel.querySelectorAll("[data-say]")) {
      button.setAttribute("aria-pressed", String(button.dataset.say === kind));
    }
    if (!focus) return;
    if (kind === "note") this.#composer.focus();
    else this.#panel.querySelector("#message").focus({ preventScroll: true });
  }

  /** All of them; those whose lines are not here yet wait for them. */
  async fetchNotes() {
    try {
      const notes = await callApi(`/api/v1/agent-chat/notes/${this.#chatId}`, { token: await this.#getToken() });
      notes.forEach((note) => this.#thread.putNote(note));
      this.#markMentionsSeen();
    } catch {
      // The next opening of the connection, or of the chat, brings them.
    }
  }

  dispose() {
    this.#unsubscribers.forEach((off) => off());
  }

  async #saveNote(text) {
    const people = await fetchColleagues().catch(() => []);
    const mentions = findMentioned(text, people).map(({ id }) => id).slice(0, 10);
    try {
      const { note } = await this.#connection.request(COMMANDS.ADD_NOTE, { chat_id: this.#chatId, text, mentions, client_id: newId() });
      this.#thread.putNote(note);
    } catch (refusal) {
      this.#composer.insertText(text);
      showToast(refusal.message || messages.note_failed);
    }
  }

  /** Only who writes a note needs it, so it is no part of the first load. */
  async #initMentions() {
    const { Suggestions } = await import("../ui/suggestions.js");
    if (this.#suggest) return;
    const makeItem = ({ name }) => Object.assign(document.createElement("li"), { textContent: name });
    this.#suggest = new Suggestions(this.#composer.text, this.#panel.querySelector("#mentions"), {
      pattern: AT,
      render: makeItem,
      find: async (query) => {
        const searched = foldAccents(query);
        return (await fetchColleagues()).filter(({ name }) => foldAccents(name).split(" ").some((word) => word.startsWith(searched))).slice(0, 6);
      },
      onChoose: ({ name }, from, to) => this.#composer.insertText(`@${name} `, from, to),
    });
  }

  /** What is in sight and names me has been seen. */
  #markMentionsSeen() {
    for (const mention of this.#panel.querySelectorAll(`.mention[data-user-id="${this.#userId}"]:not([data-seen])`)) {
      const note = Number(mention.closest("[data-note]").dataset.note);
      if (this.#connection.send(COMMANDS.SEE_MENTIONS, { note_id: note })) mention.dataset.seen = "yes";
    }
  }
}
