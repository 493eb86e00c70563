// The list of chats. A row is drawn by the server only (templates/desk/_chat.html): when something in it changed it is
// fetched and put in place of the old one. Not by htmx yet: one GET and one replaceWith are all that the list needs, and
// the desk's first load stays 13 KB lighter.

import { fetchPartial } from "./staff.js";

const SOON_MS = 120; // a burst of lines is one fetch

export class Inbox {
  #list;
  #empty;
  #onDraw;
  #due = new Map();      // chat id -> timer
  #fetching = new Set();
  picked = null;

  /** `onDraw(row)` is called with every row that was put on the page. */
  constructor(list, empty, onDraw) {
    this.#list = list;
    this.#empty = empty;
    this.#onDraw = onDraw;
  }

  get rows() { return [...this.#list.children]; }
  get unread() { return this.rows.reduce((sum, row) => sum + Number(row.dataset.unread), 0); }

  row(chatId) { return document.getElementById(`chat-${chatId}`); }

  pick(chatId) {
    this.picked = chatId;
    this.rows.forEach((row) => this.#mark(row));
    // A closed chat stays in sight for as long as it is open on the right.
    this.rows.filter((row) => this.#isOver(row)).forEach((row) => row.remove());
    this.#tidy();
  }

  redraw(chatId) {
    if (this.#due.has(chatId)) return;
    this.#due.set(chatId, setTimeout(() => this.#fetch(chatId), SOON_MS));
  }

  async #fetch(chatId) {
    this.#due.delete(chatId);
    if (this.#fetching.has(chatId)) { this.redraw(chatId); return; }
    this.#fetching.add(chatId);
    try {
      const row = await fetchPartial(`/agente/chats/${chatId}/fila`);
      if (row) this.#put(row);
      else this.row(chatId)?.remove();
      this.#tidy();
    } catch {
      // No network or no session: the bar says so, and the picture after the next opening brings the row again.
    } finally {
      this.#fetching.delete(chatId);
    }
  }

  #put(row) {
    const old = this.row(row.dataset.chatId);
    const hadFocus = old?.contains(document.activeElement);
    if (this.#isOver(row)) { old?.remove(); return; }
    this.#mark(row);
    if (old && old.dataset.lastAt === row.dataset.lastAt) old.replaceWith(row);
    else {
      old?.remove();
      const after = this.rows.find((other) => other.dataset.lastAt < row.dataset.lastAt);
      this.#list.insertBefore(row, after ?? null);
    }
    if (hadFocus) row.querySelector("a").focus({ preventScroll: true });
    this.#onDraw(row);
  }

  #isOver(row) { return row.dataset.status === "CLOSED" && Number(row.dataset.chatId) !== this.picked; }

  #mark(row) {
    const picked = Number(row.dataset.chatId) === this.picked;
    row.classList.toggle("is-picked", picked);
    if (picked) row.querySelector("a").setAttribute("aria-current", "true");
    else row.querySelector("a").removeAttribute("aria-current");
  }

  #tidy() {
    this.#empty.hidden = this.rows.length > 0;
    this.#list.dispatchEvent(new Event("change"));
  }
}
