// After a chat: how it was, once, and how to go on.

import { CODES, COMMANDS } from "../core/protocol.js";
import { button, field, h, icon, link, problemOf, say } from "./dom.js";

const SCORES = ["Muy mal", "Mal", "Regular", "Bien", "Muy bien"];

export class Ending {
  #app;
  #chat = null;
  #isLater = false; // the rating was put off
  #legend = h("legend.w-title");
  #comment = field("rate-comment", "¿Algo que debamos saber? (opcional)", "textarea", { rows: 2, maxlength: 1000 });
  #form;
  #thanks = h("p", { id: "rated", role: "status" });
  #onwards;
  problem = problemOf("over-problem");

  /** `onRated()` when it was sent, `onLater()` when it was put off, `onDownload()` when somebody wants what was said. */
  constructor(app, { onRated, onLater, onDownload }) {
    this.#app = app;
    const score = (word, at) => h("label.w-star", {}, h("input", { type: "radio", name: "score", required: "", value: at + 1 }), icon("star"), word);
    this.#form = h("form.w-rate", { id: "rate" },
      h("fieldset.w-stars", {}, this.#legend, SCORES.map(score)), this.#comment,
      h("button.w-btn.w-main", { type: "submit", id: "rate-send" }, "Enviar calificación"),
      link("Ahora no", () => { this.#isLater = true; onLater(); }, { id: "rate-later" }));
    this.#form.onsubmit = async (event) => {
      event.preventDefault();
      if (await this.#rate()) onRated();
    };
    const ask = (command, fields) => app.ask(this.problem, command, fields);
    this.#onwards = h("div.w-rate", {}, h("p.w-ways", {},
      link("Reabrir este chat", () => ask(COMMANDS.REOPEN_CHAT, { chat_id: this.#chat.id }), { id: "reopen" }),
      link("Descargar la conversación", onDownload, { id: "transcript" })),
    button("w-btn", "Empezar otro chat", () => ask(COMMANDS.REQUEST_AGENT), { id: "another" }));
    this.el = h("section.w-over", { id: "over", "aria-label": "El chat terminó" }, this.#form, this.#thanks, this.problem, this.#onwards);
  }

  /** Another chat is shown. */
  reset() {
    this.#isLater = false;
    this.#form.reset();
  }

  /** `chat` is the one that is shown, or null; `name` is whom it was with. */
  draw(chat, name) {
    this.#chat = chat;
    const isOver = chat?.status === "CLOSED";
    const isRated = Boolean(isOver && this.#app.storage.get(`rated:${chat.id}`));
    this.el.hidden = !isOver;
    this.#form.hidden = this.#isLater || isRated;
    this.#onwards.hidden = !this.#form.hidden;
    say(this.#thanks, isRated ? "Gracias por calificar este chat." : "");
    say(this.#legend, `¿Cómo le fue con ${name}?`);
  }

  /** Whether it is rated now. In another tab it may have been already. */
  async #rate() {
    const { id } = this.#chat;
    const fields = { chat_id: id, score: Number(new FormData(this.#form).get("score")), comment: this.#comment.lastChild.value.trim() };
    const refused = await this.#app.ask(this.problem, COMMANDS.RATE_CHAT, fields);
    if (refused && refused.code !== CODES.CONFLICT) return false;
    this.#app.storage.set(`rated:${id}`, true);
    return true;
  }
}
