"""Payments and periods of the old service.

A purchase stands in `payments`, in `user_transactions` or in both, with the same transaction id. Periods of one member
may overlap there and never do here (docs/decisions/0045).
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from beneficiate.domain.administration import is_valid_line
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, ERROR, EXPIRED, PENDING, VOIDED
from beneficiate.domain.legacy.people import NO_MEMBER, USERS
from beneficiate.domain.legacy.plans import NEW, PRESENT, REFUSED, ImportContext, ImportOutcome, OldRow
from beneficiate.domain.legacy.products import PLANS
from beneficiate.domain.legacy.values import (
    Refused,
    fold_word,
    parse_amount,
    repair_line,
    to_instant,
)

PAYMENTS, TRANSACTIONS = "payments", "user_transactions"
RUNNING_PLANS = "users.plan_id"
NO_PERIOD = "Tiene un plan sin fechas, y ningún pago suyo cubre hoy: queda sin plan."
NO_PLAN = "El plan que compró no se importó."
SAME_TRANSACTION = "Otro pago tiene la misma transacción."
UNKNOWN_STATUS = "Su estado no es uno de los conocidos."
NO_DATES = "Es un pago aprobado sin fechas: no se sabe qué días cubrió, y no le da un plan."
PRODUCTION = "prod"
CURRENCY = "COP"
MAX_ID_CHARS, MAX_REFERENCE_CHARS, MAX_METHOD_CHARS = 64, 255, 32
_NAMESPACE = uuid.UUID("5b1c2c0e-6d0a-4b6e-9b8f-3f1f7f0f2a45")
"""Of the ids of imported payments: the same row has the same id in every run."""
_STATUSES = {
    APPROVED: "approved aprobado aprobada paid pagado pagada completed completado completada success successful "
    "succeeded exitoso exitosa active activo activa",
    PENDING: "pending pendiente inprocess enproceso processing created creado creada",
    DECLINED: "declined declinado declinada rejected rechazado rechazada failed fallido fallida denied negado negada",
    ERROR: "error",
    VOIDED: "voided anulado anulada refunded reembolsado reembolsada devuelto devuelta reversed reversado reversada",
    EXPIRED: "expired vencido vencida expirado expirada cancelled canceled cancelado cancelada",
}
_STATUS_OF_WORD = {word: status for status, words in _STATUSES.items() for word in words.split()}


def plan_purchases(rows: Sequence[OldRow], context: ImportContext) -> Iterable[ImportOutcome]:
    """Return the payments of a user with their attempts and periods, in the order in which the periods begin."""
    for row in rows:
        outcome = ImportOutcome(PAYMENTS, str(row["id"]), NEW)
        payment_id = context.index.get(PAYMENTS, outcome.old_id)
        if payment_id is None:
            try:
                _plan_payment(row, context, outcome)
            except Refused as problem:
                outcome = ImportOutcome(PAYMENTS, outcome.old_id, REFUSED, problem.reason)
        else:
            outcome.result = PRESENT
        yield outcome
        if row["t_id"] is not None:
            yield _plan_joined_transaction(row, context, outcome)


def plan_transaction(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return a purchase of which there is only the transaction: it has no period."""
    old_id = str(row["id"])
    outcome = ImportOutcome(TRANSACTIONS, old_id, NEW)
    user_id, plan_id = _find_buyer(row["t_user_id"], row["t_plan_id"], context)
    at = to_instant(row["t_created_at"], context.zone) or context.now
    status = _transaction_status(row, outcome)
    if status == APPROVED:
        outcome.lose(NO_DATES)
    payment_id = _payment_id(TRANSACTIONS, old_id)
    pesos, _ = parse_amount(row["t_amount"])
    _insert_payment(outcome, context, payment_id, (user_id, plan_id, pesos), status, at, _transaction_id(row))
    _insert_attempt(outcome, context, payment_id, row, status, at)
    context.note_import(outcome, payment_id)
    return outcome


