// How old what the board shows is, in words.

const MINUTE_S = 60;

/** While the connection is open and brings the board it is as of now; otherwise it is as old as what came last. */
export function formatFreshness({ isOpen, isCurrent, ageMs }) {
  if (isOpen && isCurrent) return { text: "En vivo, al instante", isLate: false };
  const seconds = Math.max(0, Math.round(ageMs / 1_000));
  const age = seconds < MINUTE_S ? `hace ${seconds} s` : `hace ${Math.floor(seconds / MINUTE_S)} min`;
  return { text: `${isOpen ? "Sin datos nuevos" : "Sin conexión"}, lo que ve es de ${age}`, isLate: true };
}
