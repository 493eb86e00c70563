// The messages of the chat that is shown: those that are stored, those that wait in the outbox, and files on their way.

const STATES = ["sending", "sent", "delivered", "read"]; // only ever forward

export class ChatMessages {
  #userId;
  #stored = new Map();   // seq -> message
  #uploads = new Map();  // client_id -> { file, state, why, isHopeless }
  #marks = {};           // delivered, read -> seq

  constructor(userId) { this.#userId = userId; }

  clearAll() {
    this.#stored.clear();
    this.#uploads.clear();
    this.#marks = {};
  }

  /** 0 when there is none. */
  get oldestSeq() { return this.#stored.size && Math.min(...this.#stored.keys()); }

  /** The id of the newest message that somebody else wrote: what there is to be read. */
  get newestReceived() {
    return Math.max(0, ...[...this.#stored.values()].filter((message) => this.kindOf(message) !== "own").map(({ id }) => id));
  }

  /** own, other or system. */
  kindOf({ sender_type: type, sender_id: id }) {
    if (type === "SYSTEM") return "system";
    return type === "USER" && id === this.#userId ? "own" : "other";
  }

  /** Returns false when it was here already. */
  addMessage(message) {
    if (this.#stored.has(message.seq)) return false;
    this.#stored.set(message.seq, message);
    this.#uploads.delete(message.client_id);
    return true;
  }

  /** A page of them as stored: what they said before may have changed. */
  replaceMessages(messages) { messages.forEach((message) => this.#stored.set(message.seq, message)); }

  /** A message was recalled: `text` stands in its place. */
  recallMessage(seq, text) {
    const message = this.#stored.get(seq);
    if (message) this.#stored.set(seq, { ...message, message: text, attachment: null, is_recalled: true });
  }

  /** The other side got or read everything of ours up to `seq`. */
  markUpTo(state, seq) { this.#marks[state] = Math.max(seq, this.#marks[state] ?? 0); }

  /** An upload stays after the messages that were there when its file was chosen. */
  setUpload(clientId, upload) {
    this.#uploads.set(clientId, { after: Math.max(0, ...this.#stored.keys()), ...this.#uploads.get(clientId), ...upload });
  }

  dropUpload(clientId) { this.#uploads.delete(clientId); }

  /**
   * Return what is rendered, in order: { kind, key, place, seq, text, at, file, isRecalled, name, state, why, retry(), edit(), discard() }; what
   * cannot be done is null. `nameOf(message)` names the other side, `upload(clientId, file)` sends a file again,
   * `rewrite(text)` puts a text where it was written, `onChange()` is called when one is discarded.
   */
  toRender({ outbox, nameOf, upload, rewrite, onChange }) {
    const stored = [...this.#stored.values()].map((message) => this.#toItem(message, nameOf));
    const known = new Set(stored.map(({ key }) => key));
    const unsent = outbox.listEntries().filter(({ client_id: id }) => !known.has(id)).map(({ client_id: id, ...entry }) => ({
      ...entry, kind: "own", key: id, place: Infinity,
      retry: entry.isHopeless ? null : () => outbox.retryMessage(id),
      edit: () => rewrite(outbox.takeText(id)),
      discard: () => outbox.discardMessage(id),
    }));
    // The day of the message before it, whatever the clock here says: so no day is headed twice.
    const files = [...this.#uploads].map(([id, { file, state, why, isHopeless, after }]) => ({
      kind: "own", key: `file:${id}`, place: after, text: file.name, at: this.#stored.get(after)?.sent_at ?? new Date(), state, why,
      retry: isHopeless ? null : () => upload(id, file),
      discard: () => { this.dropUpload(id); onChange(); },
    }));
    return [...stored, ...files, ...unsent].sort((a, b) => a.place - b.place);
  }

  #toItem(message, nameOf) {
    const { seq, message: text, sent_at: at, attachment: file, is_recalled: isRecalled } = message;
    const kind = this.kindOf(message);
    const isOwn = kind === "own";
    return { kind, key: (isOwn && message.client_id) || `s${seq}${isRecalled ? "r" : ""}`, isRecalled, seq, place: seq, text, at, file, name: nameOf(message), state: isOwn ? this.#stateOf(message) : "" };
  }

  #stateOf({ seq, status }) {
    return STATES[Math.max(STATES.indexOf(status.toLowerCase()), STATES.findLastIndex((name) => seq <= this.#marks[name]))];
  }
}
