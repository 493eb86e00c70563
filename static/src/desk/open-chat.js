// The conversation that is open, with everything around it: notes, canned replies, files, tags, who else looks.

import { storage } from "../core/storage.js";
import { avatarColor, initialsOf } from "../ui/avatars.js";
import { messages } from "../ui/messages.es.js";
import { toast } from "../ui/toasts.js";
import { confirmUnseen } from "./actions.js";
import { Conversation } from "./conversation.js";
import { Notes } from "./notes.js";
import { Tags } from "./tags.js";
import { Uploads } from "./uploads.js";
import { Viewers } from "./viewers.js";
import { showWaitingTimes } from "./waiting-times.js";

/** How I see a stored line. */
function viewOf(me, { initials, face }) {
  return ({ sender_type: type, sender_id: id, sender_name: author }) => {
    const by = type.toLowerCase();
    if (type === "SYSTEM") return { kind: "system", by };
    if (id === (type === "AGENT" ? me.agentId : me.userId)) return { kind: "own", by };
    if (type === "USER") return { kind: "other", by, author, initials, face };
    if (type === "BOT") return { kind: "other", by, author: messages.bot, initials: messages.bot_initials, face: 1 };
    return { kind: "other", by, author, initials: initialsOf(author), face: avatarColor(id) };
  };
}

export class OpenChat {
  #panel;
  #since;
  #conversation;
  #notes = null;
  #tags = null;
  #uploads = null;
  #canned = null;
  #loadCanned;
  #parts = [];

  /** `panel` is printed by the server; `onRead()` when its lines have been read, `onMoved()` when it is another's now, or closed. */
  constructor(panel, { me, connection, outbox, getToken, undoMs, onRead, onMoved }) {
    this.#panel = panel;
    const { chatId: id, kind, mode, name, version } = panel.dataset;
    const chatId = Number(id);
    const isOwn = mode === "own";
    const draftKey = `${me.userId}:${chatId}`;
    this.#since = `beneficiate:since:${draftKey}`;
    this.#conversation = new Conversation(panel, {
      chat: { id: chatId, isOwn, isOpen: isOwn, otherName: name, version },
      userId: me.userId, connection, outbox, getToken, undoMs, onRead, onMoved,
      view: viewOf(me, panel.dataset),
      draft: { draftKey, onDraft: (isThere) => this.#draft(isThere), confirm: () => this.#doubt() },
      fetchNotes: () => this.#notes?.fetch(),
    });
    const common = { chatId, userId: me.userId, connection, getToken, thread: this.#conversation.thread, composer: this.#conversation.composer };
    if (isOwn) this.#uploads = new Uploads(panel.querySelector("[data-part=write]"), common);
    if (kind === "SUPPORT") {
      this.#notes = new Notes(panel, common);
      this.#tags = new Tags(panel, common);
      // Only who writes needs them, so they are no part of the first load.
      this.#loadCanned = async () => {
        const { initCannedReplies } = await import("./canned-replies.js");
        this.#canned ??= initCannedReplies(panel, common);
        return this.#canned;
      };
      common.composer.text.addEventListener("focus", () => this.#loadCanned().catch(() => {}));
      panel.querySelector("#canned-open").addEventListener("click", () => this.canned());
      this.#parts = [this.#notes, this.#tags, new Viewers(panel, common)];
      panel.querySelector("#pay-link").addEventListener("click", () => this.putPayLink());
    }
    showWaitingTimes(panel);
  }

  get id() { return this.#conversation.chatId; }
  get mode() { return this.#panel.dataset.mode; }

  showUnsent() { this.#conversation.showUnsent(); }
  focus() { this.#conversation.focus(); }
  /** Since when the member waits; "" when nobody does. */
  showWait(since) {
    const clock = this.#panel.querySelector("#chat-clock");
    if (!clock || clock.dataset.wait === since) return;
    clock.dataset.wait = since;
    clock.title = "";
    showWaitingTimes(this.#panel);
  }

  get canWrite() { return this.mode === "own" || this.isNote; }
  /** Go where one is writing: to the member or to the team. */
  write() { if (this.isNote) this.note(); else this.focus(); }
  reach(seq) { return this.#conversation.reach(seq); }

  leave() {
    this.#conversation.leave();
    this.#parts.forEach((part) => part.leave());
  }

  // What shortcuts call
  reply() { this.#notes?.say("reply", false); this.focus(); }
  get isNote() { return this.#notes?.isNote ?? false; }
  /** Write a note, with this much of it selected; null leaves the focus where it is. */
  note(selection = []) {
    this.#notes?.say("note", selection !== null);
    if (selection?.length) this.#panel.querySelector("#note-text").setSelectionRange(...selection);
  }
  switch() { if (this.isNote) this.reply(); else this.note(); }
  async canned() {
    if (this.mode !== "own" || !this.#loadCanned) return;
    this.reply();
    const open = await this.#loadCanned().catch(() => toast(messages.no_network));
    open?.();
  }
  undo() { this.#conversation.undo(); }
  attach() { this.#uploads?.choose(); }
  tag() { this.#tags?.open(); }

  putPayLink() {
    if (this.mode !== "own") return;
    this.#notes?.say("reply", false);
    const { value } = this.#conversation.composer.text;
    this.#conversation.composer.insert(`${value && !/\s$/.test(value) ? " " : ""}${messages.pay_link(`${location.origin}/planes`)}`);
  }

  /** Where the conversation stood when the draft was begun: what a colleague says after it was not seen by it. */
  #draft(isThere) {
    if (isThere) storage.set(this.#since, String(this.#conversation.thread.newestSeq));
    else storage.remove(this.#since);
  }

  #doubt() {
    const since = storage.get(this.#since);
    const line = since === null ? null : this.#conversation.thread.colleagueAfter(Number(since));
    return line && confirmUnseen(line);
  }
}
