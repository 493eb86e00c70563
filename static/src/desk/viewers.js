// Who else of the team looks at the open chat, and writes in it. We say that we look for as long as the tab is in sight.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { avatarColor, initialsOf } from "../ui/avatars.js";
import { messages } from "../ui/messages.es.js";

const AGAIN_MS = 15_000;
const AVATARS = 4;

export class Viewers {
  #panel;
  #chatId;
  #userId;
  #connection;
  #leaving = new AbortController();

  constructor(panel, { chatId, userId, connection }) {
    this.#panel = panel;
    this.#chatId = chatId;
    this.#userId = userId;
    this.#connection = connection;
    const { signal } = this.#leaving;
    const listen = (word, listener) => signal.addEventListener("abort", connection.on(word, listener));
    listen(EVENTS.VIEWERS, ({ chat_id: id, viewers }) => { if (id === chatId) this.#show(viewers); });
    listen("state", ({ name }) => { if (name === "open") this.#look(); else this.#show([]); });
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    const timer = setInterval(() => this.#look(), AGAIN_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.#look();
  }

  leave() {
    this.#leaving.abort();
    this.#connection.tell(COMMANDS.LEAVE_CHAT, { chat_id: this.#chatId });
  }

  #look() {
    if (document.visibilityState === "visible") this.#connection.tell(COMMANDS.VIEW_CHAT, { chat_id: this.#chatId });
  }

  #show(viewers) {
    const others = viewers.filter(({ user_id: id }) => id !== this.#userId);
    const names = others.map((one) => `${one.first_name} ${one.last_name}`);
    const seen = this.#panel.querySelector("#chat-seen");
    seen.hidden = others.length === 0;
    seen.title = names.join(", ");
    seen.querySelector("[data-part=who]").textContent = others.length ? messages.viewing(names) : "";
    seen.querySelector("[data-part=avatars]").replaceChildren(...others.slice(0, AVATARS).map(({ user_id: id }, at) => Object.assign(document.createElement("span"), {
      className: `face face--s face--${avatarColor(id)}`, textContent: initialsOf(names[at]),
    })));
    const typing = others.find((one) => one.is_typing);
    const also = this.#panel.querySelector("#also-typing");
    also.hidden = !typing;
    also.querySelector("[data-part=who]").textContent = typing ? messages.also_typing(typing.first_name) : "";
  }
}
