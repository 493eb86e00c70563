// Times as the server's pages write them: Bogotá, short, "8:05 a. m." unbroken, the full one for the title.

const ZONE = "America/Bogota";
const DAY_MS = 86_400_000; // always: Colombia has no daylight saving
const part = (options) => new Intl.DateTimeFormat("es-CO", { timeZone: ZONE, ...options });
const CLOCK = part({ hour: "numeric", minute: "2-digit", hour12: true });
const DAY = part({ weekday: "long", day: "numeric", month: "long" });
const YEAR = part({ year: "numeric" });
const KEY = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, dateStyle: "short" });

const unbroken = (text) => text.replace(/\s/g, "\u00a0");
// Intl says "martes, 25 de agosto"; nobody here writes that comma.
const dayOf = (date) => DAY.format(date).replace(",", "");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

export const clock = (at) => unbroken(CLOCK.format(new Date(at)));

/** Two times with the same key are on the same day. */
export const dayKey = (at) => KEY.format(new Date(at));

export function day(at) {
  const date = new Date(at);
  const near = [["Hoy", 0], ["Ayer", 1]].find(([, days]) => dayKey(date) === dayKey(Date.now() - days * DAY_MS));
  return near ? `${near[0]}, ${dayOf(date)}` : capital(dayOf(date));
}

export const full = (at) => `${dayOf(new Date(at))} de ${YEAR.format(new Date(at))}, ${clock(at)}`;
