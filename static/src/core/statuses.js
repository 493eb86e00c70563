// Printed by `make protocol` from beneficiate/domain: statuses and what people read of them. Do not edit.
export const APPOINTMENT_LABELS = /* @__PURE__ */ Object.freeze({
  PENDING: "Pendiente",
  TO_BE_CONFIRMED: "Por confirmar",
  CONFIRMED: "Confirmada",
  RESCHEDULED: "Reprogramada",
  CANCELLED: "Cancelada",
  EXPIRED: "Vencida",
  ATTENDED: "Atendida",
  NO_SHOW: "No asistió",
});
export const APPOINTMENT_NEWS = /* @__PURE__ */ Object.freeze({
  PENDING: "quedó pendiente de horario",
  TO_BE_CONFIRMED: "quedó por confirmar",
  CONFIRMED: "quedó confirmada",
  RESCHEDULED: "quedó reprogramada",
  CANCELLED: "fue cancelada",
  ATTENDED: "quedó como atendida",
  NO_SHOW: "quedó como no asistida",
});
export const OPEN_APPOINTMENT_STATUSES = /* @__PURE__ */ Object.freeze(["PENDING", "TO_BE_CONFIRMED", "CONFIRMED", "RESCHEDULED"]);
export const PAYMENT_NOTICES = /* @__PURE__ */ Object.freeze({
  PENDING: "Estamos confirmando su pago",
  DECLINED: "El pago no fue aprobado",
  EXPIRED: "El enlace de pago venció",
  VOIDED: "El pago fue anulado",
});
export const UNSETTLED_PAYMENT_STATUSES = /* @__PURE__ */ Object.freeze(["PENDING", "UNKNOWN", "DECLINED", "EXPIRED"]);
