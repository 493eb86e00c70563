// Every sentence of the widget, and times as people here write them: Bogotá, short, "8:05 a. m." unbroken.

let lang = "es-CO";
export const speak = (wanted) => { lang = wanted; };

const part = (at, options) => new Intl.DateTimeFormat(lang, { timeZone: "America/Bogota", ...options }).format(new Date(at));
export const clock = (at) => part(at, { hour: "numeric", minute: "2-digit", hour12: true }).replace(/\s/g, "\u00a0");
/** Two times with the same key are on the same day. */
export const dayKey = (at) => part(at, { dateStyle: "short" });
/** "martes 25 de agosto": nobody here writes the comma that Intl does. */
export const day = (at) => part(at, { weekday: "long", day: "numeric", month: "long" }).replace(",", "");
export const date = (at) => part(at, { dateStyle: "long" });
export const full = (at) => `${day(at)}, ${clock(at)}`;
/** The three lines of a calendar's leaf. */
export const leaf = (at) => [{ weekday: "short" }, { day: "numeric" }, { month: "short" }].map((one) => part(at, one).replace(".", ""));

export function nearDay(at) {
  const name = ["Hoy", "Ayer"].find((_, days) => dayKey(at) === dayKey(Date.now() - days * 86_400_000));
  return name ? `${name}, ${day(at)}` : day(at);
}

const TURNS = ["primera", "segunda", "tercera", "cuarta", "quinta", "sexta", "séptima", "octava", "novena", "décima"];
// A time ends in a full stop of its own.
const ended = (sentence) => (sentence.endsWith(".") ? sentence : `${sentence}.`);