def check_running_plan(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return that the plan of a user, which has no dates, is lost unless a payment covers today."""
    covered_until = context.index.get("covered_until", context.find_new_id(USERS, row["user_id"]))
    is_lost = context.find_new_id(USERS, row["user_id"]) is not None and (
        covered_until is None or covered_until <= context.now
    )
    return ImportOutcome(RUNNING_PLANS, str(row["id"]), REFUSED if is_lost else PRESENT, NO_PERIOD if is_lost else "")


def place_period(
    starts_at: datetime, ends_at: datetime, covered_until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """Return where a period goes whose member has plans until `covered_until`.

    What has passed is not given again; days that are still to come are kept, behind those of the other plans.
    """
    first = max(starts_at, covered_until or starts_at)
    if first > now:
        return first, first + (ends_at - max(starts_at, now)) if ends_at > now else first
    return first, max(first, ends_at)


def parse_payment_status(value: object) -> str | None:
    """Return the status that a free text names, None if it is none that is known."""
    return _STATUS_OF_WORD.get(fold_word(value))


def _plan_payment(row: OldRow, context: ImportContext, outcome: ImportOutcome) -> None:
    """Add what a payment becomes. Raises Refused."""
    user_id, plan_id = _find_buyer(row["user_id"], row["plan_id"], context)
    pesos, cents = parse_amount(row["amount"])
    if cents != pesos * 100:
        outcome.lose("El valor tenía centavos y se redondeó a pesos.")
    transaction_id = _transaction_id(row)
    if transaction_id and context.index.get("transaction", transaction_id) is not None:
        raise Refused(SAME_TRANSACTION)
    status = _payment_status(row, outcome)
    starts_at, ends_at = _read_period(row, context, plan_id, outcome)
    at = to_instant(row["created_at"], context.zone) or starts_at or context.now
    payment_id = _payment_id(PAYMENTS, outcome.old_id)
    _insert_payment(outcome, context, payment_id, (user_id, plan_id, pesos), status, at, transaction_id)
    if transaction_id:
        _insert_attempt(outcome, context, payment_id, row, status, at)
    if status == APPROVED and starts_at is not None and ends_at is not None:
        _insert_period(outcome, context, (user_id, plan_id, payment_id), starts_at, ends_at)
    elif status == APPROVED:
        outcome.lose(NO_DATES)
    context.note_import(outcome, payment_id)


def _plan_joined_transaction(row: OldRow, context: ImportContext, payment: ImportOutcome) -> ImportOutcome:
    """Return what becomes of the transaction of a payment: it is in the payment, or refused with it."""
    old_id = str(row["t_id"])
    if context.index.get(TRANSACTIONS, old_id) is not None:
        return ImportOutcome(TRANSACTIONS, old_id, PRESENT, old_ids=() if payment.result == REFUSED else None)
    if payment.result == REFUSED:
        return ImportOutcome(TRANSACTIONS, old_id, REFUSED, "Su pago no se importó.")
    outcome = ImportOutcome(TRANSACTIONS, old_id, NEW)
    context.note_import(outcome, context.index.get(PAYMENTS, payment.old_id))
    return outcome


def _payment_status(row: OldRow, outcome: ImportOutcome) -> str:
    """Return the status of a payment: that of its transaction, if there is one. Raises Refused."""
    if row["t_id"] is not None:
        return _transaction_status(row, outcome)
    status = parse_payment_status(row["status"])
    if status is None:
        raise Refused(UNKNOWN_STATUS)
    return _settled_status(status, outcome)


def _read_period(
    row: OldRow, context: ImportContext, plan_id: int, outcome: ImportOutcome
) -> tuple[datetime | None, datetime | None]:
    """Return from when to when a payment counts; without an end, as long as its plan does."""
    starts_at, ends_at = to_instant(row["start_date"], context.zone), to_instant(row["end_date"], context.zone)
    if starts_at is not None and (ends_at is None or ends_at <= starts_at):
        days, _ = context.index.get("plan_terms", plan_id)
        outcome.lose("No decía cuándo terminaba: se contó la duración del plan.")
        return starts_at, starts_at + timedelta(days=days)
    return starts_at, ends_at


def _find_buyer(old_user_id: object, old_plan_id: object, context: ImportContext) -> tuple[int, int]:
    user_id, plan_id = context.find_new_id(USERS, old_user_id), context.find_new_id(PLANS, old_plan_id)
    if user_id is None:
        raise Refused(NO_MEMBER)
    if plan_id is None:
        raise Refused(NO_PLAN)
    return user_id, plan_id


def _transaction_status(row: OldRow, outcome: ImportOutcome) -> str:
    """Return the status of a transaction: what Wompi said last. Raises Refused for one that nobody knows."""
    status = parse_payment_status(row["t_wompi_status"]) or parse_payment_status(row["t_status"])
    if status is None:
        raise Refused(UNKNOWN_STATUS)
    if status == APPROVED and row["t_is_valid"] is False:
        outcome.lose("Decía aprobada y no válida: queda rechazada.")
        return DECLINED
    return _settled_status(status, outcome)


def _settled_status(status: str, outcome: ImportOutcome) -> str:
    """Return a status in which nothing is expected any more: nobody asks Wompi about old payments."""
    if status == PENDING:
        outcome.lose("Estaba pendiente: queda vencido, revíselo en Wompi si el afiliado dice que pagó.")
        return EXPIRED
    return DECLINED if status == ERROR else status


def _insert_payment(
    outcome: ImportOutcome,
    context: ImportContext,
    payment_id: str,
    purchase: tuple[int, int, int],
    status: str,
    at: datetime,
    transaction_id: str,
) -> None:
    user_id, plan_id, pesos = purchase
    days, people = context.index.get("plan_terms", plan_id)
    is_paid = status in (APPROVED, VOIDED)
    outcome.insert(
        "payments",
        id=payment_id,
        user_id=user_id,
        plan_id=plan_id,
        amount=pesos,
        currency=CURRENCY,
        duration_days=days,
        max_beneficiaries=people,
        environment=PRODUCTION,
        status=status,
        is_open=False,
        link_expires_at=at,
        paid_by=(transaction_id or None) if is_paid else None,
        activated_at=at if is_paid else None,
        revoked_at=at if status == VOIDED else None,
        created_at=at,
        updated_at=at,
    )


def _insert_attempt(
    outcome: ImportOutcome, context: ImportContext, payment_id: str, row: OldRow, status: str, at: datetime
) -> None:
    transaction_id = _transaction_id(row)
    if not transaction_id or context.index.get("transaction", transaction_id) is not None:
        raise Refused(SAME_TRANSACTION if transaction_id else "No tiene un id de transacción de 1 a 64 letras.")
    has_row = row["t_id"] is not None
    _, cents = parse_amount(row["t_amount"] if has_row else row["amount"])
    currency = repair_line(row["t_currency"])[:8].upper() or CURRENCY
    outcome.insert(
        "transactions",
        id=transaction_id,
        payment_id=payment_id,
        status=status,
        amount_in_cents=cents,
        currency=currency,
        reference=repair_line(row["t_reference"])[:MAX_REFERENCE_CHARS],
        method=repair_line(row["t_payment_method"] or row["payment_method"])[:MAX_METHOD_CHARS].upper(),
        created_at=at,
        updated_at=at,
    )
    context.index.put("transaction", transaction_id, payment_id)


def _insert_period(
    outcome: ImportOutcome, context: ImportContext, of: tuple[int, int, str], starts_at: datetime, ends_at: datetime
) -> None:
    user_id, plan_id, payment_id = of
    _, people = context.index.get("plan_terms", plan_id)
    first, last = place_period(starts_at, ends_at, context.index.get("covered_until", user_id), context.now)
    if (first, last) != (starts_at, ends_at):
        outcome.lose("Se cruzaba con otro período: empieza cuando termina el anterior.")
    outcome.insert(
        "subscriptions",
        user_id=user_id,
        plan_id=plan_id,
        payment_id=payment_id,
        max_beneficiaries=people,
        starts_at=first,
        ends_at=last,
        created_at=starts_at,
    )
    context.index.put("covered_until", user_id, max(last, context.index.get("covered_until", user_id) or last))


def _transaction_id(row: OldRow) -> str:
    """Return Wompi's id of a purchase, empty if there is none that can be stored."""
    found = repair_line(row["t_transaction_id"] or row["transaction_id"])
    return found if is_valid_line(found, MAX_ID_CHARS) else ""


def _payment_id(table: str, old_id: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{table}/{old_id}"))
