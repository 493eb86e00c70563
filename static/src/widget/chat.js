// The chat with a person: before it, in the queue, talking, and what comes after. One chat is shown, the open one or else
// the one that ended last.

import { clock, moment, weekdayDate } from "../core/dates.js";
import { NO_NETWORK } from "../core/errors.js";
import { newId } from "../core/ids.js";
import { makeComposer } from "./composer.js";
import { button, dots, field, h, hand, icon, link, paint, problemOf, say, time } from "./dom.js";
import { makeFile } from "./files.js";

const PAGE = 50;
const RUN_MS = 5 * 60_000;
const FORGET_TYPING_MS = 8_000;
const REOPEN_MS = 24 * 3_600_000;
const NEAR_TOP_PX = 200;
const TEAM = "Equipo de Beneficiate";
const STATES = { sending: "Por enviar", sent: "Enviado", delivered: "Entregado", read: "Leído" };
const ORDER = Object.keys(STATES);
const TURNS = ["primera", "segunda", "tercera", "cuarta", "quinta", "sexta", "séptima", "octava", "novena", "décima"];

export function makeChat(it) {
  const { connection, call, user, storage } = it;
  let chat = storage.get("chat"); // after a reload: what was open, until the server says
  let isKnown = false;
  let lines = new Map();        // seq -> message
  let uploads = new Map();      // client_id -> { file, state, why }
  let marks = {};               // delivered, read -> seq
  let isFollowed = false;       // from the first page on, the connection brings every message
  let place = null;
  let readUpTo = 0;
  let unread = 0;
  let typingOver = 0;
  let isDue = false;
  let isEntered = false;        // the focus of an open panel came in
  let isLater = false;          // the rating was put off

  const list = h("div.w-lines");
  const log = h("div.w-log", { role: "log", id: "chat-log", "aria-label": `Conversación con el ${TEAM.toLowerCase()}`, tabindex: 0 }, list);
  const typingText = h("span");
  const typing = h("p.w-typing", { id: "typing", hidden: true }, dots(), typingText);
  const broken = h("p.w-bar", { id: "broken", role: "alert", hidden: true }, "No pudimos traer la conversación. No se perdió nada. ", link("Intentar de nuevo", () => load(), { id: "broken-again" }));
  const loading = h("p.w-empty", { role: "status", id: "chat-loading" }, "Cargando…");
  const writer = makeComposer({
    storage,
    id: "message",
    label: "Mensaje",
    onSend: (text) => it.outbox.add(chat?.id ?? 0, text),
    onTyping: (is) => connection.tell(is ? "typing" : "stop_typing", { chat_id: chat.id }),
    onFiles: (files) => files.forEach((file) => upload(newId(), file)),
  });

  // Without a chat: a message and a person, or the assistant.
  const title = h("h3.w-title");
  const hint = h("p.w-hint");
  const go = h("button.w-btn.w-main", { type: "submit", id: "start-go" });
  const startProblem = problemOf("start-problem");
  const startText = field("start-message", "Su mensaje", "textarea", { rows: 4, maxlength: 4000 });
  const text = startText.lastChild;
  text.value = storage.get("start") ?? "";
  text.oninput = () => storage.set("start", text.value);
  const start = h("form.w-sheet", { id: "start" }, title, hint, startText, startProblem, go, button("w-btn", "Seguir con el asistente", () => it.go("bot")), h("p.w-hint", {}, "Si es una urgencia, llame al 123."));
  start.onsubmit = (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) {
      if (it.hours.is_open) it.ask(startProblem, "request_agent"); else text.focus();
      return;
    }
    text.value = "";
    storage.remove("start");
    it.outbox.add(0, said);
  };

  // After a chat: how it was, once, and how to go on.
  const legend = h("legend.w-title");
  const problem = problemOf("over-problem");
  const comment = field("rate-comment", "¿Algo que debamos saber? (opcional)", "textarea", { rows: 2, maxlength: 1000 });
  const rate = h("form.w-rate", { id: "rate" },
    h("fieldset.w-stars", {}, legend, ["Muy mal", "Mal", "Regular", "Bien", "Muy bien"].map((word, at) => h("label.w-star", {}, h("input", { type: "radio", name: "score", required: "", value: at + 1 }), icon("star"), word))),
    comment, h("button.w-btn.w-main", { type: "submit", id: "rate-send" }, "Enviar calificación"), link("Ahora no", () => { isLater = true; draw(); }, { id: "rate-later" }));
  rate.onsubmit = async (event) => {
    event.preventDefault();
    const refused = await it.ask(problem, "rate_chat", { chat_id: chat.id, score: Number(new FormData(rate).get("score")), comment: comment.lastChild.value.trim() });
    if (refused && refused.code !== "conflict") return;
    storage.set(`rated:${chat.id}`, true);
    if (!refused) say(problem, "");
    draw();
    log.focus();
  };
  const thanks = h("p", { id: "rated", role: "status" });
  const onwards = h("div.w-rate", {}, h("p.w-ways", {},
    link("Reabrir este chat", () => it.ask(problem, "reopen_chat", { chat_id: chat.id }), { id: "reopen" }),
    link("Descargar la conversación", transcript, { id: "transcript" })),
  button("w-btn", "Empezar otro chat", () => it.ask(problem, "request_agent"), { id: "another" }));
  const over = h("section.w-over", { id: "over", "aria-label": "El chat terminó" }, rate, thanks, problem, onwards);
  const strip = h("div.w-strip", {}, typing);
  const el = h("div", {}, broken, loading, log, strip, over, start, writer.el);

  const kindOf = ({ sender_type: type, sender_id: id }) => (type === "SYSTEM" ? "system" : type === "USER" && id === user.id ? "own" : "other");
  const firstName = ({ sender_type: type } = {}) => (type === "BOT" ? "Asistente" : chat?.agent?.first_name ?? TEAM);
  const nameOf = () => (chat?.agent ? `${chat.agent.first_name} ${chat.agent.last_name}` : TEAM);
  const stateOf = ({ seq, status }) => ORDER[Math.max(ORDER.indexOf(status.toLowerCase()), ORDER.findLastIndex((name) => seq <= marks[name]))];

  function draw() {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => { isDue = false; drawNow(); });
  }

  function drawNow() {
    const isOver = chat?.status === "CLOSED";
    const isOpen = Boolean(chat) && !isOver;
    const hadFocus = isOver && writer.el.contains(el.getRootNode().activeElement);
    const drawn = items();
    const isEmpty = !chat && !drawn.length;
    loading.hidden = isKnown || !isEmpty;
    log.hidden = isEmpty;
    start.hidden = !isKnown || !isEmpty;
    over.hidden = !isOver;
    writer.el.hidden = strip.hidden = !isOpen;
    if (hadFocus) log.focus();
    if (isKnown && !isEntered) { isEntered = true; it.enterIt(); }
    if (!isOpen) showTyping("");
    paint(list, drawn);
    const { is_open: isHere, sentence } = it.hours;
    say(title, isHere ? "¿En qué le ayudamos?" : sentence);
    say(hint, `${isHere ? "Escríbanos y una persona del equipo le contesta." : "Déjenos su mensaje y será de los primeros chats en atenderse."} Para pedir una cita, el asistente trabaja a toda hora.`);
    say(go, isHere ? "Hablar con una persona" : "Dejar el mensaje");
    writer.text.placeholder = chat?.status === "WAITING" ? "Puede seguir escribiendo" : "Escriba su mensaje";
    const isRated = isOver && storage.get(`rated:${chat.id}`);
    rate.hidden = isLater || Boolean(isRated);
    onwards.hidden = !rate.hidden;
    say(thanks, isRated ? "Gracias por calificar este chat." : "");
    say(legend, `¿Cómo le fue con ${firstName()}?`);
    it.head();
  }

  function items() {
    const shown = [...lines.values()].sort((a, b) => a.seq - b.seq).map((message) => {
      const kind = kindOf(message);
      const isOwn = kind === "own";
      return { kind, key: (isOwn && message.client_id) || `s${message.seq}`, seq: message.seq, text: message.message, at: message.sent_at, file: message.attachment, name: firstName(message), state: isOwn ? stateOf(message) : "" };
    });
    const oldest = shown[0]?.seq;
    const known = new Set(shown.map(({ key }) => key));
    for (const { client_id: key, ...entry } of it.outbox.entries()) {
      if (!known.has(key)) shown.push({ kind: "own", key, ...entry, retry: () => it.outbox.retry(key), discard: () => it.outbox.discard(key) });
    }
    for (const [key, { file, state, why }] of uploads) shown.push({ kind: "own", key: `file:${key}`, text: file.name, at: new Date().toISOString(), state, why, retry: () => upload(key, file), discard: () => { uploads.delete(key); draw(); } });

    const found = oldest > 1 ? [["older", () => link("Ver mensajes anteriores", loadOlder)]] : [];
    shown.forEach((line, at) => {
      const [before, next] = [shown[at - 1], shown[at + 1]];
      const today = weekdayDate(line.at);
      const isNewDay = !before || weekdayDate(before.at) !== today;
      if (isNewDay) found.push([today, () => h("p.w-event", { "data-part": "day" }, today)]);
      line.isNext = !isNewDay && before.kind === line.kind && new Date(line.at) - new Date(before.at) < RUN_MS;
      line.isMarked = line.state === "failed" || next?.state !== line.state;
      found.push([line.key, () => makeLine(line), (element) => update(element, line)]);
    });
    if (chat?.status === "WAITING") found.push(["queue", makeCard, updateCard]);
    return found;
  }

  function makeLine({ kind, text: said, file }) {
    const part = file ? makeFile(call, file) : h(kind === "system" ? "span" : "p.w-line", { "data-part": "text" }, said);
    if (kind === "system") return h("p.w-event", { "data-line": kind }, part);
    return h(`div.w-item.is-${kind}`, { "data-line": kind }, kind === "own" ? [h("span.w-vh", {}, "Usted: "), part, h("p.w-sent")] : [h("p.w-who"), part]);
  }

  function update(element, { kind, seq = "", at, name, state, why = "", isNext, isMarked, retry, discard }) {
    element.dataset.seq = seq;
    element.classList.toggle("is-next", isNext);
    if (kind === "other") {
      const who = element.firstChild;
      who.classList.toggle("w-vh", isNext);
      say(who, `${name}, ${clock(at)}`);
      who.title = moment(at);
    }
    if (kind !== "own") return;
    const mark = element.lastChild;
    mark.hidden = !isMarked;
    if (element.dataset.state === state && mark.why === why + seq) return;
    element.dataset.state = state;
    mark.why = why + seq;
    mark.replaceChildren(icon(state), ...(state === "failed"
      ? [h("span", { "data-part": "why" }, `No se envió. ${why || NO_NETWORK}`), link("Intentar de nuevo", retry, { "data-do": "retry" }), link("Descartar", discard, { "data-do": "discard" })]
      : [`${STATES[state]}${seq ? ", " : ""}`, ...(seq ? [time(at)] : [])]));
  }

  const makeCard = () => h("div.w-card", { role: "status", id: "queue" },
    h("div.w-turn", {}, h("span.w-turn-n", { "aria-hidden": "true" }), h("p.w-turn-title"), h("p.w-turn-text")),
    h("p.w-hint"), link("Salir de la fila", end, { id: "leave-queue" }));

  function updateCard(card) {
    const [number, heading, estimate] = card.firstChild.children;
    const { is_open: isHere, sentence } = it.hours;
    const { position = 0, estimated_wait_s: seconds } = (isHere && place) || {};
    const minutes = Math.round(seconds / 60);
    say(number, position ? String(position) : "");
    say(heading, !isHere ? sentence : !position ? "Usted está en la fila" : `Usted es la ${TURNS[position - 1] ?? `número ${position},`} persona en la fila`.replace(", persona", ""));
    say(estimate, !position ? "" : seconds === null ? "Ahora mismo no hay nadie disponible; su turno sigue en pie." : minutes < 2 ? "Falta cerca de un minuto" : `Faltan unos ${minutes} minutos`);
    say(card.children[1], isHere ? "Puede cerrar esta ventana: le guardamos el turno y le avisamos cuando alguien le responda." : "Su mensaje queda en la fila y será de los primeros en atenderse.");
  }

  // ---- What is known -----------------------------------------------------------------

  /** Show this chat, or what is new about it. */
  function use(picture) {
    if (picture.id !== chat?.id || !isKnown) {
      lines = new Map();
      uploads = new Map();
      marks = {};
      isFollowed = false;
      readUpTo = 0;
      unread = picture.unread;
      isLater = false;
      rate.reset();
    }
    say(problem, "");
    if (picture.status !== "WAITING") place = null;
    know(picture);
    count();
    load();
  }

  function know(picture) {
    chat = picture;
    isKnown = true;
    if (chat) storage.set("chat", { id: chat.id, status: chat.status, agent: chat.agent, updated_at: chat.updated_at });
    else { lines = new Map(); storage.remove("chat"); }
    draw();
  }

  /** Return a page of messages; nothing when they are of a chat that is not shown any more. */
  async function fetchLines(query) {
    const { id } = chat;
    const page = await call(`agent-chat/messages/${id}?limit=${PAGE}${query}`);
    if (id !== chat?.id) return;
    page.forEach((message) => lines.set(message.seq, message));
    drawNow();
    return page;
  }

  async function load() {
    try {
      const page = await fetchLines("");
      if (page && !isFollowed) connection.follow(chat.id, page.at(-1)?.seq ?? 0);
      isFollowed ||= Boolean(page);
      broken.hidden = true;
      read();
    } catch {
      broken.hidden = false;
    }
  }

  async function loadOlder() {
    const oldest = Math.min(...lines.keys());
    if (!(oldest > 1 && oldest < Infinity) || log.ariaBusy === "true") return;
    log.ariaBusy = "true"; // so that a screen reader does not read the past as news
    await fetchLines(`&before=${oldest}`).catch(() => {});
    log.ariaBusy = "false";
  }

  function take(message) {
    if (message.chat_id !== chat?.id || lines.has(message.seq)) return;
    lines.set(message.seq, message);
    uploads.delete(message.client_id);
    if (kindOf(message) !== "own") {
      showTyping("");
      unread += 1;
      it.ring(message.id);
    }
    draw();
    read();
  }

  const count = () => it.note("chat", unread);

  /** Read is what is in front of somebody's eyes. */
  async function read() {
    if (it.isShown("chat") && connection.isOpen) {
      unread = 0;
      const newest = Math.max(0, ...[...lines.values()].filter((message) => kindOf(message) !== "own").map(({ id }) => id));
      if (newest > readUpTo) {
        readUpTo = newest;
        connection.ask("message_read", { chat_id: chat.id, message_id: newest }).catch(() => { readUpTo = 0; }); // the next opening says it again
      }
    }
    count();
  }

  function showTyping(name) {
    clearTimeout(typingOver);
    say(typingText, name && `${name} está escribiendo`);
    typing.hidden = !name;
    if (name) typingOver = setTimeout(() => showTyping(""), FORGET_TYPING_MS);
  }

  async function upload(key, file) {
    uploads.set(key, { file, state: "sending" });
    draw();
    try {
      take(await call(`agent-chat/${chat.id}/attachments?${new URLSearchParams({ name: file.name, client_id: key })}`, { method: "POST", body: file }));
      uploads.delete(key);
    } catch ({ message }) {
      uploads.set(key, { file, state: "failed", why: message });
    }
    draw();
  }

  function end() { it.ask(problem, "close_chat", { chat_id: chat.id }); }

  /** Everything that was said, as text. */
  async function transcript() {
    const { id } = chat;
    let said = [];
    for (let oldest = "", page = [0]; page.length; oldest = `&before=${page[0]?.seq}`) {
      page = await call(`agent-chat/messages/${id}?limit=100${oldest}`).catch(() => []);
      said = [...page.map((message) => `${moment(message.sent_at)} · ${{ own: "Usted", system: "Beneficiate" }[kindOf(message)] ?? firstName(message)}: ${message.message}\n`), ...said];
    }
    hand(new Blob([`Conversación con ${nameOf()}\n\n`, ...said], { type: "text/plain" }), `conversacion-${id}.txt`);
  }

  connection.on("message", take);
  connection.on("user_chats", ({ chats }) => {
    const recent = chats.find(({ status, agent, updated_at: at }) => status !== "CLOSED" || (agent && Date.now() - new Date(at) < REOPEN_MS));
    if (recent) use(recent); else know(null);
  });
  connection.on("new_chat", ({ chat: picture }) => use(picture));
  connection.on("ack", ({ chat: picture }) => { if (picture && (picture.id !== chat?.id || !isKnown)) use(picture); });

  const mine = (word, listener) => connection.on(word, (frame) => { if (frame.chat_id === chat?.id) listener(frame); });
  // Who left the queue was never attended: there is nothing to rate and nothing to go on with.
  mine("chat_closed", () => know(chat.agent ? { ...chat, status: "CLOSED", updated_at: new Date().toISOString() } : null));
  mine("queue_position", (frame) => { place = frame; draw(); });
  for (const name of ["delivered", "read"]) {
    mine(`message_${name}`, ({ user_id: reader, seq }) => {
      if (reader === user.id) { unread = 0; count(); return; }
      marks[name] = Math.max(seq, marks[name] ?? 0);
      draw();
    });
  }
  mine("typing", ({ user_id: id }) => { if (id !== user.id) showTyping(firstName()); });
  mine("stop_typing", () => showTyping(""));
  connection.on("state", () => { readUpTo = 0; showTyping(""); });
  // column-reverse scrolls from 0 at the newest line into the negative
  log.onscroll = () => { if (log.scrollHeight - log.clientHeight + log.scrollTop < NEAR_TOP_PX) loadOlder(); };

  return {
    el,
    draw,
    seen: read,
    end,
    transcript,
    get chat() { return chat; },
    focus: () => [writer.text, text, log].find((one) => one.checkVisibility?.() ?? one.offsetParent)?.focus(),
    leave: writer.stop,
    head(isOnline) {
      const { agent, status } = chat ?? {};
      if (status === "WAITING" || !agent) return [it.hours.is_open ? (chat ? "Usted está en la fila" : "Una persona le responde aquí") : "Fuera de horario"];
      return [status === "CLOSED" ? `Chat cerrado a las ${clock(chat.updated_at)}` : isOnline(agent.id) ? "En línea" : "Le responde apenas pueda", nameOf(), agent.first_name[0] + agent.last_name[0]];
    },
  };
}
