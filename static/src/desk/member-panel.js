// The member of the open chat, in the third pane; a drawer on narrower screens.

import { EVENTS } from "../core/protocol.js";
import { onReturn } from "../ui/connection-bar.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { captureState } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";

const GAP_MS = 1_500;
const cloneContent = (id) => byId(id).content.cloneNode(true);

export class MemberPanel {
  #desk;
  #place = byId("about");
  #backdrop = byId("backdrop");
  #chatId = null;
  #userId = null;
  #onTags;
  /** What it shows may be outdated. */
  refresh = throttle(GAP_MS, () => this.#fetchMember());

  /** `onTags(chatId, tags)`: the tags that a chat has now. */
  constructor(desk, connection, onTags) {
    this.#desk = desk;
    this.#onTags = onTags;
    onReturn(connection, () => this.refresh());
    for (const word of [EVENTS.NEW_APPOINTMENT, EVENTS.APPOINTMENT_UPDATED]) {
      connection.on(word, ({ appointment }) => { if (appointment.user_id === this.#userId) this.refresh(); });
    }
    connection.on(EVENTS.MEMBER_CHANGED, ({ user_id: id }) => { if (id === this.#userId) this.refresh(); });
    for (const word of [EVENTS.NOTE_ADDED, EVENTS.CHAT_TAGGED]) {
      connection.on(word, ({ chat_id: id }) => { if (id === this.#chatId) this.refresh(); });
    }
    document.addEventListener("click", ({ target }) => {
      if (target.closest("#show-about")) this.toggleDrawer();
      if (target.closest("#about-close, #backdrop")) this.toggleDrawer(false);
      if (target.closest("[data-do=again-about]")) this.#fetchMember();
      const reveal = target.closest("[data-do=reveal]");
      if (reveal) this.#revealContact(reveal);
    });
    this.#place.addEventListener("keydown", (event) => { if (event.key === "Escape") this.toggleDrawer(false); });
  }

  /** The member of this chat; null when there is none. */
  showMember(chatId, userId) {
    this.#userId = userId;
    if (chatId === this.#chatId) return;
    this.#chatId = chatId;
    this.toggleDrawer(false, false);
    this.#place.hidden = chatId === null;
    if (chatId !== null && this.#place.querySelector(`.about-in[data-chat-id="${chatId}"]`)) return; // the page has printed it
    this.#place.replaceChildren(cloneContent("about-loading"));
    if (chatId !== null) this.#fetchMember();
  }

  /** The version of what is shown about the member of this chat, if it is. */
  versionFor(chatId) { return this.#place.querySelector(`.about-in[data-chat-id="${chatId}"]`)?.dataset.version; }

  get isDrawer() { return getComputedStyle(this.#place).position === "fixed"; }

  toggleDrawer(open = !this.#desk.classList.contains("has-about"), withFocus = true) {
    if (this.#chatId === null) return;
    const was = this.#desk.classList.contains("has-about");
    this.#desk.classList.toggle("has-about", open);
    this.#backdrop.hidden = !open;
    byId("show-about")?.setAttribute("aria-expanded", String(open));
    if (!withFocus) return;
    if (open) this.#place.focus({ preventScroll: true });
    else if (was && this.isDrawer) byId("show-about")?.focus();
  }

  /** The document, the telephone and the e-mail in full: the server writes down that we asked. */
  async #revealContact(button) {
    const wanted = this.#chatId;
    button.disabled = true;
    const contact = await fetchPartial(`/agente/chats/${wanted}/ficha/datos`, "POST").catch(() => null);
    if (wanted !== this.#chatId) return;
    button.disabled = false;
    if (!contact) { showToast(messages.no_network); return; }
    byId("contact")?.replaceWith(contact);
    this.#place.focus({ preventScroll: true });
  }

  async #fetchMember() {
    const wanted = this.#chatId;
    if (wanted === null) return;
    let fresh;
    try {
      fresh = await fetchPartial(`/agente/chats/${wanted}/ficha`);
    } catch {
      fresh = null;
    }
    if (wanted !== this.#chatId) return;
    const restore = captureState(this.#place);
    // What was shown in full stays so: to look again would be written down again.
    const contact = byId("contact");
    if (contact && !contact.querySelector("[data-do=reveal]")) fresh?.querySelector("#contact").replaceWith(contact);
    if (fresh) this.#onTags(wanted, JSON.parse(fresh.dataset.tags));
    this.#place.replaceChildren(fresh ?? cloneContent("about-broken"));
    restore(this.#place);
  }
}
