"""The members' pages about money: plans, a purchase, a payment, the history, a receipt."""

from typing import Any

from beneficiate.errors import Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.payments import start_checkout
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import catalogue, payments, site_frame
from beneficiate.queries.accounts import load_payer
from beneficiate.settings import origin_of


class SitePage(SignedInPage):
    """A page of the members' site."""

    async def render_site_page(self, template: str, **context: Any) -> None:
        """Answer with a template of the site and what all of them need."""
        is_test = self.context.settings.wompi_environment == "test"
        await self.render_template(
            template, is_test=is_test, **await self.run_query(site_frame.load_site_frame), **context
        )


class PlansPage(SitePage):
    """`/planes?plan=`."""

    async def get(self) -> None:
        asked = self.get_query_argument("plan", "")
        chosen = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        await self.render_site_page(
            "payments/plans.html", plans=await self.run_query(catalogue.list_plans), chosen=chosen
        )


class NewPaymentPage(SitePage):
    """`/pagos/nuevo?plan=`: what it costs and brings, and on to Wompi."""

    @property
    def form_targets(self) -> str:
        return f"{super().form_targets} {origin_of(self.context.settings.wompi_checkout_url)}"

    async def get(self) -> None:
        await self._render(None)

    async def post(self) -> None:
        try:
            checkout = await start_checkout(self, self._plan_id)
        except Problem as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self._render(problem)
            return
        self.redirect(self.context.settings.checkout_url(checkout.link_id), status=303)

    @property
    def _plan_id(self) -> int:
        return parse_id(self.get_argument("plan", ""))

    async def _render(self, problem: Problem | None) -> None:
        quote = await self.run_query(payments.quote_plan, self._plan_id)
        open_payment_id = await self.run_query(payments.find_open_payment_id, self._plan_id)
        await self.render_site_page("payments/new.html", quote=quote, problem=problem, open_payment_id=open_payment_id)


class PaymentsPage(SitePage):
    """`/pagos`."""

    async def get(self) -> None:
        await self.render_site_page(
            "payments/history.html", payments=await self.run_query(payments.list_own_payment_views)
        )


class PaymentPage(SitePage):
    """`/pagos/:id`: where Wompi sends the browser back to. What is in the address says nothing about the payment."""

    template_name = "payments/payment.html"

    async def get(self, payment_id: str) -> None:
        payment = await self.run_query(payments.load_own_payment, payment_id)
        checkout_url = self.context.settings.checkout_url(payment.link_id) if payment.link_id else None
        has_returned = bool(self.get_query_argument("id", ""))
        await self.render_site_page(
            self.template_name, payment=payment, checkout_url=checkout_url, has_returned=has_returned
        )


class PaymentStatePartial(PaymentPage):
    """`/pagos/:id/estado`: the state alone, drawn by the partial that the page uses."""

    template_name = "payments/_state.html"


class ReceiptPage(SitePage):
    """`/pagos/:id/recibo`."""

    async def get(self, payment_id: str) -> None:
        payment = await self.run_query(payments.load_receipt, payment_id)
        await self.render_site_page("payments/receipt.html", payment=payment, payer=await self.run_query(load_payer))
