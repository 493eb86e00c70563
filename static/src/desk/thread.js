// The lines of one conversation on the page. The elements are clones of the <template>s that the server's partial
// printed (templates/desk/_line.html); this file decides where a line or a note stands, not how it looks.

import { formatTime, dayKeyOf, formatFullDateTime, isInSameGroup, formatRelativeDay } from "../core/dates.js";
import { linkify } from "../core/links.js";
import { cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";

const SMALL_PX = 240;
const STATES = ["sending", "failed", "sent", "delivered", "read"]; // only ever forward

const showText = (place, text) => place.replaceChildren(...linkify(text));
const isNote = (element) => element?.dataset.note !== undefined;
const isDay = (element) => element?.dataset.part === "day";

export class Thread {
  #lines;   // the element that holds them, after the button for older ones
  #older;
  #marks = new Map(); // state -> seq: a mark may come while the line that it is about is still being fetched

  constructor(lines) {
    this.#lines = lines;
    this.#older = lines.querySelector("[data-part=older]");
    for (const place of lines.querySelectorAll("[data-part=text]")) showText(place, place.textContent);
  }

  get #stored() { return this.#lines.querySelectorAll("[data-line]:not([data-seq=''])"); }
  get oldestSeq() { return Number([...this.#stored].at(0)?.dataset.seq ?? 0); }
  get newestSeq() { return Number([...this.#stored].at(-1)?.dataset.seq ?? 0); }

  /** The last line that somebody else wrote: what there is to be read. */
  get newestReceived() {
    const line = [...this.#stored].findLast((one) => one.dataset.line !== "own");
    return line ? Number(line.dataset.id) : 0;
  }

  /** The newest line of a colleague after `seq`, or null. */
  findColleagueAfter(seq) {
    const line = [...this.#stored].findLast(({ dataset }) => dataset.by === "agent" && dataset.line === "other");
    return line && Number(line.dataset.seq) > seq ? line : null;
  }

  /** The stored line with this `seq`, if it is rendered. */
  findLine(seq) { return this.#lines.querySelector(`[data-line][data-seq="${seq}"]`); }

  /** A note stands after the line that was the last when it was written; before older lines are here, it waits for them. */
  putNote(note) {
    if (this.#lines.querySelector(`[data-note="${note.id}"]`)) return;
    const before = [...this.#stored].findLast((line) => Number(line.dataset.seq) <= note.after_seq);
    if (!before && this.oldestSeq > 1) return;
    const element = cloneTemplate("note");
    Object.assign(element.dataset, { note: note.id, afterSeq: note.after_seq });
    const author = `${note.author.first_name} ${note.author.last_name}`;
    element.setAttribute("aria-label", messages.note_of(author));
    element.querySelector("[data-part=author]").textContent = author;
    showText(element.querySelector("[data-part=text]"), note.text);
    this.#showTime(element, note.created_at);
    const to = element.querySelector("[data-part=to]");
    to.hidden = note.mentions.length === 0;
    for (const { id, first_name: first, last_name: last } of note.mentions) {
      to.append(Object.assign(document.createElement("span"), { className: "mention", textContent: `@${first} ${last}` }), " ");
      to.lastElementChild.dataset.userId = id;
    }
    let place = before ?? this.#older;
    while (isNote(place.nextElementSibling) && Number(place.nextElementSibling.dataset.note) < note.id) place = place.nextElementSibling;
    place.after(element);
    const next = this.#nextLine(element);
    if (next) this.#updateGrouping(next);
  }

  /** line = { kind, by, id, seq, author, initials, avatarColor, text, at, state, client_id, file }; rendered once, whoever brings it. */
  putLine(line) {
    const rendered = this.#lines.querySelector(`[data-seq="${line.seq}"]`)
      ?? (line.client_id && this.#findPending(line.client_id));
    const element = rendered ?? this.#makeLine(line);
    element.classList.toggle("is-recalled", Boolean(line.isRecalled));
    if (rendered && line.isRecalled) this.showRecalled(line.seq, line.text);
    if (line.kind === "own") {
      this.#advanceState(element, line.state);
      for (const [state, seq] of this.#marks) if (line.seq <= seq) this.#advanceState(element, state);
    }
    if (element.dataset.seq) return;
    Object.assign(element.dataset, { id: line.id, seq: line.seq, at: line.at });
    this.#showTime(element, line.at);
    this.#placeLine(element);
  }

  /** The newest message whose sending can be undone now. */
  get lastUndoable() { return [...this.#stored].findLast((line) => line.querySelector("[data-do=undo]:not([hidden])")) ?? null; }

  /** What a message says; nothing for a file. */
  textOf(line) {
    const text = line.querySelector("[data-part=text]");
    return text.hidden ? "" : text.textContent;
  }

  /** For `ms`, the sending of this message can be undone. */
  offerUndo(seq, ms) {
    const button = this.findLine(seq)?.querySelector("[data-do=undo]");
    if (!button) return;
    button.hidden = false;
    setTimeout(() => { button.hidden = true; }, ms);
  }

  /** A message was recalled: `text` stands in its place, and in that of its file. */
  showRecalled(seq, text) {
    const line = this.findLine(seq);
    if (!line) return;
    const place = line.querySelector("[data-part=text]");
    Object.assign(place, { textContent: text, hidden: false });
    line.classList.add("is-recalled");
    for (const part of line.querySelectorAll("[data-part=image], [data-part=file], [data-do=undo]")) part.hidden = true;
  }

  /** The other side has got or read everything of ours up to `seq`. */
  markUpTo(state, seq) {
    this.#marks.set(state, Math.max(seq, this.#marks.get(state) ?? 0));
    for (const line of this.#stored) {
      if (line.dataset.line === "own" && Number(line.dataset.seq) <= seq) this.#advanceState(line, state);
    }
  }

  /** Lines of the outbox stand after all stored ones, in their order. */
  showUnsent(entries) {
    const wanted = new Set(entries.map((entry) => entry.client_id));
    for (const line of this.#lines.querySelectorAll("[data-line][data-seq='']")) {
      if (!wanted.has(line.dataset.clientId)) this.#removeLine(line);
    }
    for (const entry of entries) {
      if (this.#findByClientId(entry.client_id)?.dataset.seq) continue;
      const line = this.#findPending(entry.client_id) ?? this.#makeLine({ ...entry, kind: "own" });
      line.dataset.state = entry.state;
      line.querySelector("[data-part=why]").textContent = messages.failed(entry.why);
      line.querySelector("[data-do=retry]").hidden = Boolean(entry.isHopeless);
      if (line.isConnected) continue;
      this.#lines.append(line);
      this.#updateGrouping(line);
    }
  }

  #findByClientId(clientId) { return this.#lines.querySelector(`[data-client-id="${CSS.escape(clientId)}"]`); }

  #findPending(clientId) {
    const line = this.#findByClientId(clientId);
    return line?.dataset.seq === "" ? line : null;
  }

  #makeLine(line) {
    const element = cloneTemplate(`line-${line.kind}`);
    element.dataset.author = line.author ?? "";
    element.dataset.by = line.by ?? "";
    showText(element.querySelector("[data-part=text]"), line.text);
    if (line.kind === "own") element.dataset.clientId = line.client_id ?? "";
    if (line.kind === "other") {
      element.querySelector("[data-part=author]").textContent = line.author;
      const avatar = element.querySelector("[data-part=initials]");
      avatar.textContent = line.initials;
      avatar.classList.replace("avatar--1", `avatar--${line.avatarColor}`);
    }
    if (line.file) this.#showFile(element, line.file);
    element.dataset.at = line.at;
    this.#showTime(element, line.at);
    return element;
  }

  #showFile(element, { id, name, kind, size, width, height }) {
    const address = `/archivos/${id}`;
    element.querySelector("[data-part=text]").hidden = true;
    if (kind.startsWith("image/") && width) {
      const link = element.querySelector("[data-part=image]");
      const scale = Math.min(1, SMALL_PX / width);
      link.href = address;
      link.hidden = false;
      Object.assign(link.firstElementChild, { alt: name, width: width * scale, height: height * scale, src: `${address}?size=small` });
    } else {
      const link = element.querySelector("[data-part=file]");
      link.href = address;
      link.hidden = false;
      link.querySelector("[data-part=file-name]").textContent = name;
      link.querySelector("[data-part=file-size]").textContent = `${Math.ceil(size / 1024)} KB`;
    }
  }

  #showTime(element, at) {
    const time = element.querySelector("[data-part=time]");
    if (time) Object.assign(time, { dateTime: at, title: formatFullDateTime(at), textContent: formatTime(at) });
  }

  #advanceState(element, state) {
    if (STATES.indexOf(state) > STATES.indexOf(element.dataset.state)) element.dataset.state = state;
  }

  /** By seq among the stored; nearly always the last, so the search starts there. */
  #placeLine(element) {
    const seq = Number(element.dataset.seq);
    const before = [...this.#stored].findLast((line) => line !== element && Number(line.dataset.seq) < seq) ?? null;
    if (!element.isConnected || this.#previousLine(element) !== before) {
      if (element.isConnected) this.#removeLine(element);
      let place = before ?? this.#older;
      while (isNote(place.nextElementSibling)) place = place.nextElementSibling;
      place.after(element);
    }
    this.#updateGrouping(element);
    const next = this.#nextLine(element);
    if (next) this.#updateGrouping(next);
  }

  #removeLine(line) {
    const next = this.#nextLine(line);
    if (isDay(line.previousElementSibling)) line.previousElementSibling.remove();
    line.remove();
    if (next) this.#updateGrouping(next);
  }

  #previousLine(element) {
    let before = element.previousElementSibling;
    while (before && !before.dataset.line) before = before.previousElementSibling;
    return before;
  }

  #nextLine(element) {
    let next = element.nextElementSibling;
    while (next && !next.dataset.line) next = next.nextElementSibling;
    return next;
  }

  /** The heading of the day and the run of one author, from the line before. The server's partial has the same rule. */
  #updateGrouping(line) {
    let before = line.previousElementSibling;
    const headings = [];
    let isNoted = false;
    while (isDay(before) || isNote(before)) {
      if (isDay(before)) headings.push(before);
      else isNoted = true;
      before = before.previousElementSibling;
    }
    if (!before?.dataset.line) before = null;
    const sameDay = before && dayKeyOf(before.dataset.at) === dayKeyOf(line.dataset.at);
    headings.slice(sameDay ? 0 : 1).forEach((heading) => heading.remove());
    if (!sameDay) this.#putDayHeading(line, headings[0]);
    line.classList.toggle("is-next", Boolean(sameDay && !isNoted && line.dataset.line !== "system"
      && before.dataset.line === line.dataset.line
      && (line.dataset.line === "own" || before.dataset.author === line.dataset.author)
      && isInSameGroup(before.dataset.at, line.dataset.at)));
  }

  #putDayHeading(line, heading = cloneTemplate("day")) {
    Object.assign(heading.querySelector("time"), { dateTime: line.dataset.at, textContent: formatRelativeDay(line.dataset.at) });
    line.before(heading);
  }
}
