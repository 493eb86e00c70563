// How messages are rendered: headings of days, runs of one author, and what became of one's own.

import { formatTime, isInSameGroup, formatDateTime, formatWeekdayDate } from "../core/dates.js";
import { NO_NETWORK } from "../core/errors.js";
import { linkify } from "../core/links.js";
import { h, makeIcon, makeLink, renderChildren, setText, makeTime } from "./dom.js";
import { makeFile } from "./files.js";

const STATES = { sending: "Por enviar", sent: "Enviado", delivered: "Entregado", read: "Leído" };

/** Render in `list` what ChatMessages.toRender returned. `first` and `last` are items of `renderChildren` before and after them. */
export function renderMessages(list, messages, call, first = [], last = []) {
  const items = [...first];
  messages.forEach((message, at) => {
    const [before, next] = [messages[at - 1], messages[at + 1]];
    const today = formatWeekdayDate(message.at);
    const isNewDay = !before || formatWeekdayDate(before.at) !== today;
    if (isNewDay) items.push([today, () => h("p.w-event", { "data-part": "day" }, today)]);
    const isNext = !isNewDay && before.kind === message.kind && before.name === message.name && isInSameGroup(before.at, message.at);
    const isMarked = message.state === "failed" || next?.state !== message.state;
    items.push([message.key, () => makeMessage(message, call), (element) => updateMessage(element, message, isNext, isMarked)]);
  });
  renderChildren(list, [...items, ...last]);
}

function makeMessage({ kind, text, file, isRecalled }, call) {
  const part = file ? makeFile(call, file) : h(kind === "system" ? "span" : `p.w-line${isRecalled ? ".is-recalled" : ""}`, { "data-part": "text", dir: "auto" }, linkify(text));
  if (kind === "system") return h("p.w-event", { "data-line": kind }, part);
  const parts = kind === "own" ? [h("span.w-vh", {}, "Usted: "), part, h("p.w-sent")] : [h("p.w-who"), part];
  return h(`div.w-item.is-${kind}`, { "data-line": kind }, parts);
}

function updateMessage(element, message, isNext, isMarked) {
  const { kind, seq = "", at, name } = message;
  element.dataset.seq = seq;
  element.classList.toggle("is-next", isNext);
  if (kind === "other") {
    const who = element.firstChild;
    who.classList.toggle("w-vh", isNext);
    setText(who, `${name}, ${formatTime(at)}`);
    who.title = formatDateTime(at);
  }
  if (kind === "own") updateState(element, message, isMarked);
}

/** What became of one's own: rendered again only when it changed, so that it is not announced twice. */
function updateState(element, { seq = "", at, state, why = "", retry, edit, discard }, isMarked) {
  const mark = element.lastChild;
  mark.hidden = !isMarked;
  if (element.dataset.state === state && mark.why === why + seq) return;
  element.dataset.state = state;
  mark.why = why + seq;
  const said = state === "failed"
    ? [
      h("span", { "data-part": "why" }, `No se pudo enviar. ${why || NO_NETWORK}`),
      ...Object.entries({ retry: ["Reintentar", retry], edit: ["Editar", edit], discard: ["Borrar", discard] })
        .map(([name, [word, action]]) => action && makeLink(word, action, { "data-do": name })).filter(Boolean),
    ]
    : [`${STATES[state]}${seq ? ", " : ""}`, ...(seq ? [makeTime(at)] : [])];
  mark.replaceChildren(makeIcon(state), ...said);
}
