// Before a chat: a message and a person, or the assistant.

import { showLength } from "../core/composer.js";
import { COMMANDS } from "../core/protocol.js";
import { toSendable } from "../core/text.js";
import { makeButton, makeField, h, makeProblem, setText } from "./dom.js";

export class StartForm {
  #title = h("h3.w-title");
  #hint = h("p.w-hint");
  #send = h("button.w-btn.w-main", { type: "submit", id: "start-go" });

  constructor(app) {
    const { storage } = app;
    const problem = makeProblem("start-problem");
    const message = makeField("start-message", "Su mensaje", "textarea", { rows: 4, "aria-describedby": "start-hint" });
    const hint = h("p.w-left", { id: "start-hint", role: "status" });
    const text = this.text = message.lastChild;
    const showDraft = () => { text.value = storage.get("start") ?? ""; showLength(text, hint); };
    showDraft();
    addEventListener("storage", showDraft); // another tab goes on with it, or has sent it
    text.oninput = () => { storage.set("start", text.value); showLength(text, hint); };
    this.el = h("form.w-sheet", { id: "start" }, this.#title, this.#hint, message, hint, problem, this.#send,
      makeButton("w-btn", "Seguir con el asistente", () => app.showPart("bot")), h("p.w-hint", {}, "Si es una urgencia, llame al 123."));
    this.el.onsubmit = (event) => {
      event.preventDefault();
      const said = toSendable(text.value);
      if (!said && app.hours.is_open) app.runCommand(problem, COMMANDS.REQUEST_AGENT);
      else if (!said || showLength(text, hint) < 0) text.focus();
      else {
        text.value = "";
        storage.remove("start");
        app.outbox.addMessage(0, said);
      }
    };
  }

  render({ is_open: isOpen, sentence }) {
    const hint = isOpen ? "Escríbanos y una persona del equipo le contesta." : "Déjenos su mensaje y le respondemos al abrir.";
    setText(this.#title, isOpen ? "¿En qué le ayudamos?" : sentence);
    setText(this.#hint, `${hint} Para pedir una cita, el asistente trabaja a toda hora.`);
    setText(this.#send, isOpen ? "Hablar con una persona" : "Dejar el mensaje");
  }
}
