// The place of the member in the queue, at the end of the messages.

import { h, link, say } from "./dom.js";

const turnOf = (position) => (position === 1 ? "Sigue usted" : `${position - 1} ${position === 2 ? "persona" : "personas"} antes de usted`);

function estimateOf(seconds) {
  if (seconds === null) return "Ahora mismo no hay nadie disponible; su turno sigue en pie.";
  const minutes = Math.round(seconds / 60);
  return minutes < 2 ? "Falta cerca de un minuto" : `Faltan unos ${minutes} minutos`;
}

/** Return the item of `paint`. `place` is the last queue_position, or null; `onLeave()` when one leaves the queue. */
export function queueItem({ is_open: isOpen, sentence }, place, onLeave) {
  const { position = 0, estimated_wait_s: seconds } = (isOpen && place) || {};
  const make = () => h("div.w-card", { role: "status", id: "queue" },
    h("div.w-turn", {}, h("span.w-turn-n", { "aria-hidden": "true" }), h("p.w-turn-title"), h("p.w-turn-text")),
    h("p.w-hint"), link("Salir de la fila", onLeave, { id: "leave-queue" }));
  const update = (card) => {
    const [number, title, estimate] = card.firstChild.children;
    say(number, position ? String(position) : "");
    say(title, !isOpen ? sentence : position ? turnOf(position) : "Usted está en la fila");
    say(estimate, position ? estimateOf(seconds) : "");
    say(card.children[1], isOpen
      ? "Puede cerrar esta ventana: le guardamos el turno. Vuelva para leer la respuesta."
      : "Su mensaje queda en la fila y le respondemos al abrir.");
  };
  return ["queue", make, update];
}
