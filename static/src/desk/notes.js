// Notes of the team in a conversation: shown between the lines, written in a composer of their own, with mentions.

import { call } from "../core/api.js";
import { newId } from "../core/ids.js";
import { COMMANDS, EVENTS } from "../core/protocol.js";
import { makeComposer } from "../ui/composer.js";
import { onReturn } from "../ui/connection-bar.js";
import { messages } from "../ui/messages.es.js";
import { toast } from "../ui/toasts.js";
import { colleagues } from "./team.js";

const AT = /(?:^|\s)@([\p{L}\p{M}'-]*)$/u;
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Notes {
  #panel;
  #chatId;
  #userId;
  #connection;
  #getToken;
  #thread;
  #composer;
  #suggest = null;
  #off;

  constructor(panel, { chatId, userId, connection, getToken, thread }) {
    this.#panel = panel;
    this.#chatId = chatId;
    this.#userId = userId;
    this.#connection = connection;
    this.#getToken = getToken;
    this.#thread = thread;
    this.#composer = makeComposer(panel.querySelector("[data-part=note-form]"), {
      draftKey: `${userId}:${chatId}:note`,
      onSend: (text) => { this.#save(text); },
    });
    this.#composer.text.addEventListener("focus", () => this.#mentioning().catch(() => {}));
    for (const button of panel.querySelectorAll("[data-say]")) {
      button.addEventListener("click", () => this.say(button.dataset.say));
    }
    this.#off = [
      connection.on(EVENTS.NOTE_ADDED, ({ chat_id: id, note }) => { if (id === chatId) { thread.putNote(note); this.#see(); } }),
      connection.on("state", ({ name }) => { if (name === "open") this.#see(); }),
      onReturn(connection, () => this.fetch()),
    ];
    this.#see();
  }

  get isNote() { return this.#panel.querySelector("[data-part=say-box]").dataset.kind === "note"; }

  /** Write to the member (`reply`) or to the team (`note`). */
  say(kind, focus = true) {
    this.#panel.querySelector("[data-part=say-box]").dataset.kind = kind;
    for (const button of this.#panel.querySelectorAll("[data-say]")) {
      button.setAttribute("aria-pressed", String(button.dataset.say === kind));
    }
    if (!focus) return;
    if (kind === "note") this.#composer.focus();
    else this.#panel.querySelector("#message").focus({ preventScroll: true });
  }

  /** All of them; those whose lines are not here yet wait for them. */
  async fetch() {
    try {
      const notes = await call(`/api/v1/agent-chat/notes/${this.#chatId}`, { token: await this.#getToken() });
      notes.forEach((note) => this.#thread.putNote(note));
      this.#see();
    } catch {
      // The next opening of the connection, or of the chat, brings them.
    }
  }

  leave() {
    this.#off.forEach((off) => off());
  }

  async #save(text) {
    const people = await colleagues().catch(() => []);
    const mentions = people.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id).slice(0, 10);
    try {
      const { note } = await this.#connection.ask(COMMANDS.ADD_NOTE, { chat_id: this.#chatId, text, mentions, client_id: newId() });
      this.#thread.putNote(note);
    } catch (refusal) {
      this.#composer.insert(text);
      toast(refusal.message || messages.note_failed);
    }
  }

  /** Only who writes a note needs it, so it is no part of the first load. */
  async #mentioning() {
    const { Suggestions } = await import("../ui/suggestions.js");
    if (this.#suggest) return;
    const draw = ({ name }) => Object.assign(document.createElement("li"), { textContent: name });
    this.#suggest = new Suggestions(this.#composer.text, this.#panel.querySelector("#mentions"), {
      pattern: AT,
      draw,
      find: async (query) => {
        const sought = fold(query);
        return (await colleagues()).filter(({ name }) => fold(name).split(" ").some((word) => word.startsWith(sought))).slice(0, 6);
      },
      onChoose: ({ name }, from, to) => this.#composer.insert(`@${name} `, from, to),
    });
  }

  /** What is in sight and names me has been seen. */
  #see() {
    for (const mention of this.#panel.querySelectorAll(`.mention[data-user-id="${this.#userId}"]:not([data-seen])`)) {
      const note = Number(mention.closest("[data-note]").dataset.note);
      if (this.#connection.tell(COMMANDS.SEE_MENTIONS, { note_id: note })) mention.dataset.seen = "yes";
    }
  }
}
