// The chat with a person: waiting in the queue, talking, and what comes after it ended. One chat is shown, the open one or
// else the one that ended last. Its lines are numbered without gaps, so `last` says what is here; a hole asks for the rest.

import { button, hand, h, icon, link, paint, say } from "./dom.js";
import { makeFile } from "./files.js";
import { makeOver } from "./over.js";
import { newId } from "./shelf.js";
import { clock, dayKey, full, nearDay, words } from "./words.js";
import { makeWriter } from "./writer.js";

const PAGE = 50;
const RUN_MS = 5 * 60_000;
const FORGET_TYPING_MS = 8_000;
const REOPEN_MS = 24 * 3_600_000;
const NEAR_TOP_PX = 200;
const STATES = ["sent", "delivered", "read"];
const MARKS = { sending: "clock", failed: "alert", sent: "check", delivered: "checks", read: "checks" };

export function makeChat(it) {
  const { wire, call, user, shelf } = it;
  let chat = shelf.get("chat"); // after a reload: what was open, until the server says
  let isKnown = Boolean(chat);
  let lines = new Map();       // seq -> message
  let uploads = new Map();     // client_id -> { file, state, why }
  let marks = {};              // delivered, read -> seq
  let last = 0;
  let place = null;
  let readUpTo = 0;
  let unread = 0;
  let isResuming = false;
  let typingOver = 0;
  let isDue = false;
  let isDead = false;

  const list = h("div.w-lines", { "data-part": "lines" });
  const log = h("div.w-log", { role: "log", id: "chat-log", "aria-label": words.log, tabindex: 0 }, list);
  const typingText = h("span");
  const typing = h("p.w-typing", { hidden: true, "data-part": "typing-in" }, h("span.w-dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), typingText);
  const broken = h("p.w-bar", { id: "broken", role: "alert", hidden: true }, icon("alert"), h("span", {}, words.broken, " ", link(words.again, () => load(), { id: "broken-again" })));
  const loading = h("p.w-hint.w-empty", { id: "chat-loading", role: "status" }, words.loading);
  const writer = makeWriter(shelf, {
    id: "message",
    label: words.write,
    onSend: (text) => it.outbox.add(chat.id, text),
    onTyping: (is) => wire.tell(is ? "typing" : "stop_typing", { chat_id: chat.id }),
    onFiles: (files) => files.forEach((file) => upload(newId(), file)),
  });
  const over = makeOver(it, { chat: () => chat, use, transcript });
  const start = makeStart();
  const el = h("div.w-part", {}, broken, loading, log, h("div.w-strip", {}, typing), over.el, start.el, writer.el);

  const kindOf = ({ sender_type: type, sender_id: id }) => (type === "SYSTEM" ? "system" : type === "USER" && id === user.id ? "own" : "other");
  const nameOf = () => (chat?.agent ? `${chat.agent.first_name} ${chat.agent.last_name}` : words.team);
  const firstName = ({ sender_type: type }) => (type === "BOT" ? words.bot : chat.agent?.first_name ?? words.team);
  const stateOf = ({ seq, status }) => STATES[Math.max(STATES.indexOf(status.toLowerCase()), STATES.findLastIndex((name) => seq <= marks[name]))];

  function draw() {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => { isDue = false; if (!isDead) drawNow(); });
  }

  function drawNow() {
    const status = chat?.status;
    const isOver = status === "CLOSED";
    const isOpen = Boolean(chat) && !isOver;
    const hadFocus = writer.el.contains(el.getRootNode().activeElement);
    loading.hidden = isKnown;
    log.hidden = !chat;
    start.show(isKnown && !chat);
    over.show(isOver);
    writer.el.hidden = !isOpen;
    if (hadFocus && !isOpen) log.focus();
    writer.text.placeholder = words.placeholder[status] ?? "";
    if (!isOpen) showTyping("");
    if (chat) paint(list, items());
    it.head();
  }

  function items() {
    const seqs = [...lines.keys()].sort((a, b) => a - b);
    const shown = seqs.map((seq) => {
      const message = lines.get(seq);
      const kind = kindOf(message);
      return { key: message.client_id && kind === "own" ? message.client_id : `s${seq}`, kind, seq, text: message.message, at: message.sent_at, file: message.attachment, name: firstName(message), state: kind === "own" ? stateOf(message) : undefined };
    });
    const known = new Set(shown.map(({ key }) => key));
    const now = new Date().toISOString();
    for (const { client_id: key, text, at, state, why } of it.outbox.lines) if (!known.has(key)) shown.push({ key, kind: "own", text, at, state, why, retry: () => it.outbox.retry(key), discard: () => it.outbox.discard(key) });
    for (const [key, { file, state, why }] of uploads) if (!known.has(key)) shown.push({ key, kind: "own", text: file.name, at: now, state, why, retry: () => upload(key, file), discard: () => { uploads.delete(key); draw(); } });

    const found = [];
    if (seqs[0] > 1) found.push(["older", () => link(words.older, loadOlder, { "data-part": "older" })]);
    shown.forEach((line, at) => {
      const before = shown[at - 1];
      const next = shown[at + 1];
      const isNewDay = !before || dayKey(before.at) !== dayKey(line.at);
      if (isNewDay) found.push([`d${dayKey(line.at)}`, () => h("p.w-event", { "data-part": "day" }, nearDay(line.at))]);
      line.isNext = !isNewDay && before.kind === line.kind && before.name === line.name && new Date(line.at) - new Date(before.at) < RUN_MS;
      line.isMarked = line.state === "failed" || next?.kind !== "own" || next.state !== line.state;
      found.push([line.key, () => makeLine(line), (element) => update(element, line)]);
    });
    if (chat.status === "WAITING") found.push(["queue", makeCard, updateCard]);
    return found;
  }

  function makeLine({ kind, text, file, key }) {
    if (kind === "system") return h("p.w-event", { "data-line": kind }, h("span", { "data-part": "text" }, text));
    return h(`div.w-item.is-${kind}`, { "data-line": kind, "data-client-id": key },
      kind === "own" ? h("span.w-vh", {}, `${words.you}: `) : h("p.w-who"),
      file ? makeFile(it, file) : h("p.w-line", { "data-part": "text" }, text),
      kind === "own" && h("p.w-sent"));
  }

  function update(element, { kind, seq, at, name, state, why, isNext, isMarked, retry, discard }) {
    element.dataset.seq = seq ?? "";
    if (kind === "system") return;
    element.classList.toggle("is-next", isNext);
    if (kind === "other") {
      const who = element.querySelector(".w-who");
      who.classList.toggle("w-vh", isNext);
      say(who, `${name}, ${clock(at)}`);
      who.title = full(at);
      return;
    }
    const mark = element.querySelector(".w-sent");
    mark.hidden = !isMarked;
    const stamp = `${state} ${why ?? ""} ${seq ? at : ""}`;
    if (mark.stamp === stamp) return;
    mark.stamp = stamp;
    element.dataset.state = state;
    mark.replaceChildren(icon(MARKS[state]), ...(state === "failed"
      ? [h("span", { "data-part": "why" }, words.failed(why)), link(words.again, retry, { "data-do": "retry" }), link(words.discard, discard, { "data-do": "discard" })]
      : [words.line[state], ...(seq ? [", ", h("time", { datetime: at, title: full(at) }, clock(at))] : [])]));
  }

  const makeCard = () => h("div.w-card", { role: "status", id: "queue" },
    h("div.w-turn", {}, h("span.w-turn-n", { "aria-hidden": "true" }), h("p.w-turn-title"), h("p.w-turn-text")),
    h("p.w-row", { "aria-hidden": "true" }), h("p.w-hint"), h("p.w-ways", {}, link(words.leave, () => end(), { id: "leave-queue" })));

  function updateCard(card) {
    const [number, title, text, row, hint] = [".w-turn-n", ".w-turn-title", ".w-turn-text", ".w-row", ".w-hint"].map((one) => card.querySelector(one));
    const isLate = !it.hours.is_open;
    const shown = place && !isLate ? place : null;
    say(number, shown ? String(shown.position) : "");
    say(title, isLate ? it.hours.sentence : shown ? words.turn(shown.position) : words.in_queue);
    say(text, shown ? words.estimate(shown.estimated_wait_s) : "");
    say(hint, isLate ? words.message_kept : words.turn_kept);
    row.hidden = !shown || shown.position > 9;
    const wanted = row.hidden ? 0 : shown.position;
    if (row.childElementCount !== wanted + (wanted ? 1 : 0)) row.replaceChildren(...Array.from({ length: wanted }, (_, n) => h(n + 1 === wanted ? "i.is-you" : "i")), ...(wanted ? [h("b", {}, words.you)] : []));
  }

  /** Without a chat: a message and a person, or the assistant. */
  function makeStart() {
    const title = h("h3.w-title");
    const hint = h("p.w-hint");
    const text = h("textarea", { id: "start-message", rows: 4, maxlength: 4000, oninput: () => shelf.set("draft:start", text.value) });
    const go = h("button.w-btn.w-btn--main", { type: "submit", id: "start-go" });
    const problem = h("p.w-problem", { role: "alert" });
    text.value = shelf.get("draft:start") ?? "";
    const form = h("form.w-sheet", {
      id: "start", hidden: true,
      onsubmit: async (event) => {
        event.preventDefault();
        const said = text.value.trim();
        if (!said && !it.hours.is_open) { text.focus(); return; }
        text.value = "";
        shelf.remove("draft:start");
        say(problem, "");
        if (said) { it.outbox.add(0, said); return; }
        await it.ask(problem, "request_agent");
      },
    }, title, hint, h("div.w-field", {}, h("label", { for: "start-message" }, words.message), text), problem, go,
    button(words.go_bot, () => it.go("bot")), h("p.w-hint", {}, words.urgent));
    return {
      el: form,
      /** What was written while nothing could be sent stands above the form. */
      show(is) {
        form.hidden = !is;
        if (!is) return;
        const { is_open: isOpen, sentence } = it.hours;
        say(title, isOpen ? words.welcome : sentence);
        say(hint, isOpen ? words.welcome_text : words.closed_text);
        say(go, isOpen ? words.person : words.leave_message);
        const waiting = it.outbox.lines;
        log.hidden = waiting.length === 0;
        if (waiting.length) paint(list, waiting.map(({ client_id: key, text: said, at, state, why }) => {
          const line = { key, kind: "own", text: said, at, state, why, isMarked: true, retry: () => it.outbox.retry(key), discard: () => it.outbox.discard(key) };
          return [key, () => makeLine(line), (element) => update(element, line)];
        }));
      },
    };
  }

  // ---- What is known -----------------------------------------------------------------

  /** Show this chat, or what is new about it. */
  function use(picture) {
    if (picture.id !== chat?.id) {
      lines = new Map();
      uploads = new Map();
      marks = {};
      last = readUpTo = 0;
      unread = picture.unread;
      over.reset();
    }
    if (picture.status !== "WAITING") place = null;
    know(picture);
    count();
    load();
  }

  function know(picture) {
    chat = picture;
    isKnown = true;
    if (picture) shelf.set("chat", { ...picture, last_message: "", user: null });
    else shelf.remove("chat");
    draw();
  }

  async function load() {
    const { id } = chat;
    let page;
    try {
      page = await call(`agent-chat/messages/${id}?limit=${PAGE}`);
    } catch {
      broken.hidden = isDead || id !== chat?.id || !wire.isOpen;
      return;
    }
    if (isDead || id !== chat?.id) return;
    broken.hidden = true;
    page.forEach((message) => lines.set(message.seq, message));
    last ||= page.at(-1)?.seq ?? 0;
    close();
    draw();
    read();
  }

  async function loadOlder() {
    const oldest = Math.min(...lines.keys());
    if (!(oldest > 1) || log.ariaBusy === "true") return;
    log.ariaBusy = "true"; // so that a screen reader does not read the past as news
    const { id } = chat;
    const page = await call(`agent-chat/messages/${id}?limit=${PAGE}&before=${oldest}`).catch(() => []);
    if (id !== chat?.id) return;
    page.forEach((message) => lines.set(message.seq, message));
    drawNow();
    log.ariaBusy = "false";
  }

  /** From `last` on without a hole; a hole asks for what is missing. */
  function close() {
    while (lines.has(last + 1)) last += 1;
    if (last && Math.max(...lines.keys()) > last) resume();
  }

  async function resume() {
    if (isResuming) return;
    isResuming = true;
    const { id } = chat;
    const answer = await wire.ask("resume", { chats: { [id]: last } }).catch(() => null);
    isResuming = false;
    if (!answer || id !== chat?.id) return;
    last = Math.max(last, answer.chats[id] ?? 0);
    // A line between two processes that is not to be seen yet: the next question waits a little.
    setTimeout(close, 1000);
  }

  function take(message) {
    if (message.chat_id !== chat?.id || lines.has(message.seq)) return;
    lines.set(message.seq, message);
    uploads.delete(message.client_id);
    if (kindOf(message) !== "own") {
      showTyping("");
      if (message.seq > last) { unread += 1; it.ring(message.id); }
    }
    if (last) close();
    draw();
    count();
    read();
  }

  const count = () => it.note("chat", it.isShown("chat") ? 0 : unread);

  /** Read is what is in front of somebody's eyes. */
  async function read() {
    const newest = [...lines.values()].filter((message) => kindOf(message) !== "own").reduce((most, { id }) => Math.max(most, id), 0);
    if (!it.isShown("chat") || !wire.isOpen) return;
    unread = 0;
    count();
    if (newest <= readUpTo) return;
    readUpTo = newest;
    await wire.ask("message_read", { chat_id: chat.id, message_id: newest }).catch(() => { readUpTo = 0; }); // the next opening says it again
  }

  function showTyping(name) {
    clearTimeout(typingOver);
    say(typingText, name && words.typing(name));
    typing.hidden = !name;
    if (name) typingOver = setTimeout(() => showTyping(""), FORGET_TYPING_MS);
  }

  async function upload(clientId, file) {
    uploads.set(clientId, { file, state: "sending" });
    draw();
    const query = new URLSearchParams({ name: file.name, client_id: clientId });
    try {
      take(await call(`agent-chat/${chat.id}/attachments?${query}`, { method: "POST", body: file }));
      uploads.delete(clientId);
    } catch ({ message }) {
      uploads.set(clientId, { file, state: "failed", why: message });
    }
    draw();
  }

  const end = () => it.ask(null, "close_chat", { chat_id: chat.id });

  /** Everything that was said, as text. */
  async function transcript() {
    const all = [];
    for (let before = 2 ** 31 - 1; before > 1; before = all[0]?.seq ?? 0) {
      const page = await call(`agent-chat/messages/${chat.id}?limit=100&before=${before}`);
      all.unshift(...page);
      if (!page.length) break;
    }
    const said = all.map((message) => {
      const who = { own: words.you, system: words.name }[kindOf(message)] ?? firstName(message);
      return `${full(message.sent_at)} · ${who}: ${message.message}`;
    });
    hand(new Blob([[words.transcript_head(nameOf()), "", ...said, ""].join("\n")], { type: "text/plain" }), `conversacion-${chat.id}.txt`);
  }

  const mine = (word, listener) => wire.on(word, (frame) => { if (frame.chat_id === chat?.id) listener(frame); });
  for (const word of ["new_message", "user_message", "agent_chat_message", "ack"]) wire.on(word, ({ message }) => { if (message) take(message); });
  wire.on("user_chats", ({ chats }) => {
    const recent = ({ status, agent, updated_at: at }) => status !== "CLOSED" || (agent && Date.now() - new Date(at) < REOPEN_MS);
    const shown = chats.find(recent);
    if (shown) use(shown);
    else know(null);
  });
  wire.on("new_chat", ({ chat: picture }) => use(picture));
  wire.on("ack", ({ chat: picture }) => { if (picture && picture.id !== chat?.id) use(picture); });
  mine("chat_closed", () => {
    // Who left the queue was never attended: there is nothing to rate and nothing to go on with.
    know(chat.agent ? { ...chat, status: "CLOSED", updated_at: new Date().toISOString() } : null);
  });
  mine("queue_position", (frame) => { place = frame; draw(); });
  for (const name of ["delivered", "read"]) {
    mine(`message_${name}`, ({ user_id: reader, seq }) => {
      if (reader === user.id) { unread = 0; count(); return; }
      marks[name] = Math.max(seq, marks[name] ?? 0);
      draw();
    });
  }
  mine("typing", ({ user_id: id }) => { if (id !== user.id) showTyping(chat.agent?.first_name ?? words.team); });
  mine("stop_typing", () => showTyping(""));
  wire.on("state", ({ name }) => {
    if (name === "open") return; // the picture that comes now brings everything up to date
    readUpTo = 0;
    showTyping("");
  });
  // column-reverse scrolls from 0 at the newest line into the negative
  log.addEventListener("scroll", () => { if (log.scrollHeight - log.clientHeight + log.scrollTop < NEAR_TOP_PX) loadOlder(); }, { passive: true });

  return {
    el,
    draw,
    read,
    end,
    transcript,
    get chat() { return chat; },
    focus: () => (start.el.hidden ? writer.el.hidden ? log : writer.text : start.el.querySelector("textarea")).focus({ preventScroll: true }),
    leave() { isDead = true; writer.stop(); },
    head(isOnline) {
      if (!chat) return { name: words.name, status: it.hours.is_open ? words.online_here : words.closed };
      if (chat.status === "WAITING") return { name: words.name, status: it.hours.is_open ? words.in_queue : words.closed };
      const { first_name: first, last_name: family } = chat.agent ?? { first_name: words.name, last_name: "" };
      const status = chat.status === "CLOSED" ? words.ended(clock(chat.updated_at)) : isOnline(chat.agent?.id) ? words.online : words.offline;
      return { name: nameOf(), face: (first[0] ?? "") + (family[0] ?? ""), status };
    },
  };
}
