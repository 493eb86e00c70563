"""The supervisors' page of payments: the list, one payment, what may be done about it, events of nobody, CSV."""

from datetime import date
from typing import Any

from beneficiate.actions import payments, settlements
from beneficiate.errors import Invalid, Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import payments_admin, payments_csv
from beneficiate.views import avatars

MIN_ADMIN_REASON_CHARS = 10
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2199, 12, 31)
MAX_ADMIN_REASON_CHARS = 2000


class PaymentsAdminListPartial(SignedInPage):
    """`/supervisor/pagos/lista?lista=&buscar=&desde=&hasta=&pagina=`: the list alone, drawn by the page's partial."""

    async def get(self) -> None:
        await self.render_template(
            "ledger/_list.html", **await self.run_query(payments_admin.load_payment_list, self.list_query)
        )

    @property
    def list_query(self) -> payments_admin.PaymentListQuery:
        """The list that the address asks for. Raises Invalid."""
        page = self.get_query_argument("pagina", "1")
        return payments_admin.PaymentListQuery(
            tab=self.get_query_argument("lista", payments_admin.REVIEW_TAB),
            text=self.get_query_argument("buscar", "")[:100],
            since=self._get_bounded_date("desde"),
            until=self._get_bounded_date("hasta"),
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        )

    def _get_bounded_date(self, name: str) -> date | None:
        day = self.get_date_argument(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise Invalid("Esa fecha no es válida.")
        return day


class SupervisorPage(SignedInPage):
    """A whole page of the supervisors."""

    async def render_supervisor_page(self, template: str, **context: Any) -> None:
        """Answer with a template and what all of them need."""
        is_test = self.context.settings.wompi_environment == "test"
        await self.render_template(template, me=avatars.describe_actor(self.actor), is_test=is_test, **context)


class PaymentsAdminPage(PaymentsAdminListPartial, SupervisorPage):
    """`/supervisor/pagos`."""

    async def get(self) -> None:
        await self.render_supervisor_page(
            "ledger/ledger.html", **await self.run_query(payments_admin.load_payment_list, self.list_query)
        )


class PaymentsCsvPage(PaymentsAdminListPartial):
    """`/supervisor/pagos.csv`, with the same questions as the list."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="pagos.csv"')
        await self.finish(await self.run_query(payments_csv.export_payments_csv, self.list_query))


class PaymentsAdminRowPartial(SignedInPage):
    """`/supervisor/pagos/:id/fila`."""

    async def get(self, payment_id: str) -> None:
        await self.render_template(
            "ledger/_row.html", row=await self.run_query(payments_admin.load_payment_row, payment_id)
        )


class PaymentsAdminDetailPartial(SignedInPage):
    """`/supervisor/pagos/:id/detalle`: one payment, drawn by the partial that its page uses."""

    async def get(self, payment_id: str) -> None:
        await self.render_template(
            "ledger/_detail.html", problem=None, **await self.run_query(payments_admin.load_payment_detail, payment_id)
        )


class PaymentsAdminPaymentPage(SupervisorPage):
    """`/supervisor/pagos/:id`."""

    async def get(self, payment_id: str) -> None:
        await self.render_payment(payment_id, None)

    async def render_payment(self, payment_id: str, problem: Problem | None) -> None:
        """The payment, with what was wrong about the form that was just sent."""
        await self.render_supervisor_page(
            "ledger/payment.html",
            problem=problem,
            **await self.run_query(payments_admin.load_payment_detail, payment_id),
        )


class PaymentsAdminForm(PaymentsAdminPaymentPage):
    """A form about a payment. Sent well it leads back to the payment."""

    async def post(self, payment_id: str, *more: str) -> None:
        try:
            await self.run_form(payment_id, *more)
        except Problem as problem:
            await self.render_payment(payment_id, problem)
            return
        self.redirect(f"/supervisor/pagos/{payment_id}", status=303)

    async def run_form(self, payment_id: str, *more: str) -> None:
        """Do what the form says. Raises a Problem, which is drawn with the payment."""
        raise NotImplementedError

    def get_reason(self, name: str) -> str:
        """What somebody wrote as their reason. Raises Invalid when it is too short to say anything."""
        text = self.get_body_argument(name, "")
        if not MIN_ADMIN_REASON_CHARS <= len(text) <= MAX_ADMIN_REASON_CHARS:
            raise Invalid(
                f"Escriba entre {MIN_ADMIN_REASON_CHARS} y {MAX_ADMIN_REASON_CHARS} letras: queda en el registro."
            )
        return text


class ActivatePlanForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/activar`."""

    async def run_form(self, payment_id: str, *more: str) -> None:
        command = settlements.ActivatePlanManually(payment_id, self.get_reason("reason"), self.remote_address)
        await self.context.payments.close_retired_link(
            await self.run_action(settlements.activate_plan_manually, command)
        )


class CancelUnknownForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/liberar`."""

    async def run_form(self, payment_id: str, *more: str) -> None:
        await self.run_action(
            payments.cancel_unknown, payments.CancelUnknown(payment_id, self.get_reason("reason"), self.remote_address)
        )


class CloseReviewForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/revision/:id`."""

    async def run_form(self, payment_id: str, *more: str) -> None:
        command = settlements.CloseReview(payment_id, parse_id(more[0]), self.get_reason("note"), self.remote_address)
        await self.run_action(settlements.close_review, command)


class UnmatchedEventsPage(SupervisorPage):
    """`/supervisor/pagos/eventos?pagina=`: events that belong to no payment."""

    async def get(self) -> None:
        page = self.get_query_argument("pagina", "1")
        await self.render_supervisor_page(
            "ledger/strays.html", **await self.run_query(payments_admin.list_unmatched_events, parse_id(page))
        )
