// The place of the member in the queue, at the end of the messages.

import { h, makeLink, setText } from "./dom.js";

const turnOf = (position) => (position === 1 ? "Sigue usted" : `${position - 1} ${position === 2 ? "persona" : "personas"} antes de usted`);

function estimateOf(seconds) {
  if (seconds === null) return "Ahora mismo no hay nadie disponible; su turno sigue en pie.";
  const minutes = Math.round(seconds / 60);
  return minutes < 2 ? "Falta cerca de un minuto" : `Faltan unos ${minutes} minutos`;
}

/** Return the item of `renderChildren`. `place` is the last queue_position, or null; `onLeave()` when one leaves the queue. */
export function queueItem({ is_open: isOpen, sentence }, place, onLeave) {
  const { position = 0, estimated_wait_s: seconds } = (isOpen && place) || {};
  const makeCard = () => h("div.w-card", { role: "status", id: "queue" },
    h("div.w-turn", {}, h("span.w-turn-n", { "aria-hidden": "true" }), h("p.w-turn-title"), h("p.w-turn-text")),
    h("p.w-hint"), makeLink("Salir de la fila", onLeave, { id: "leave-queue" }));
  const updateCard = (card) => {
    const [number, title, estimate] = card.firstChild.children;
    setText(number, position ? String(position) : "");
    setText(title, !isOpen ? sentence : position ? turnOf(position) : "Usted está en la fila");
    setText(estimate, position ? estimateOf(seconds) : "");
    setText(card.children[1], isOpen
      ? "Puede cerrar esta ventana: le guardamos el turno. Vuelva para leer la respuesta."
      : "Su mensaje queda en la fila y le respondemos al abrir.");
  };
  return ["queue", makeCard, updateCard];
}
