// The bar that says how the connection is.

import { causeOf, EXPLAIN_MS } from "../core/errors.js";
import { h, makeIcon, makeLink } from "./dom.js";

const SHOW_AFTER_MS = 1_500; // a cut that is over before is not reported

export const STOPPED = {
  signed_out: "Su sesión terminó. Lo que escribió está guardado: ingrese de nuevo para enviarlo.",
  abuse: "Llegaron demasiados mensajes con errores. En uno o dos minutos se vuelve a intentar.",
  revoked: "Su cuenta ya no tiene acceso.",
  too_many: "El chat está abierto en demasiadas ventanas: cierre otras para seguir aquí.",
};

export class ConnectionBar {
  #connection;
  #isBooking;
  #showTimer = 0;
  #explainTimer = 0;
  #wasOpen = false;
  el = h("p.w-bar", { id: "connection", role: "status", hidden: true });

  /** `isBooking()`: the assistant is shown, where nothing can be written meanwhile. */
  constructor(connection, isBooking) {
    this.#connection = connection;
    this.#isBooking = isBooking;
    connection.on("state", ({ name, reason }) => {
      this.el.dataset.state = name;
      if (reason === "signed_out") return;
      if (name === "open" || name === "stopped") { this.dispose(); this.#render(); }
      else { // from the cut on, however often it is tried
        this.#showTimer ||= setTimeout(() => this.#render(), SHOW_AFTER_MS);
        this.#explainTimer ||= setTimeout(() => this.#render(causeOf()), EXPLAIN_MS);
      }
      this.#wasOpen ||= name === "open";
    });
  }

  dispose() {
    clearTimeout(this.#showTimer);
    clearTimeout(this.#explainTimer);
    this.#showTimer = this.#explainTimer = 0;
  }

  #render(cause = "") {
    const { state: { name, reason }, isOpen } = this.#connection;
    this.el.hidden = isOpen;
    if (name === "stopped") {
      const again = makeLink("Intentar de nuevo", () => this.#connection.connect(), { "data-do": "again" });
      this.el.replaceChildren(makeIcon("failed"), h("span", { "data-part": "say" }, STOPPED[reason], " ", again));
      return;
    }
    const text = this.#isBooking()
      ? "Lo que ya respondió está guardado; el asistente sigue al volver."
      : "Siga escribiendo: sus mensajes se guardan aquí y se envían al volver.";
    const title = h("b", {}, this.#wasOpen ? "Reconectando…" : "Conectando…");
    this.el.replaceChildren(makeIcon("turn", "w-icon w-turning"), h("span", { "data-part": "say" }, title, cause && `${cause} `, text));
    if (cause) console.warn("Beneficiate: no WebSocket to", this.#connection.url);
  }
}
