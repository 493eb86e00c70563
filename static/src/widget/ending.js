// After a chat: how it was, once, and how to go on.

import { CODES, COMMANDS } from "../core/protocol.js";
import { makeButton, makeField, h, makeIcon, makeLink, makeProblem, setText } from "./dom.js";

const SCORES = ["Muy mal", "Mal", "Regular", "Bien", "Muy bien"];

const spanOf = ({ span = 1 }) => span;

export class Ending {
  #app;
  #chat = null;
  #isLater = false; // the rating was put off
  #legend = h("legend.w-title");
  #comment = makeField("rate-comment", "¿Algo que debamos saber? (opcional)", "textarea", { rows: 2, maxlength: 1000 });
  #form;
  #thanks = h("p", { id: "rated", role: "status" });
  #onwards;
  problem = makeProblem("over-problem");

  /** `onRated()` when it was sent, `onLater()` when it was put off, `onDownload()` when somebody wants what was said. */
  constructor(app, { onRated, onLater, onDownload }) {
    this.#app = app;
    const makeScore = (word, at) => h("label.w-star", {}, h("input", { type: "radio", name: "score", required: "", value: at + 1 }), makeIcon("star"), word);
    this.#form = h("form.w-rate", { id: "rate" },
      h("fieldset.w-stars", {}, this.#legend, SCORES.map(makeScore)), this.#comment,
      h("button.w-btn.w-main", { type: "submit", id: "rate-send" }, "Enviar calificación"),
      makeLink("Ahora no", () => { this.#isLater = true; onLater(); }, { id: "rate-later" }));
    this.#form.onsubmit = async (event) => {
      event.preventDefault();
      if (await this.#sendRating()) onRated();
    };
    const runCommand = (command, fields) => app.runCommand(this.problem, command, fields);
    this.#onwards = h("div.w-rate", {}, h("p.w-ways", {},
      makeLink("Reabrir este chat", () => runCommand(COMMANDS.REOPEN_CHAT, { chat_id: this.#chat.id }), { id: "reopen" }),
      makeLink("Descargar la conversación", onDownload, { id: "transcript" })),
    makeButton("w-btn", "Empezar otro chat", () => runCommand(COMMANDS.REQUEST_AGENT), { id: "another" }));
    this.el = h("section.w-over", { id: "over", "aria-label": "El chat terminó" }, this.#form, this.#thanks, this.problem, this.#onwards);
  }

  /** Another chat is shown. */
  resetForm() {
    this.#isLater = false;
    this.#form.reset();
  }

  /** `chat` is the one that is shown, or null; `name` is whom it was with. */
  render(chat, name) {
    this.#chat = chat;
    const isOver = chat?.status === "CLOSED";
    const isRated = Boolean(chat) && this.#app.storage.get(`rated:${chat.id}`) === spanOf(chat);
    this.el.hidden = !isOver;
    this.#form.hidden = this.#isLater || isRated;
    this.#onwards.hidden = !this.#form.hidden;
    setText(this.#thanks, isRated ? "Gracias por calificar este chat." : "");
    setText(this.#legend, `¿Cómo le fue con ${name}?`);
  }

  /** This span of a chat is rated, here or elsewhere: what comes after it will be rated again. */
  markRated(id, span) { this.#app.storage.set(`rated:${id}`, span); }

  /** Whether it is rated now. In another tab it may have been already. */
  async #sendRating() {
    const { id } = this.#chat, span = spanOf(this.#chat);
    const fields = { chat_id: id, span, score: Number(new FormData(this.#form).get("score")), comment: this.#comment.lastChild.value.trim() };
    const refused = await this.#app.runCommand(this.problem, COMMANDS.RATE_CHAT, fields);
    if (refused && refused.code !== CODES.CONFLICT) return false;
    this.markRated(id, span);
    return true;
  }
}
