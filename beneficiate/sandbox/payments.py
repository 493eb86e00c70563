"""Processing of transactions: PENDING, settled after a moment, perhaps voided; each final status sends an event."""

import asyncio

from beneficiate.sandbox.account import MerchantAccount
from beneficiate.sandbox.background_tasks import BackgroundTasks
from beneficiate.sandbox.errors import Unprocessable
from beneficiate.sandbox.events import EventSender
from beneficiate.sandbox.methods import PaymentInput
from beneficiate.sandbox.objects import (
    APPROVED,
    CARD,
    DECLINED,
    ERROR,
    PENDING,
    VOIDED,
    PaymentLink,
    SandboxTransaction,
    now_iso,
)

STATUS_MESSAGES = {
    DECLINED: "La transacción fue rechazada (Sandbox)",
    ERROR: "Hubo un error al procesar la transacción (Sandbox)",
    VOIDED: "La transacción fue anulada (Sandbox)",
}
ALREADY_PAID = "El link ya había recibido su pago (Sandbox)"


class PaymentProcessor:
    """Processes payments over links."""

    def __init__(
        self, account: MerchantAccount, events: EventSender, background_tasks: BackgroundTasks, settle_s: float
    ) -> None:
        self._account = account
        self._events = events
        self._background_tasks = background_tasks
        self._settle_s = settle_s
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._voiding: set[str] = set()

    def start_payment(self, link: PaymentLink, payment: PaymentInput, retried: str = "") -> SandboxTransaction:
        """Start a payment. A background task settles it; `wait_until_settled` waits for that."""
        transaction = self._account.make_transaction(link, payment, retried)
        self._settling[transaction.id] = self._background_tasks.spawn(self._settle_later(transaction, link, payment))
        return transaction

    async def wait_until_settled(self, transaction: SandboxTransaction, patience_s: float) -> None:
        """Wait for the final status, at most `patience_s` seconds."""
        task = self._settling.get(transaction.id)
        if task is not None:
            await asyncio.wait({task}, timeout=patience_s)

    def settle_transaction(
        self, transaction: SandboxTransaction, status: str, message: str | None = None, *, is_silent: bool = False
    ) -> None:
        """Set the final status of a transaction and send the event, which is lost when `is_silent`."""
        transaction.status = status
        transaction.status_message = message or STATUS_MESSAGES.get(status)
        transaction.finalized_at = now_iso()
        self._events.send_event(transaction, is_lost=is_silent)

    def answer_as_bank(self, transaction: SandboxTransaction, status: str) -> None:
        """Give the answer of a bank that has not answered. Raises Unprocessable."""
        if transaction.status != PENDING or transaction.id in self._settling:
            raise Unprocessable("La transacción ya no espera la respuesta del banco")
        self.settle_transaction(transaction, status)

    def void_transaction(self, transaction: SandboxTransaction) -> None:
        """Void a card payment; it still reads APPROVED for `settle_s` seconds. Raises Unprocessable."""
        if transaction.status != APPROVED or transaction.payment_method_type != CARD:
            raise Unprocessable("Solo se anulan transacciones aprobadas con tarjeta")
        if transaction.id in self._voiding:
            raise Unprocessable("La anulación ya está en curso")
        self._voiding.add(transaction.id)
        self._background_tasks.spawn(self._void_later(transaction))

    async def _settle_later(self, transaction: SandboxTransaction, link: PaymentLink, payment: PaymentInput) -> None:
        await asyncio.sleep(self._settle_s)
        del self._settling[transaction.id]
        if transaction.status != PENDING or payment.outcome == PENDING:
            return
        if payment.outcome == APPROVED and self._account.is_paid(link):
            self.settle_transaction(transaction, DECLINED, ALREADY_PAID)
        else:
            self.settle_transaction(transaction, payment.outcome, is_silent=payment.is_silent)

    async def _void_later(self, transaction: SandboxTransaction) -> None:
        await asyncio.sleep(self._settle_s)
        self._voiding.discard(transaction.id)
        self.settle_transaction(transaction, VOIDED)
