// Times as the server's pages write them: Bogotá, short, "8:05 a. m." unbroken.

const ZONE = "America/Bogota";
const RUN_MS = 5 * 60_000; // of one author, within this time, messages are one group; beneficiate/views/messages.py has it too
const DAY_MS = 86_400_000; // always: Colombia has no daylight saving
const FORMS = {
  clock: { hour: "numeric", minute: "2-digit", hour12: true },
  day: { weekday: "long", day: "numeric", month: "long" },
  date: { dateStyle: "long" },
};
let language = "es-CO";
let made = {};

/** Write in this language from now on. */
export function setLanguage(wanted) {
  language = wanted;
  made = {};
}

const format = (at, form, options = FORMS[form]) => {
  made[form] ??= new Intl.DateTimeFormat(language, { timeZone: ZONE, ...options });
  return made[form].format(new Date(at));
};

/** Whether a message goes on the group of the one before it, if both are of one author. */
export const isInSameGroup = (before, at) => Date.parse(at) - Date.parse(before) < RUN_MS;

export const formatTime = (at) => format(at, "clock").replace(/\s/g, "\u00a0");

/** `martes 25 de agosto`: Intl writes a comma after the weekday, nobody here does. */
export const formatWeekdayDate = (at) => format(at, "day").replace(",", "");

/** `25 de agosto de 2026` */
export const formatLongDate = (at) => format(at, "date");

/** `martes 25 de agosto, 8:05 a. m.` */
export const formatDateTime = (at) => `${formatWeekdayDate(at)}, ${formatTime(at)}`;

/** `martes 25 de agosto de 2026, 8:05 a. m.` */
export const formatFullDateTime = (at) => `${formatWeekdayDate(at)} de ${format(at, "year", { year: "numeric" })}, ${formatTime(at)}`;

/** Weekday, day and month as a calendar sheet shows them: `["mar", "25", "ago"]`. */
export const formatCalendarDay = (at) => ["weekday", "day", "month"].map((name) => (
  format(at, `leaf-${name}`, { [name]: name === "day" ? "numeric" : "short" }).replace(".", "")
));

/** Two times with the same key are on the same day. */
export const dayKeyOf = (at) => format(at, "key", { dateStyle: "short" });

/** `Hoy, martes 25 de agosto`, `Ayer, …`, `Lunes 24 de agosto` */
export function formatRelativeDay(at) {
  const text = formatWeekdayDate(at);
  if (dayKeyOf(at) === dayKeyOf(Date.now())) return `Hoy, ${text}`;
  if (dayKeyOf(at) === dayKeyOf(Date.now() - DAY_MS)) return `Ayer, ${text}`;
  return text[0].toUpperCase() + text.slice(1);
}
