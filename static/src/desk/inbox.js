// The lists of chats. A row and a list are rendered by the server only (templates/desk/_chat.html, _list.html): when something
// in them changed they are fetched and put in place of the old ones. ui/live-list.js has pages and no rows of its own; here
// rows change one by one, come and go with what they show, and those paged in by scrolling stay.

import { storage } from "../core/storage.js";
import { byId } from "../ui/dom.js";
import { markRow } from "../ui/live-list.js";
import { captureState } from "../ui/replace.js";
import { fetchPartial } from "../ui/server.js";
import { throttle } from "../ui/throttle.js";
import { showWaitingTimes } from "./waiting-times.js";

const ROW_DELAY_MS = 120;      // a burst of lines is one fetch
const GAP_MS = 1_000;     // between two fetches of a whole list
const AGAIN_MS = 15_000;  // what happens to the chats of others is not said to us
const NEAR_END_PX = 300;

export class Inbox {
  #userId;
  #onRender;
  #onChange;
  #unread = new Map();
  #due = new Map();      // chat id -> timer
  #fetching = new Set();
  #isPaging = false;
  picked = null;

  /** Fetch the whole list again; a burst is one fetch. */
  refresh = throttle(GAP_MS, () => this.#fetchList());

  /** `onRender(row)` is called with every row that was put on the page, `onChange()` when anything did. */
  constructor({ userId, chats, onRender, onChange }) {
    this.#userId = userId;
    chats.forEach((chat) => this.compareChat(chat));
    this.#onRender = onRender;
    this.#onChange = onChange;
    this.#pane.parentElement.addEventListener("scroll", ({ target }) => {
      if (target.id === "inbox-list" && target.scrollHeight - target.clientHeight - target.scrollTop < NEAR_END_PX) this.loadMore();
    }, { capture: true, passive: true });
    setInterval(() => { if (this.tab !== "mine" && document.visibilityState === "visible") this.refresh(); }, AGAIN_MS);
    this.rows.forEach((row) => this.#onRowRendered(row));
  }

