// The conversation that is open, with everything around it: notes, canned replies, files, tags, who else looks.

import { storage } from "../core/storage.js";
import { avatarColorOf, initialsOf } from "../ui/avatars.js";
import { messages } from "../ui/messages.es.js";
import { showToast } from "../ui/toasts.js";
import { confirmUnseen } from "./actions.js";
import { Conversation } from "./conversation.js";
import { Notes } from "./notes.js";
import { Tags } from "./tags.js";
import { Uploads } from "./uploads.js";
import { Viewers } from "./viewers.js";
import { showWaitingTimes } from "./waiting-times.js";

/** How I see a stored line. */
function makeDescriber(me, { initials, avatarColor }) {
  return ({ sender_type: type, sender_id: id, sender_name: author }) => {
    const by = type.toLowerCase();
    if (type === "SYSTEM") return { kind: "system", by };
    if (id === (type === "AGENT" ? me.agentId : me.userId)) return { kind: "own", by };
    if (type === "USER") return { kind: "other", by, author, initials, avatarColor };
    if (type === "BOT") return { kind: "other", by, author: messages.bot, initials: messages.bot_initials, avatarColor: 1 };
    return { kind: "other", by, author, initials: initialsOf(author), avatarColor: avatarColorOf(id) };
  };
}

export class OpenChat {
  #panel;
  #draftSeqKey;
  #conversation;
  #notes = null;
  #tags = null;
  #uploads = null;
  #showCanned = null;
  #loadCanned;
  #parts = [];

  /** `panel` is printed by the server; `onRead()` when its lines have been read, `onMoved()` when it is another's now, or closed. */
  constructor(panel, { me, connection, outbox, getToken, undoMs, memberPanel, onRead, onMoved }) {
    this.#panel = panel;
    const { chatId: id, kind, mode, name, version } = panel.dataset;
    const chatId = Number(id);
    const isOwn = mode === "own";
    const draftKey = `${me.userId}:${chatId}`;
    this.#draftSeqKey = `beneficiate:since:${draftKey}`;
    this.#conversation = new Conversation(panel, {
      chat: { id: chatId, isOwn, isOpen: isOwn, otherName: name, version },
      userId: me.userId, connection, outbox, getToken, undoMs, memberPanel, onRead, onMoved,
      view: makeDescriber(me, panel.dataset),
      draft: { draftKey, onDraft: (isThere) => this.#onDraft(isThere), confirm: () => this.#confirmIfUnseen() },
      fetchNotes: () => this.#notes?.fetchNotes(),
    });
    const common = { chatId, userId: me.userId, connection, getToken, thread: this.#conversation.thread, composer: this.#conversation.composer };
    if (isOwn) this.#uploads = new Uploads(panel.querySelector("[data-part=write]"), common);
    if (kind === "SUPPORT") {
      this.#notes = new Notes(panel, common);
      this.#tags = new Tags(panel, common);
      // Only who writes needs them, so they are no part of the first load.
      this.#loadCanned = async () => {
        const { initCannedReplies } = await import("./canned-replies.js");
        this.#showCanned ??= initCannedReplies(panel, common);
        return this.#showCanned;
      };
      common.composer.text.addEventListener("focus", () => this.#loadCanned().catch(() => {}));
      panel.querySelector("#canned-open").addEventListener("click", () => this.openCannedReplies());
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

  /** What the row of the chat shows as due; null when nothing is. */
  showDeadline(mark) {
    const details = this.#panel.querySelector("#chat-due");
    if (!details) return;
    details.hidden = !mark;
    if (!mark) return;
    const shown = details.querySelector("#chat-deadline");
    if (shown.dataset.due === mark.dataset.due && shown.title === mark.title) return;
    const copy = mark.cloneNode(true);
    copy.id = shown.id;
    shown.replaceWith(copy);
    details.querySelector("#chat-due-why").textContent = mark.title;
  }

  get canWrite() { return this.mode === "own" || this.isNote; }
  /** Go where one is writing: to the member or to the team. */
  focusText() { if (this.isNote) this.writeNote(); else this.focus(); }
  scrollToMessage(seq) { return this.#conversation.scrollToMessage(seq); }

  dispose() {
    this.#conversation.dispose();
    this.#parts.forEach((part) => part.dispose());
  }

  // What shortcuts call
  writeReply() { this.#notes?.setKind("reply", false); this.focus(); }
  get isNote() { return this.#notes?.isNote ?? false; }
  /** Write a note, with this much of it selected; null leaves the focus where it is. */
  writeNote(selection = []) {
    this.#notes?.setKind("note", selection !== null);
    if (selection?.length) this.#panel.querySelector("#note-text").setSelectionRange(...selection);
  }
  switchKind() { if (this.isNote) this.writeReply(); else this.writeNote(); }
  async openCannedReplies() {
    if (this.mode !== "own" || !this.#loadCanned) return;
    this.writeReply();
    const open = await this.#loadCanned().catch(() => showToast(messages.no_network));
    open?.();
  }
  undoSending() { this.#conversation.undoSending(); }
  chooseFiles() { this.#uploads?.chooseFiles(); }
  openTags() { this.#tags?.openForm(); }

  showTags(tags) { this.#tags?.showTags(tags); }

  putPayLink() {
    if (this.mode !== "own") return;
    this.#notes?.setKind("reply", false);
    const { value } = this.#conversation.composer.text;
    this.#conversation.composer.insertText(`${value && !/\s$/.test(value) ? " " : ""}${messages.pay_link(`${location.origin}/planes`)}`);
  }

  /** Where the conversation stood when the draft was begun: what a colleague says after it was not seen by it. */
  #onDraft(isThere) {
    if (isThere) storage.set(this.#draftSeqKey, String(this.#conversation.thread.newestSeq));
    else storage.remove(this.#draftSeqKey);
  }

  #confirmIfUnseen() {
    const since = storage.get(this.#draftSeqKey);
    const line = since === null ? null : this.#conversation.thread.findColleagueAfter(Number(since));
    return line && confirmUnseen(line);
  }
}
