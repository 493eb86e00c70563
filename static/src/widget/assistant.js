// The guided booking. The server keeps the conversation; here is what was said since this page was opened. A button counts
// until the next answer, and while nobody is there to hear it, nothing can be pressed.

import { makeComposer } from "./composer.js";
import { button, dots, h, icon, link, problemOf, say } from "./dom.js";

const STEPS = ["", "document", "city_selection", "specialty_search", "visit_type", "description", "slot_selection", "confirmation"];
const LAST_STEP = STEPS.length - 1;
const BEGUN = "bot"; // also other tabs and the next visit know that a booking is under way
const BOOK = "Pedir una cita";
const PERSON = "Hablar con una persona";

export function makeAssistant(it) {
  const { connection, storage } = it;
  let isAsking = false;
  let own = null;           // the last thing said here, until it is answered
  let wantsPerson = false;

  const list = h("div.w-lines");
  const log = h("div.w-log", { role: "log", id: "bot-log", "aria-label": "Conversación con el asistente", tabindex: 0 }, list);
  const bar = h("progress", { id: "bot-progress", max: LAST_STEP });
  const stepText = h("label", { for: "bot-progress" });
  const step = h("p.w-step", { id: "bot-step", hidden: true }, stepText, bar);
  const go = button("w-btn.w-main", BOOK, start, { id: "bot-start" });
  const none = h("div.w-sheet", {}, h("h3.w-title", {}, "Pida su cita aquí, a cualquier hora"),
    h("p.w-hint", {}, "El asistente le pregunta para quién es, la ciudad, la especialidad y el motivo. Puede seguir después donde la dejó."), go, h("p.w-hint", {}, "Si es una urgencia, llame al 123."));
  const typing = h("p.w-typing", { hidden: true }, dots(), "El asistente está respondiendo");
  const problem = problemOf("bot-problem");
  const back = link("Volver un paso", () => answer({ message: "volver" }, "Volver un paso"), { id: "bot-back" });
  const person = link(PERSON, () => { wantsPerson = true; answer({ message: "agente" }, PERSON); }, { id: "bot-person" });
  const ways = h("p.w-ways", { hidden: true }, back, person);
  const writer = makeComposer({
    storage, id: "bot-message", label: "Respuesta para el asistente", onSend: (text) => isReady() && answer({ message: text }, text),
  });
  const el = h("div", {}, step, log, none, problem, h("div.w-strip", {}, typing), ways, writer.el);
  writer.text.placeholder = "Escriba su respuesta";

  function isReady() {
    if (connection.isOpen && !isAsking) return true;
    return false;
  }

  function draw() {
    const hasTalk = Boolean(storage.get(BEGUN) || list.firstChild);
    log.hidden = writer.el.hidden = !hasTalk;
    none.hidden = hasTalk;
    for (const one of [go, back, person, writer.send]) one.disabled = !isReady();
    for (const choice of list.querySelectorAll(".w-choice")) choice.disabled = !isReady() || !list.lastChild.contains(choice);
    typing.hidden = !isAsking;
  }

  /** Begin, or hear where one was. */
  function start() {
    storage.set(BEGUN, true);
    ask("chatbot_init");
  }

  function put(kind, who, text, ...more) {
    const turn = h(`div.w-item.is-${kind}`, { "data-said": kind }, h("span.w-vh", {}, who), h("p.w-line", { "data-part": "text" }, text), more);
    list.append(turn);
    log.scrollTop = 0; // column-reverse: its end
    return turn;
  }

  async function answer(fields, label) {
    const isKeyboard = el.getRootNode().activeElement?.matches(".w-choice");
    own = put("own", "Usted: ", label);
    const isHeard = await ask("chatbot", { source: "chatbot", ...fields });
    // Who went through the buttons with the keyboard goes on there.
    if (isKeyboard) (list.lastChild.querySelector(".w-choice:enabled") ?? writer.text).focus();
    if (isHeard || !own) return;
    // It was not heard: what was typed goes back to where it was typed, and the buttons count again.
    own.remove();
    if (fields.message === label) writer.text.value ||= label;
    draw();
  }

  async function ask(word, fields) {
    isAsking = true;
    draw();
    const refused = await it.ask(problem, word, fields);
    isAsking = false;
    draw();
    return !refused;
  }

  const choiceOf = (label, onclick, option = "") => button("w-choice", [h("span", {}, label), icon("right")], onclick, { "data-option": option });

  connection.on("chatbot_message", ({ message, state, choices = [], redirectUrl, shouldRestartFlow: isOver }) => {
    own = null;
    const offered = isOver ? [choiceOf(BOOK, start)]
      : state === "with_person" ? [choiceOf("Ir al chat", () => it.go("chat"))]
      : choices.map(({ id, label }) => choiceOf(label, () => answer({ option: id }, label), id));
    put("other", "Asistente: ", message, offered.length > 0 && h("div.w-choices", { role: "group", "aria-label": "Opciones" }, offered), pageOf(redirectUrl));
    if (isOver || state === "completed") storage.remove(BEGUN); else storage.set(BEGUN, true);
    const at = isOver ? 0 : Math.max(0, STEPS.indexOf(state.replace("awaiting_", "").replace("specialty_selection", "specialty_search")));
    step.hidden = ways.hidden = !at;
    bar.value = at;
    say(stepText, `Paso ${at} de ${LAST_STEP}`);
    draw();
    it.news("bot");
  });
  connection.on("new_chat", () => {
    if (wantsPerson) it.go("chat");
    wantsPerson = false;
  });
  connection.on("state", ({ name }) => {
    if (name === "open" && storage.get(BEGUN)) start();
    draw();
  });

  /** Only pages: an address that would run something is none. */
  function pageOf(address) {
    const url = address && new URL(address, it.origin);
    return url && /^https?:$/.test(url.protocol) && h("a.w-btn", { href: url, target: "_blank", rel: "noopener" }, url.pathname === "/planes" ? "Ver los planes" : "Abrir la página");
  }

  draw();
  return {
    el,
    book: () => { if (isReady()) start(); },
    focus: () => (none.hidden ? writer.text : go).focus(),
    head: () => ["Automático, responde al instante", "Asistente de Beneficiate"],
  };
}
