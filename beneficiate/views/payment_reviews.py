"""Reviews of payments in words: why a person must look at one, and what to do."""

from dataclasses import dataclass

from beneficiate.domain.billing.outcome import ReviewKind


@dataclass(frozen=True)
class ReviewText:
    """Why a person must look at a payment: in two words, in a sentence, and what to do."""

    name: str
    title: str
    instruction: str


REVIEW_TEXTS: dict[str, ReviewText] = {
    ReviewKind.DOUBLE_CHARGE: ReviewText(
        "Cobro doble",
        "Hay dos cobros aprobados",
        "El plan se activó una sola vez. Devuelva uno de los cobros en el panel de Wompi y escriba aquí qué hizo.",
    ),
    ReviewKind.WRONG_AMOUNT: ReviewText(
        "Otro valor",
        "El valor o la moneda no es el del plan",
        "El plan no se activó. Revise el cobro en el panel de Wompi: devuélvalo o acuerde con la persona qué hacer.",
    ),
    ReviewKind.VOIDED: ReviewText(
        "Anulado por Wompi",
        "Wompi anuló este pago",
        "El plan se retiró. Revise el motivo en el panel de Wompi y cuénteselo a la persona.",
    ),
    ReviewKind.LATE_APPROVAL: ReviewText(
        "Pago tardío",
        "Llegó un pago aprobado después de la anulación",
        "El plan sigue retirado. Devuelva este cobro en el panel de Wompi; si la persona quiere el plan, puede "
        "comprarlo de nuevo.",
    ),
    ReviewKind.TWO_PLANS: ReviewText(
        "Dos compras",
        "Se aprobaron dos compras a la vez",
        "Esta compra estaba en curso cuando se aprobó otra de la misma persona, y los dos planes quedaron pagos. "
        "Pregúntele si quería ambos; si no, devuelva uno de los cobros en el panel de Wompi y escriba aquí qué hizo.",
    ),
    ReviewKind.LINK_MISMATCH: ReviewText(
        "Enlace distinto",
        "Wompi creó un enlace distinto al pedido",
        "Revise ese enlace en el panel de Wompi: desactívelo y compruebe que nadie lo haya pagado.",
    ),
}


def review_name(kind: str) -> str:
    """Return the kind of a review in two words; an unknown one as it is."""
    return REVIEW_TEXTS[kind].name if kind in REVIEW_TEXTS else kind
