"""Payments for programs: making one, asking about it, and the event that Wompi sends."""

from datetime import timedelta

import msgspec

from beneficiate.actions import payments, wompi_events
from beneficiate.domain.billing.signature import SignedEvent, verify_event
from beneficiate.errors import Internal, InvalidSignature, NotConfigured, Problem, TooLarge, Unavailable
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import MAX_BODY_BYTES, BaseHandler
from beneficiate.limits import network_of
from beneficiate.protocol.envelope import Id
from beneficiate.protocol.payments import PaymentPayload
from beneficiate.queries import payments as payment_queries
from beneficiate.queries.wompi_events import PendingEvent
from beneficiate.services.payments import CheckoutLink

CHECKSUM_HEADER = "X-Event-Checksum"


class CreatePaymentBody(msgspec.Struct):
    """The plan to buy."""

    planId: Id  # noqa: N815  a name of the wire


class PendingPayment(msgspec.Struct):
    """A payment of another plan that a bank has not answered yet; `amount` is in whole pesos."""

    id: str
    planName: str  # noqa: N815  a name of the wire
    amount: int


class CheckoutData(msgspec.Struct, omit_defaults=True):
    """What a client needs to send its member to Wompi.

    `pendingPayment`, when it is there: if this one is paid too and the bank approves that one, both are charged. The
    client must say so before it sends its member on.
    """

    transactionId: str  # noqa: N815  names of the wire
    publicKey: str  # noqa: N815
    redirectUrl: str  # noqa: N815
    pendingPayment: PendingPayment | None = None  # noqa: N815


async def check_payments(handler: BaseHandler, payment_id: str | None = None) -> None:
    """Ask Wompi about a payment of the actor, or about all that no plan came of, for a short time."""
    if handler.context.settings.takes_payments:
        await handler.context.requested_checks.check(handler.actor, payment_id)


async def start_checkout(handler: BaseHandler, plan_id: int) -> CheckoutLink:
    """Open a payment for the actor. Raises what `PaymentService.create_checkout` raises, Unavailable without keys."""
    settings = handler.context.settings
    if not settings.takes_payments:
        raise Unavailable("Los pagos no están disponibles en este momento.")
    lifetime = timedelta(minutes=settings.link_minutes)
    purchase = payments.Purchase(plan_id, settings.wompi_environment, lifetime, settings.own_url)
    return await handler.context.payments.create_checkout(purchase, handler.actor)


class CreatePaymentHandler(ApiHandler):
    """`POST payments/create`: the open payment of a plan, or a new one, with the address where it is paid.

    Wompi is asked first whether a bank still has another payment of the member.
    """

    request_type, response_type = CreatePaymentBody, CheckoutData

    async def post(self) -> None:
        plan_id = self.read_body(CreatePaymentBody).planId
        await check_payments(self)
        checkout = await start_checkout(self, plan_id)
        found = await self.run_query(payment_queries.find_pending_purchase, plan_id)
        pending = PendingPayment(found.payment_id, found.plan_name, found.amount) if found else None
        settings = self.context.settings
        url = settings.checkout_url(checkout.link_id)
        self.write_success(CheckoutData(checkout.payment_id, settings.wompi_public_key, url, pending), status=201)


class PaymentDetailsHandler(ApiHandler):
    """`GET payments/verify-details/:id`: a payment as Wompi has it, or as it is known here if Wompi is slow."""

    response_type = PaymentPayload

    async def get(self, payment_id: str) -> None:
        await check_payments(self, payment_id)
        self.write_success(await self.run_query(payment_queries.load_payment, payment_id))


class PaymentHistoryHandler(ApiHandler):
    """`GET payments/history`: one's own payments, the newest first."""

    response_type = list[PaymentPayload]

    async def get(self) -> None:
        self.write_success(await self.run_query(payment_queries.list_own_payments))


class WompiWebhookHandler(ApiHandler):
    """`POST payments/webhook/wompi`: an event of Wompi, answered with 200 once it is committed.

    Any other answer makes Wompi send it again, at most three times: https://docs.wompi.co/docs/colombia/eventos/.
    """

    async def post(self) -> None:
        event = await self._verify_event()
        stored = await self.run_action(
            wompi_events.store_event, wompi_events.StoreEvent(event, self.request.body.decode())
        )
        if not stored.is_done:
            await self.context.payments.process_event_in_time(
                PendingEvent(stored.event_id, event.transaction_id, event.status)
            )
        self.write_success(None)

    async def _verify_event(self) -> SignedEvent:
        """Return the event of the body. Raises NotConfigured, TooLarge, InvalidSignature, or RateLimited."""
        settings = self.context.settings
        if not settings.wompi_events_secret:
            raise NotConfigured
        if len(self.request.body) > MAX_BODY_BYTES:
            raise TooLarge
        header = self.request.headers.get(CHECKSUM_HEADER, "")
        try:
            return verify_event(self.request.body, header, settings.wompi_environment, settings.wompi_events_secret)
        except InvalidSignature:
            # Verified first: whatever others send from the same network, Wompi's own events are taken.
            await self.context.limiters.webhook_failures.acquire(network_of(self.remote_address))
            raise

    def write_problem(self, problem: Problem) -> None:
        """Answer an event that cannot be stored with 500, whatever the reason, as the contract with Wompi has it."""
        super().write_problem(Internal() if isinstance(problem, Unavailable) else problem)