  get #pane() { return byId("inbox-pane"); }
  get #list() { return byId("chats"); }
  get tab() { return this.#pane.dataset.tab; }
  get tag() { return this.#pane.dataset.tag; }
  get order() { return this.#pane.dataset.order; }
  /** Whether the server alone knows the place of a row: it is not that of its last message. */
  get #isOrderedByServer() { return this.tab === "waiting" || this.order !== ""; }
  get rows() { return [...this.#list.children]; }
  get unread() { return [...this.#unread.values()].reduce((sum, count) => sum + count, 0); }

  findRow(chatId) { return byId(`chat-${chatId}`); }

  /** Another list, another tag, or another order. */
  async showList({ tab = this.tab, tag = this.tag, order = this.order }) {
    await this.#fetchList({ tab, tag, order });
  }

  markOpen(chatId) {
    this.picked = chatId;
    this.rows.forEach((row) => this.#markRow(row));
    // One that does not belong here stays in sight for as long as it is open on the right.
    this.rows.filter((row) => !this.#belongsHere(row)).forEach((row) => row.remove());
    this.#updateFooter();
  }

  /** Of a chat that is not ours any more nothing is counted. */
  removeChat(chatId) {
    this.#unread.delete(chatId);
    this.refreshRow(chatId);
  }

  refreshRow(chatId) {
    if (this.#due.has(chatId)) return;
    this.#due.set(chatId, setTimeout(() => this.#fetchRow(chatId), ROW_DELAY_MS));
  }

  /** An own chat as the server has it: counted, and rendered again if its row differs. One without a row waits for its page. */
  compareChat({ id, last_seq: lastSeq, unread }) {
    if (unread) this.#unread.set(id, unread);
    else this.#unread.delete(id);
    const row = this.findRow(id);
    if (row && (row.dataset.lastSeq !== String(lastSeq) || row.dataset.unread !== String(unread))) this.refreshRow(id);
  }

  /** The next page, put after what is there. */
  async loadMore() {
    const { before } = this.#pane.dataset;
    if (!before || this.#isPaging) return;
    this.#isPaging = true;
    try {
      const pane = this.#pane;
      const fresh = await fetchPartial(this.#listAddress({ tab: this.tab, tag: this.tag, order: this.order, before }));
      if (pane !== this.#pane || pane.dataset.before !== before) return;
      for (const row of [...fresh.querySelector("#chats").children]) {
        if (this.findRow(row.dataset.chatId)) continue;
        this.#list.append(row);
        this.#onRowRendered(row);
      }
      pane.dataset.before = fresh.dataset.before;
      this.#updateFooter();
    } catch {
      // The button stays, and pressing it is how one tries again.
    } finally {
      this.#isPaging = false;
    }
  }

  /** Take the focus to the row of the open chat, if it is in the list. */
  focus() { this.findRow(this.picked)?.querySelector("a").focus({ preventScroll: true }); }

  /** The row after (or before) the picked one. */
  neighbourRow(step) {
    const { rows } = this;
    const at = rows.findIndex((row) => Number(row.dataset.chatId) === this.picked);
    return rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step] ?? null;
  }

  get nextUnread() { return this.rows.find((row) => Number(row.dataset.unread) && Number(row.dataset.chatId) !== this.picked) ?? null; }

  #listAddress({ tab, tag, order, before = "" }) {
    const given = { lista: tab, ...(tag && { etiqueta: tag }), ...(order && { orden: order }), ...(before && { antes: before }) };
    return `/agente/lista?${new URLSearchParams(given)}`;
  }

  async #fetchList(wanted = { tab: this.tab, tag: this.tag, order: this.order }) {
    let fresh;
    try {
      fresh = await fetchPartial(this.#listAddress(wanted));
    } catch {
      return; // No network or no session: the bar says so, and the state after the next opening brings the list again.
    }
    const old = this.#pane;
    const isSame = old.dataset.tab === wanted.tab && old.dataset.tag === wanted.tag && old.dataset.order === wanted.order;
    if (isSame) this.#keepMore(fresh);
    const restore = captureState(old);
    old.replaceWith(fresh);
    if (isSame) restore(fresh);
    this.rows.forEach((row) => this.#onRowRendered(row));
    this.#updateFooter();
  }

  /** What had been paged in, and the picked row, stay after the fresh first page. */
  #keepMore(fresh) {
    const list = fresh.querySelector("#chats");
    const known = new Set([...list.children].map((row) => row.dataset.chatId));
    const last = list.lastElementChild?.dataset.lastAt ?? "";
    for (const row of this.rows) {
      if (known.has(row.dataset.chatId)) continue;
      const isPicked = Number(row.dataset.chatId) === this.picked;
      const isLater = fresh.dataset.before && !this.#isOrderedByServer && row.dataset.lastAt < last;
      if (!isPicked && !isLater) continue;
      const after = [...list.children].find((other) => other.dataset.lastAt < row.dataset.lastAt);
      list.insertBefore(row.cloneNode(true), after ?? null);
      if (isLater) fresh.dataset.before = this.#pane.dataset.before;
    }
  }

  async #fetchRow(chatId) {
    this.#due.delete(chatId);
    if (this.#fetching.has(chatId)) { this.refreshRow(chatId); return; }
    this.#fetching.add(chatId);
    try {
      const row = await fetchPartial(`/agente/chats/${chatId}/fila`);
      if (row) this.#putRow(row);
      else { this.findRow(chatId)?.remove(); this.#unread.delete(chatId); }
      this.#updateFooter();
    } catch {
      // No network or no session: the bar says so, and the state after the next opening brings the row again.
    } finally {
      this.#fetching.delete(chatId);
    }
  }

  #putRow(row) {
    const old = this.findRow(row.dataset.chatId);
    const hadFocus = old?.contains(document.activeElement);
    this.#countUnread(row);
    if (!this.#belongsHere(row)) { old?.remove(); return; }
    if (old && (old.dataset.lastAt === row.dataset.lastAt || this.#isOrderedByServer)) old.replaceWith(row);
    else if (this.#isOrderedByServer) { this.refresh(); return; }
    else {
      old?.remove();
      const after = this.rows.find((other) => other.dataset.lastAt < row.dataset.lastAt);
      this.#list.insertBefore(row, after ?? null);
    }
    if (hadFocus) row.querySelector("a").focus({ preventScroll: true });
    this.#onRowRendered(row);
    // It may be due earlier or later than before.
    if (this.order) this.refresh();
  }

  #belongsHere({ dataset }) {
    if (Number(dataset.chatId) === this.picked) return true;
    if (this.tag && !dataset.tags.split("|").some((tag) => tag.toLowerCase() === this.tag.toLowerCase())) return false;
    return {
      mine: dataset.mine === "1" && dataset.status === "ACTIVE",
      waiting: dataset.status === "WAITING",
      all: dataset.status !== "CLOSED" && dataset.kind === "SUPPORT",
      closed: dataset.status === "CLOSED",
    }[this.tab];
  }

  #countUnread({ dataset }) {
    if (Number(dataset.unread) && dataset.status === "ACTIVE") this.#unread.set(Number(dataset.chatId), Number(dataset.unread));
    else this.#unread.delete(Number(dataset.chatId));
  }

  #onRowRendered(row) {
    this.#countUnread(row);
    this.#markRow(row);
    showWaitingTimes(row);
    this.#onRender(row);
  }

  #markRow(row) {
    const picked = Number(row.dataset.chatId) === this.picked;
    markRow(row, picked);
    const draft = picked ? null : storage.get(`beneficiate:draft:${this.#userId}:${row.dataset.chatId}`);
    row.querySelector("[data-part=draft]").hidden = !draft;
    const say = row.querySelector("[data-part=say]");
    say.dataset.said ??= say.textContent;
    say.textContent = draft || say.dataset.said;
  }

  #updateFooter() {
    byId("no-chats").hidden = this.rows.length > 0;
    byId("more-chats").hidden = !this.#pane.dataset.before;
    this.#onChange();
  }
}
