// The guided booking. The server keeps the conversation; here is what was said since this page was opened. A button counts
// until the next answer, and while the connection is away, nothing can be pressed.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { makeComposer } from "./composer.js";
import { makeButton, makeDots, h, makeIcon, makeLink, makePageLink, makeProblem, setText } from "./dom.js";

const STEPS = ["", "document", "city_selection", "specialty_search", "visit_type", "description", "slot_selection", "confirmation"];
const LAST_STEP = STEPS.length - 1;
const BEGUN = "bot"; // also other tabs and the next page know that a booking is under way
const BOOK = "Pedir una cita";
const PERSON = "Hablar con una persona";

const stepOf = (state) => Math.max(0, STEPS.indexOf(state.replace("awaiting_", "").replace("specialty_selection", "specialty_search")));

const makeChoice = (label, onclick, option = "") => makeButton("w-choice", [h("span", {}, label), makeIcon("right")], onclick, { "data-option": option });

/** Only pages: an address that would run something is none. */
function linkTo(address, origin) {
  const url = address && new URL(address, origin);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  return makePageLink(url, url.pathname === "/planes" ? "Ver los planes" : "Abrir la página");
}

export class Assistant {
  #app;
  #isAsking = false;
  #own = null;           // the last thing said here, until it is answered
  #hasPerson = false;    // a person was asked for, and what is said here is for them
  #list = h("div.w-lines");
  #log = h("div.w-log", { role: "log", id: "bot-log", "aria-label": "Conversación con el asistente", tabindex: 0 }, this.#list);
  #bar = h("progress", { id: "bot-progress", max: LAST_STEP });
  #stepText = h("label", { for: "bot-progress" });
  #step = h("p.w-step", { id: "bot-step", hidden: true }, this.#stepText, this.#bar);
  #go = makeButton("w-btn.w-main", BOOK, () => this.#startDialogue(), { id: "bot-start" });
  #none = h("div.w-sheet", {}, h("h3.w-title", {}, "Pida su cita aquí, a cualquier hora"),
    h("p.w-hint", {}, "El asistente le pregunta para quién es, la ciudad, la especialidad y el motivo. Puede seguir después donde la dejó."),
    this.#go, h("p.w-hint", {}, "Si es una urgencia, llame al 123."));
  #typing = h("p.w-typing", { hidden: true }, makeDots(), "El asistente está respondiendo");
  #problem = makeProblem("bot-problem");
  #back = makeLink("Volver un paso", () => this.#sendAnswer({ message: "volver" }, "Volver un paso"), { id: "bot-back" });
  #person = makeLink(PERSON, () => this.#sendAnswer({ message: "agente" }, PERSON), { id: "bot-person" });
  #ways = h("p.w-ways", { hidden: true }, this.#back, this.#person);
  #composer;

