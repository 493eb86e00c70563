// Who is online, and every mark on the page that says it. Both words are in the markup (data-on, data-off).

import { EVENTS } from "../core/protocol.js";

const LIST_LIMIT = 200; // a list of so many people was cut: who is not in it may be online all the same

export class Presence {
  #known = new Map();       // user id -> online
  #isComplete = false;      // then whoever is not known is offline; else what the server printed stands

  /** `onChange(userId)`, or `onChange(null)` when it may be anybody. */
  constructor(connection, onChange) {
    const setOnline = (userId, status) => {
      this.#known.set(userId, status === "online");
      onChange(userId);
    };
    connection.on(EVENTS.ONLINE_USERS, ({ users }) => {
      this.#known = new Map(users.map((user) => [user.id, true]));
      this.#isComplete = users.length < LIST_LIMIT;
      onChange(null);
    });
    connection.on(EVENTS.USER_CONNECTED, ({ user_id }) => setOnline(user_id, "online"));
    connection.on(EVENTS.USER_DISCONNECTED, ({ user_id }) => setOnline(user_id, "offline"));
    connection.on(EVENTS.USER_STATUS, ({ users }) => users.forEach(({ user_id, status }) => setOnline(user_id, status)));
  }

  /** Say it in every mark under `element`, which is about that person. */
  showPresence(element, userId) {
    const online = this.#known.get(userId) ?? (this.#isComplete ? false : null);
    if (online === null) return;
    for (const mark of element.querySelectorAll("[data-presence]")) {
      if (mark.dataset.on) mark.textContent = online ? mark.dataset.on : mark.dataset.off;
      else mark.classList.toggle("is-on", online);
    }
  }
}
