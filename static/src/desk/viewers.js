// Who else of the team looks at the open chat, and writes in it. We say that we look for as long as the tab is in sight.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { avatarColorOf, initialsOf } from "../ui/avatars.js";
import { messages } from "../ui/messages.es.js";

const AGAIN_MS = 15_000;
const AVATARS = 4;

export class Viewers {
  #panel;
  #chatId;
  #userId;
  #connection;
  #disposal = new AbortController();

  constructor(panel, { chatId, userId, connection }) {
    this.#panel = panel;
    this.#chatId = chatId;
    this.#userId = userId;
    this.#connection = connection;
    const { signal } = this.#disposal;
    const onEvent = (word, listener) => signal.addEventListener("abort", connection.on(word, listener));
    onEvent(EVENTS.VIEWERS, ({ chat_id: id, viewers }) => { if (id === chatId) this.#showViewers(viewers); });
    onEvent("state", ({ name }) => { if (name === "open") this.#announceViewing(); else this.#showViewers([]); });
    document.addEventListener("visibilitychange", () => this.#announceViewing(), { signal });
    const timer = setInterval(() => this.#announceViewing(), AGAIN_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.#announceViewing();
  }

  dispose() {
    this.#disposal.abort();
    this.#connection.send(COMMANDS.LEAVE_CHAT, { chat_id: this.#chatId });
  }

  #announceViewing() {
    if (document.visibilityState === "visible") this.#connection.send(COMMANDS.VIEW_CHAT, { chat_id: this.#chatId });
  }

  #showViewers(viewers) {
    const others = viewers.filter(({ user_id: id }) => id !== this.#userId);
    const names = others.map((one) => `${one.first_name} ${one.last_name}`);
    const seen = this.#panel.querySelector("#chat-seen");
    seen.hidden = others.length === 0;
    seen.title = names.join(", ");
    seen.querySelector("[data-part=who]").textContent = others.length ? messages.viewing(names) : "";
    seen.querySelector("[data-part=avatars]").replaceChildren(...others.slice(0, AVATARS).map(({ user_id: id }, at) => Object.assign(document.createElement("span"), {
      className: `avatar avatar--s avatar--${avatarColorOf(id)}`, textContent: initialsOf(names[at]),
    })));
    const typing = others.find((one) => one.is_typing);
    const also = this.#panel.querySelector("#also-typing");
    also.hidden = !typing;
    also.querySelector("[data-part=who]").textContent = typing ? messages.also_typing(typing.first_name) : "";
  }
}
