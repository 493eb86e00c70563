// The sentences of the pages of payments.

export const paymentMessages = {
  resolve: "Quedó resuelto.",
  activate: "El plan quedó activo.",
  release: "Quedó libre: la persona ya puede intentar de nuevo.",
  gone: "No encontramos ese pago.",
  not_saved: "No pudimos guardarlo. Lo que escribió sigue aquí: intente de nuevo en un momento.",
};
