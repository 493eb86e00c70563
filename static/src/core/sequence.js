// Which messages of each chat have arrived. `seq` numbers a chat's messages without gaps, so the last one before a gap
// says all: up to it everything is here, and `resume` asks for what comes after it.

export class Sequence {
  #chats = new Map(); // chat id -> { last, ahead: seqs beyond a gap }

  /** From here on, unless we already know better: the server said that `seq` is the last message of the chat. */
  trackFrom(chatId, seq) {
    if (!this.#chats.has(chatId)) this.#chats.set(chatId, { last: seq, ahead: new Set() });
  }

  /** The page shows the messages up to `seq` and no others. True when more than those had arrived already. */
  resetTo(chatId, seq) {
    const chat = this.#chats.get(chatId);
    this.#chats.set(chatId, { last: seq, ahead: new Set() });
    return chat !== undefined && (chat.last > seq || chat.ahead.size > 0);
  }

  /** A message came. `fresh`: for the first time. `gap`: something before it is missing. */
  receive(chatId, seq) {
    this.trackFrom(chatId, seq - 1);
    const chat = this.#chats.get(chatId);
    const fresh = seq > chat.last && !chat.ahead.has(seq);
    if (fresh) {
      chat.ahead.add(seq);
      this.#closeGaps(chat);
    }
    return { fresh, gap: this.hasGap(chatId) };
  }

  /** The server has sent all there is up to `seq`. */
  confirmUpTo(chatId, seq) {
    const chat = this.#chats.get(chatId);
    if (!chat || chat.last >= seq) return;
    chat.last = seq;
    for (const early of chat.ahead) if (early <= seq) chat.ahead.delete(early);
    this.#closeGaps(chat);
  }

  hasGap(chatId) { return (this.#chats.get(chatId)?.ahead.size ?? 0) > 0; }

  /** What `resume` wants: { chat id: last contiguous seq } of these chats, or of all. */
  lastSeqs(chatIds = [...this.#chats.keys()]) {
    return Object.fromEntries(chatIds.filter((id) => this.#chats.has(id)).map((id) => [id, this.#chats.get(id).last]));
  }

  #closeGaps(chat) {
    while (chat.ahead.delete(chat.last + 1)) chat.last += 1;
  }
}