  constructor(app) {
    this.#app = app;
    this.#composer = makeComposer({
      storage: app.storage,
      id: "bot-message",
      label: "Respuesta para el asistente",
      onSend: (text) => {
        if (this.#hasPerson) this.#app.sendToPerson(text);
        else if (this.#isReady) this.#sendAnswer({ message: text }, text);
        else return false;
        return true;
      },
    });
    this.#composer.text.placeholder = "Escriba su respuesta";
    this.el = h("div", {}, this.#step, this.#log, this.#none, this.#problem, h("div.w-strip", {}, this.#typing), this.#ways, this.#composer.el);
    this.#addListeners();
    this.#render();
  }

  startBooking() { if (this.#isReady) this.#startDialogue(); }

  focus() { (this.#none.hidden ? this.#composer.text : this.#go).focus(); }

  describeHead() { return ["Automático, responde al instante", "Asistente de Beneficiate"]; }

  get #isReady() { return this.#app.connection.isOpen && !this.#isAsking; }

  #render() {
    const hasMessages = Boolean(this.#app.storage.get(BEGUN) || this.#list.firstChild);
    this.#log.hidden = this.#composer.el.hidden = !hasMessages;
    this.#none.hidden = hasMessages;
    for (const one of [this.#go, this.#back, this.#person, this.#composer.send]) one.disabled = !this.#isReady;
    for (const choice of this.#list.querySelectorAll(".w-choice")) choice.disabled = !this.#isReady || !this.#list.lastChild.contains(choice);
    this.#typing.hidden = !this.#isAsking;
  }

  /** Begin, or be told where one was. */
  #startDialogue() {
    this.#app.storage.set(BEGUN, true);
    this.#runCommand(COMMANDS.CHATBOT_INIT);
  }

  #putLine(kind, who, text, ...more) {
    const turn = h(`div.w-item.is-${kind}`, { "data-said": kind }, h("span.w-vh", {}, who), h("p.w-line", { "data-part": "text" }, text), more);
    this.#list.append(turn);
    this.#log.scrollTop = 0; // column-reverse: its end
    return turn;
  }

  async #sendAnswer(fields, label) {
    const { text } = this.#composer;
    const isKeyboard = this.el.getRootNode().activeElement?.matches(".w-choice");
    this.#own = this.#putLine("own", "Usted: ", label);
    const isAccepted = await this.#runCommand(COMMANDS.CHATBOT, { source: "chatbot", ...fields });
    // Who went through the buttons with the keyboard goes on there.
    if (isKeyboard) (this.#list.lastChild.querySelector(".w-choice:enabled") ?? text).focus();
    if (isAccepted || !this.#own) return;
    // It did not arrive: what was typed goes back to where it was typed, and the buttons count again.
    this.#own.remove();
    if (fields.message === label) text.value ||= label;
    this.#render();
  }

  async #runCommand(command, fields) {
    this.#isAsking = true;
    this.#render();
    const refused = await this.#app.runCommand(this.#problem, command, fields);
    this.#isAsking = false;
    this.#render();
    return !refused;
  }

  #addListeners() {
    const { connection, storage } = this.#app;
    connection.on(EVENTS.CHATBOT_MESSAGE, (frame) => this.#handleMessage(frame));
    connection.on(EVENTS.CHAT_CLOSED, () => this.#onChatClosed());
    connection.on("state", ({ name }) => {
      if (name === "open" && storage.get(BEGUN)) this.#startDialogue();
      this.#render();
    });
  }

  /** The chat is over: the assistant goes on where it was. */
  #onChatClosed() {
    if (!this.#hasPerson) return;
    this.#hasPerson = false;
    if (this.#isReady && this.#app.storage.get(BEGUN)) this.#startDialogue();
  }

  #makeChoices(state, choices, isOver) {
    if (isOver) return [makeChoice(BOOK, () => this.#startDialogue())];
    if (state === "with_person") return [makeChoice("Ir al chat", () => this.#app.showPart("chat"))];
    return choices.map(({ id, label }) => makeChoice(label, () => this.#sendAnswer({ option: id }, label), id));
  }

  #handleMessage({ message, state, choices = [], redirectUrl, shouldRestartFlow: isOver }) {
    const { storage, origin } = this.#app;
    // Who has just asked for a person, or written to one, goes on in the chat; and who comes back here while they wait for one.
    this.#hasPerson = state === "with_person";
    if (this.#hasPerson && (this.#own || (!this.#list.firstChild && !this.el.hidden))) this.#app.showPart("chat");
    this.#own = null;
    const offered = this.#makeChoices(state, choices, isOver);
    const group = offered.length > 0 && h("div.w-choices", { role: "group", "aria-label": "Opciones" }, offered);
    this.#putLine("other", "Asistente: ", message, group, linkTo(redirectUrl, origin));
    if (isOver || state === "completed") storage.remove(BEGUN);
    else storage.set(BEGUN, true);
    const at = isOver ? 0 : stepOf(state);
    this.#step.hidden = this.#ways.hidden = !at;
    this.#bar.value = at;
    setText(this.#stepText, `Paso ${at} de ${LAST_STEP}`);
    this.#render();
    this.#app.addUnread("bot");
  }
}
