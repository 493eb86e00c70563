"""The members' pages about money: plans, a purchase, a payment, the history, a receipt."""

from beneficiate.errors import Conflict, Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.payments import check_payments, start_checkout
from beneficiate.queries import payments
from beneficiate.queries.accounts import load_payer
from beneficiate.views import payments as views
from beneficiate.views.plans import LOCKED_PROBLEMS, CheckoutForm, PlansOverview


class PlansPage(SitePage):
    """`/planes?plan=`."""

    async def get(self) -> None:
        plan_id = self.get_query_argument("plan", "")
        chosen = int(plan_id) if plan_id.isdecimal() and len(plan_id) < 10 else None
        plans = await self.run_query(payments.list_plan_views)
        await self.render_page(PlansOverview(await self.load_frame(), plans, chosen))


class NewPaymentPage(FormPage, SitePage):
    """`/pagos/nuevo?plan=`: what it costs and brings, and on to Wompi.

    A pending purchase that the form did not show (`pending`) is shown before anything is paid.
    """

    @property
    def form_targets(self) -> str:
        return f"{super().form_targets} {self.context.settings.checkout_origin}"

    async def get(self) -> None:
        await check_payments(self)
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        await check_payments(self)
        pending = await self.run_query(payments.find_pending_purchase, self._plan_id)
        if pending is not None and pending.payment_id != self.get_body_argument("pending", ""):
            raise Conflict("Lea primero el aviso del pago pendiente. Si quiere pagar de todos modos, siga.")
        checkout = await start_checkout(self, self._plan_id)
        return self.context.settings.checkout_url(checkout.link_id)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        quote = await self.run_query(payments.quote_plan, self._plan_id)
        open_payment_id = await self.run_query(payments.find_open_payment_id, self._plan_id)
        pending = await self.run_query(payments.find_pending_purchase, self._plan_id)
        is_locked = problem is not None and problem.code in LOCKED_PROBLEMS
        await self.render_page(
            CheckoutForm(await self.load_frame(), quote, problem, open_payment_id, pending, is_locked)
        )

    @property
    def _plan_id(self) -> int:
        return parse_id(self.get_argument("plan", ""))


class PaymentsPage(SitePage):
    """`/pagos`."""

    async def get(self) -> None:
        await check_payments(self)
        found = await self.run_query(payments.list_own_payment_views)
        await self.render_page(views.PaymentHistory(await self.load_frame(), found))


class PaymentPage(SitePage):
    """`/pagos/:id`: where Wompi sends the browser back to. The URL's `id` says only that there is an attempt.

    Whoever opens it wants to know of the newest attempt, which may be unknown here: Wompi is asked first.
    """

    view_type: type[views.OwnPayment | views.OwnPaymentState] = views.OwnPayment
    asks_wompi = True

    async def get(self, payment_id: str) -> None:
        returned_from = self.get_query_argument("id", "")
        if self.asks_wompi:
            await check_payments(self, payment_id)
        payment = await self.run_query(payments.load_own_payment, payment_id)
        frame = await self.load_frame()
        checkout_url = self.context.settings.checkout_url(payment.link_id) if payment.link_id else None
        state = views.describe_payment_state(payment, frame.running, checkout_url, returned_from=returned_from)
        await self.render_page(self.view_type(frame, payment, state))


class PaymentStatePartial(PaymentPage):
    """`/pagos/:id/estado`: the state alone."""

    view_type = views.OwnPaymentState
    asks_wompi = False


class ReceiptPage(SitePage):
    """`/pagos/:id/recibo`."""

    async def get(self, payment_id: str) -> None:
        payment = await self.run_query(payments.load_receipt, payment_id)
        payer = views.Payer(**await self.run_query(load_payer))
        await self.render_page(views.Receipt(await self.load_frame(), payment, payer))
