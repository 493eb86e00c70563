"""Payments for programs: making one, asking about it, and the event that Wompi sends."""

from datetime import timedelta

import msgspec

from beneficiate.actions import payments, wompi_events
from beneficiate.billing.signature import verify
from beneficiate.errors import Internal, NotConfigured, Problem, TooLarge, Unavailable
from beneficiate.gateways.cashier import Checkout
from beneficiate.pages.api import ApiDoor
from beneficiate.pages.base import BODY_BYTES, Door
from beneficiate.protocol.envelope import Id
from beneficiate.protocol.payments import PaymentPicture
from beneficiate.queries import payments as pictures

CHECKSUM_HEADER = "X-Event-Checksum"


class PlanBody(msgspec.Struct):
    planId: Id  # noqa: N815  a name of the wire


class CheckoutData(msgspec.Struct):
    transactionId: str  # noqa: N815  names of the wire
    publicKey: str  # noqa: N815
    redirectUrl: str  # noqa: N815


async def begin_checkout(door: Door, plan_id: int) -> Checkout:
    """Open a payment for whoever came. Raises what `Cashier.checkout` raises, Unavailable without keys."""
    settings = door.house.settings
    if not settings.takes_payments:
        raise Unavailable("Los pagos no están disponibles en este momento.")
    lasts = timedelta(minutes=settings.link_minutes)
    purchase = payments.Purchase(plan_id, settings.wompi_environment, lasts, settings.own_url)
    return await door.house.cashier.checkout(purchase, door.actor)


class CreatePayment(ApiDoor):
    """`POST payments/create`: the open payment of a plan, or a new one, with the address where it is paid."""

    reads, gives = PlanBody, CheckoutData

    async def post(self) -> None:
        checkout = await begin_checkout(self, self.body(PlanBody).planId)
        settings = self.house.settings
        url = settings.checkout_url(checkout.link_id)
        self.succeed(CheckoutData(checkout.payment_id, settings.wompi_public_key, url), status=201)


class PaymentDetails(ApiDoor):
    """`GET payments/verify-details/:id`: a payment as it is known here. Asking changes nothing."""

    gives = PaymentPicture

    async def get(self, payment_id: str) -> None:
        self.succeed(await self.look(pictures.details, payment_id))


class PaymentHistory(ApiDoor):
    """`GET payments/history`: one's own payments, the newest first."""

    gives = list[PaymentPicture]

    async def get(self) -> None:
        self.succeed(await self.look(pictures.history))


class WompiWebhook(ApiDoor):
    """`POST payments/webhook/wompi`: an event of Wompi, answered with 200 once it is committed.

    Any other answer makes Wompi send it again, at most three times: https://docs.wompi.co/docs/colombia/eventos/.
    """

    async def post(self) -> None:
        settings = self.house.settings
        if not settings.wompi_events_secret:
            raise NotConfigured
        body = self.request.body
        if len(body) > BODY_BYTES:
            raise TooLarge
        header = self.request.headers.get(CHECKSUM_HEADER, "")
        event = verify(body, header, settings.wompi_environment, settings.wompi_events_secret)
        kept = await self.do(wompi_events.keep, wompi_events.Keep(event, body.decode()))
        if not kept.is_done:
            await self.house.cashier.attempt(wompi_events.Due(kept.event_id, event.transaction_id, event.status))
        self.succeed(None)

    def say_problem(self, problem: Problem) -> None:
        """What we cannot keep is answered with 500, whatever the reason, as the contract with Wompi has it."""
        super().say_problem(Internal() if isinstance(problem, Unavailable) else problem)
