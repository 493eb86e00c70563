"""The members' pages about money: plans, a purchase, a payment, the history, a receipt."""

from typing import Any

from beneficiate.errors import Problem
from beneficiate.pages.api import path_id
from beneficiate.pages.payments import begin_checkout
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.queries import catalogue, payments, site
from beneficiate.queries.accounts import payer
from beneficiate.settings import origin_of


class SitePage(SignedInPage):
    """A page of the members' site."""

    async def draw_site(self, template: str, **context: Any) -> None:
        """Answer with a template of the site and what all of them need."""
        is_test = self.house.settings.wompi_environment == "test"
        await self.draw(template, is_test=is_test, **await self.look(site.frame), **context)


class PlansPage(SitePage):
    """`/planes?plan=`."""

    async def get(self) -> None:
        asked = self.get_query_argument("plan", "")
        chosen = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        await self.draw_site("payments/plans.html", plans=await self.look(catalogue.plans), chosen=chosen)


class NewPayment(SitePage):
    """`/pagos/nuevo?plan=`: what it costs and brings, and on to Wompi."""

    @property
    def form_targets(self) -> str:
        return f"{super().form_targets} {origin_of(self.house.settings.wompi_checkout_url)}"

    async def get(self) -> None:
        await self._draw(None)

    async def post(self) -> None:
        try:
            checkout = await begin_checkout(self, self._plan_id)
        except Problem as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self._draw(problem)
            return
        self.redirect(self.house.settings.checkout_url(checkout.link_id), status=303)

    @property
    def _plan_id(self) -> int:
        return path_id(self.get_argument("plan", ""))

    async def _draw(self, problem: Problem | None) -> None:
        quote = await self.look(payments.quote, self._plan_id)
        open_payment_id = await self.look(payments.open_payment_of, self._plan_id)
        await self.draw_site("payments/new.html", quote=quote, problem=problem, open_payment_id=open_payment_id)


class PaymentsPage(SitePage):
    """`/pagos`."""

    async def get(self) -> None:
        await self.draw_site("payments/history.html", payments=await self.look(payments.all_own))


class PaymentPage(SitePage):
    """`/pagos/:id`: where Wompi sends the browser back to. What is in the address says nothing about the payment."""

    template = "payments/payment.html"

    async def get(self, payment_id: str) -> None:
        payment = await self.look(payments.own, payment_id)
        checkout_url = self.house.settings.checkout_url(payment.link_id) if payment.link_id else None
        has_returned = bool(self.get_query_argument("id", ""))
        await self.draw_site(self.template, payment=payment, checkout_url=checkout_url, has_returned=has_returned)


class PaymentState(PaymentPage):
    """`/pagos/:id/estado`: the state alone, drawn by the partial that the page uses."""

    template = "payments/_state.html"


class ReceiptPage(SitePage):
    """`/pagos/:id/recibo`."""

    async def get(self, payment_id: str) -> None:
        payment = await self.look(payments.receipt, payment_id)
        await self.draw_site("payments/receipt.html", payment=payment, payer=await self.look(payer))
