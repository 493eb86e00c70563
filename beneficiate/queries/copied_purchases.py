"""What a copy has of a member's plans and payments."""

from peewee import ModelSelect

from beneficiate.domain.billing.presentation import MEMBER_PAYMENT_BADGES
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, Plan, PlanEmail, Subscription
from beneficiate.queries.copied_tables import (
    INTERNAL_NOTE,
    OF_TEAM,
    SENDING_FIELDS,
    TECHNICAL,
    CopiedTable,
    read_column,
)
from beneficiate.views.data_copies import PESOS

PAYMENT_STATUS_NAMES = {status: badge.label for status, badge in MEMBER_PAYMENT_BADGES.items()}


def _select_payments(user_id: int) -> ModelSelect:
    return Payment.select().join(Plan).where(Payment.user == user_id)


PURCHASE_TABLES = (
    CopiedTable(
        "subscriptions",
        "Sus planes",
        Subscription,
        lambda user_id: Subscription.select().join(Plan).where(Subscription.user == user_id),
        (Subscription.id,),
        (
            read_column("id", "Número interno", Subscription.id),
            read_column("plan", "Plan", Plan.name, "plan"),
            read_column("payment_id", "Pago", Subscription.payment),
            read_column("part", "Parte", Subscription.part),
            read_column("max_beneficiaries", "Personas además de usted", Subscription.max_beneficiaries),
            read_column("starts_at", "Empieza", Subscription.starts_at),
            read_column("ends_at", "Termina", Subscription.ends_at),
            read_column("created_at", "Registrado", Subscription.created_at),
        ),
    ),
    CopiedTable(
        "payments",
        "Sus pagos",
        Payment,
        _select_payments,
        (Payment.created_at, Payment.id),
        (
            read_column("id", "Número interno", Payment.id),
            read_column("plan", "Plan", Plan.name, "plan"),
            read_column("amount", "Valor en pesos", Payment.amount, kind=PESOS),
            read_column("currency", "Moneda", Payment.currency),
            read_column("duration_days", "Días del plan", Payment.duration_days),
            read_column("max_beneficiaries", "Personas además de usted", Payment.max_beneficiaries),
            read_column("environment", "Ambiente de Wompi", Payment.environment),
            read_column("status", "Estado", Payment.status, names=PAYMENT_STATUS_NAMES),
            read_column("is_open", "Se puede pagar todavía", Payment.is_open),
            read_column("link_id", "Enlace de pago de Wompi", Payment.link_id),
            read_column("link_expires_at", "El enlace vence", Payment.link_expires_at),
            read_column("paid_by", "Transacción con que se pagó", Payment.paid_by),
            read_column("activated_at", "Plan activado", Payment.activated_at),
            read_column("revoked_at", "Plan retirado", Payment.revoked_at),
            read_column("created_at", "Iniciado", Payment.created_at),
            read_column("updated_at", "Último cambio", Payment.updated_at),
        ),
        {
            "activated_by": OF_TEAM,
            "link_claimed_at": TECHNICAL,
            "problem": TECHNICAL,
            "checked_at": TECHNICAL,
            "check_at": TECHNICAL,
        },
    ),
    CopiedTable(
        "transactions",
        "Intentos de pago",
        PaymentTransaction,
        lambda user_id: PaymentTransaction.select().join(Payment).where(Payment.user == user_id),
        (PaymentTransaction.created_at, PaymentTransaction.id),
        (
            read_column("id", "Número de Wompi", PaymentTransaction.id),
            read_column("payment_id", "Pago", PaymentTransaction.payment),
            read_column("status", "Estado", PaymentTransaction.status),
            read_column("amount_in_cents", "Valor en centavos", PaymentTransaction.amount_in_cents),
            read_column("currency", "Moneda", PaymentTransaction.currency),
            read_column("reference", "Referencia", PaymentTransaction.reference),
            read_column("method", "Medio de pago", PaymentTransaction.method),
            read_column("method_detail", "Detalle del medio", PaymentTransaction.method_detail),
            read_column("reason", "Explicación del banco", PaymentTransaction.reason),
            read_column("created_at", "Fecha", PaymentTransaction.created_at),
            read_column("updated_at", "Último cambio", PaymentTransaction.updated_at),
        ),
    ),
    CopiedTable(
        "payment_reviews",
        "Pagos que revisó una persona",
        PaymentReview,
        lambda user_id: PaymentReview.select().join(Payment).where(Payment.user == user_id),
        (PaymentReview.id,),
        (
            read_column("id", "Número interno", PaymentReview.id),
            read_column("payment_id", "Pago", PaymentReview.payment),
            read_column("kind", "Por qué", PaymentReview.kind),
            read_column("transaction_id", "Transacción", PaymentReview.transaction_id),
            read_column("opened_at", "Abierta", PaymentReview.opened_at),
            read_column("resolved_at", "Resuelta", PaymentReview.resolved_at),
        ),
        {"resolved_by": OF_TEAM, "note": INTERNAL_NOTE},
    ),
    CopiedTable(
        "plan_emails",
        "Correos sobre sus planes",
        PlanEmail,
        lambda user_id: PlanEmail.select().join(Plan).where(PlanEmail.user == user_id),
        (PlanEmail.id,),
        (
            read_column("id", "Número interno", PlanEmail.id),
            read_column("kind", "Cuál", PlanEmail.kind),
            read_column("plan", "Plan", Plan.name, "plan"),
            read_column("payment_id", "Pago", PlanEmail.payment),
            read_column("ends_at", "El plan termina", PlanEmail.ends_at),
            read_column("created_at", "Escrito", PlanEmail.created_at),
            read_column("sent_at", "Enviado", PlanEmail.sent_at),
        ),
        {"key": TECHNICAL, **SENDING_FIELDS},
    ),
)
"""In the order in which a member reads them."""