export const words = {
  name: "Beneficiate",
  panel: "Chat de Beneficiate",
  open: (n) => (n ? `Abrir el chat, ${n} sin leer` : "Abrir el chat"),
  close: "Cerrar el chat",
  minimise: "Minimizar el chat",
  options: "Opciones",
  sections: "Secciones",
  tabs: { chat: "Chat", bot: "Asistente", visits: "Mis citas", plan: "Mi plan" },
  unread: (n) => `${n} sin leer`,
  dismiss: "Cerrar el aviso",
  sound: (on) => (on ? "Sonido: sí" : "Sonido: no"),
  sign_out: "Cerrar sesión",
  end_chat: "Terminar el chat",
  no_network: "No hay conexión. Intente de nuevo en un momento.",
  again: "Intentar de nuevo",
  loading: "Cargando…",

  sign_in: "Ingrese para hablar con nosotros",
  sign_in_why: "Con su correo y su contraseña ve su chat, sus citas y su plan.",
  email: "Correo",
  password: "Contraseña",
  enter: "Ingresar",
  signed_out: "Su sesión terminó. Lo que escribió está guardado: ingrese de nuevo para enviarlo.",

  connecting: ["Conectando…", ""],
  reconnecting: ["Reconectando…", "Siga escribiendo: sus mensajes se guardan aquí y se envían al volver."],
  bot_waits: ["Reconectando…", "Lo que ya respondió está guardado; el asistente sigue al volver."],
  stopped: {
    revoked: "Su cuenta ya no tiene acceso. Si no lo esperaba, llámenos.",
    abuse: "Cerramos la conexión porque llegaron demasiados mensajes con errores.",
    too_many: "El chat está abierto en demasiadas ventanas. Esta quedó desconectada: cierre otras para seguir aquí.",
  },

  log: "Conversación con el equipo de Beneficiate",
  older: "Ver mensajes anteriores",
  broken: "No pudimos traer la conversación. No se perdió nada.",
  team: "Equipo de Beneficiate",
  you: "Usted",
  bot: "Asistente",
  online: "En línea",
  offline: "Le responde apenas pueda",
  line: { sending: "Por enviar", failed: "Sin enviar", sent: "Enviado", delivered: "Entregado", read: "Leído" },
  failed: (why) => `No se envió. ${why}`.trim(),
  discard: "Descartar",
  typing: (name) => `${name} está escribiendo`,
  write: "Mensaje",
  placeholder: { ACTIVE: "Escriba su mensaje", WAITING: "Puede seguir escribiendo" },
  attach: "Adjuntar un archivo",
  send: "Enviar",
  left: (n) => (n === 1 ? "Le queda 1 carácter." : `Le quedan ${n} caracteres.`),
  over_label: "El chat terminó",
  over: (n) => (n === 1 ? "Sobra 1 carácter. Divida el mensaje en dos." : `Sobran ${n} caracteres. Divida el mensaje en dos.`),
  size: (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1).replace(".", ",")} MB`),
  open_file: (name) => `Abrir ${name}`,

  in_queue: "Usted está en la fila",
  turn: (n) => (n > 10 ? `Usted es la persona número ${n} en la fila` : `Usted es la ${TURNS[n - 1]} persona en la fila`),
  estimate(seconds) {
    if (seconds === null) return "Ahora mismo no hay nadie disponible; su turno sigue en pie.";
    const minutes = Math.round(seconds / 60);
    return minutes < 1 ? "Falta menos de un minuto" : minutes === 1 ? "Falta cerca de un minuto" : `Faltan unos ${minutes} minutos`;
  },
  turn_kept: "Puede cerrar esta ventana: le guardamos el turno y le avisamos cuando alguien le responda.",
  message_kept: "Su mensaje queda en la fila y será de los primeros en atenderse.",
  leave: "Salir de la fila",

  welcome: "¿En qué le ayudamos?",
  welcome_text: "Escríbanos y una persona del equipo le contesta. Para pedir una cita, el asistente trabaja a toda hora.",
  closed: "Fuera de horario",
  closed_text: "Déjenos su mensaje y será de los primeros chats en atenderse. Para pedir una cita, el asistente trabaja a toda hora.",
  message: "Su mensaje",
  person: "Hablar con una persona",
  leave_message: "Dejar el mensaje",
  go_bot: "Seguir con el asistente",
  urgent: "Si es una urgencia, llame al 123.",
  online_here: "Una persona le responde aquí",

  ended: (when) => `Chat cerrado a las ${when}`,
  rate: (name) => `¿Cómo le fue con ${name}?`,
  scores: ["Muy mal", "Mal", "Regular", "Bien", "Muy bien"],
  comment: "¿Algo que debamos saber?",
  comment_hint: "Opcional. Lo lee el equipo, no queda público.",
  rate_send: "Enviar calificación",
  rate_needed: "Elija de 1 a 5 estrellas.",
  later: "Ahora no",
  rated: "Gracias por calificar este chat.",
  reopen: "Reabrir este chat",
  another: "Empezar otro chat",
  transcript: "Descargar la conversación",
  transcript_head: (name) => `Conversación con ${name}`,

  bot_name: "Asistente de Beneficiate",
  bot_status: "Automático, responde al instante",
  bot_log: "Conversación con el asistente",
  bot_none: "Pida su cita aquí, a cualquier hora",
  bot_none_text: "El asistente le pregunta para quién es, la ciudad, la especialidad y el motivo. Toma un par de minutos y puede seguir después donde la dejó.",
  book: "Pedir una cita",
  bot_typing: "El asistente está respondiendo",
  bot_write: "Respuesta para el asistente",
  bot_placeholder: "Escriba su respuesta",
  bot_step: (step, of) => `Paso ${step} de ${of}`,
  bot_unheard: "No pudimos enviar su respuesta. Inténtelo de nuevo.",
  bot_back: "Volver un paso",
  choices: "Opciones",
  go_chat: "Ir al chat",
  see_plans: "Ver los planes",
  go_there: "Abrir la página",

  visits_none: "Todavía no tiene citas",
  visits_none_text: "Cuando pida una, aquí ve en qué va.",
  groups: { coming: "Próximas", asked: "Por agendar", past: "Anteriores" },
  visit: {
    PENDING: "Pendiente", TO_BE_CONFIRMED: "Por confirmar", CONFIRMED: "Confirmada", RESCHEDULED: "Reprogramada",
    CANCELLED: "Cancelada", EXPIRED: "Vencida", ATTENDED: "Atendida", NO_SHOW: "No asistió",
  },
  what: (specialty, isFirst) => `${specialty}, ${isFirst ? "primera vez" : "control"}`,
  calendar: "Agregar al calendario",
  earlier: "Avisarme si hay antes",
  waits: "Le avisaremos si se libera un horario antes.",
  cancel: "Cancelar",
  cancel_why: "¿Nos cuenta por qué? Es opcional",
  keep: "Conservar la cita",
  cancel_go: "Sí, cancelarla",
  offer: "Se liberó un horario antes",
  offer_text: (specialty, when, professional) => `${specialty ? `Para su cita de ${specialty}: ` : ""}${when}, con ${professional}.`,
  until: (when) => `Se lo guardamos hasta las ${when}`,
  take: "Tomar",
  decline: "No, gracias",
  reminder: "Recuerde su cita",
  reminder_text: (specialty, patient, when, professional) => ended(`${specialty} para ${patient}: ${when}${professional ? `, con ${professional}` : ""}`),

  plan: (name) => (/^plan /i.test(name) ? name : `Plan ${name}`),
  plan_until: (when) => `Vigente hasta el ${when}`,
  days_left: (n) => (n === 1 ? "Le queda 1 día." : `Le quedan ${n} días.`),
  no_plan: "No tiene un plan vigente",
  no_plan_text: "Con un plan pide citas para usted y los suyos.",
  renew: "Renovar mi plan",
  payments: "Ver mis pagos",
  plan_on: "Su plan quedó activo",
  plan_ends: "Su plan se termina pronto",
  plan_over: "Su plan terminó",
  payment: { DECLINED: "El pago no fue aprobado", EXPIRED: "El enlace de pago venció", VOIDED: "El pago fue anulado" },
};
