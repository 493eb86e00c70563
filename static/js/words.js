// Every sentence that a script of ours shows.

export const words = {
  reconnecting: "Reconectando… Sus mensajes se guardan y se envían al volver.",
  connecting: "Conectando…",
  stopped: {
    signed_out: "Su sesión terminó. Lo que escribió está guardado: ingrese de nuevo para enviarlo.",
    revoked: "Su cuenta ya no tiene acceso. Si no lo esperaba, hable con quien se la dio.",
    abuse: "Cerramos la conexión porque llegaron demasiados mensajes con errores. Recargue la página para seguir.",
    too_many: "Beneficiate está abierto en demasiadas ventanas. Esta quedó desconectada: cierre otras y recárguela para seguir aquí.",
  },
  typing: (name) => `${name} está escribiendo`,
  failed: (why) => `No se envió. ${why}`.trim(),
  left: (n) => (n === 1 ? "Le queda 1 carácter." : `Le quedan ${n} caracteres.`),
  over: (n) => (n === 1 ? "Sobra 1 carácter. Divida el mensaje en dos." : `Sobran ${n} caracteres. Divida el mensaje en dos.`),
  no_network: "No hay conexión. Intente de nuevo en un momento.",
  team: "Equipo",
  your_agent: "Equipo de Beneficiate",
  open_chat: "Conversación abierta",
  closed_chat: (when) => `Cerrada · ${when}`,
  bot: "Asistente",
  bot_initials: "A",
};
