"""The supervisors' pages of payments: the list, one payment and its forms, unmatched events, CSV."""

from collections.abc import AsyncGenerator
from datetime import date

from beneficiate.actions import payments, settlements
from beneficiate.actions.payments_csv import ExportPayments, record_payments_export
from beneficiate.domain.dates import FIRST_DAY, LAST_DAY
from beneficiate.errors import Invalid, Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.downloads import CSV_TYPE, send_parts, set_file_headers
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.lookups import count_lookup, search_people
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import payments_admin, payments_csv
from beneficiate.views import payments_admin as views

MIN_ADMIN_REASON_CHARS = 10
MAX_ADMIN_REASON_CHARS = 2000


class PaymentsAdminListPartial(SignedInPage):
    """`/supervisor/pagos/lista?lista=&buscar=&desde=&hasta=&pagina=`: the list alone."""

    async def get(self) -> None:
        await self.render_page(views.PaymentListPartial(await self.load_list()))

    async def load_list(self) -> views.PaymentList:
        """Return the list that the URL asks for. Raises Invalid, RateLimited."""
        query, load = self.list_query, payments_admin.load_payment_list
        return await search_people(self, load, query, query.text, has_references=True)

    @property
    def list_query(self) -> views.PaymentListQuery:
        """The query of the URL; a page that is no number is the first. Raises Invalid."""
        return views.PaymentListQuery(
            tab=self.get_query_argument("lista", views.REVIEW_TAB),
            text=self.get_query_argument("buscar", "")[:100],
            since=self._get_bounded_date("desde"),
            until=self._get_bounded_date("hasta"),
            page=self.get_page_argument(),
        )

    def _get_bounded_date(self, name: str) -> date | None:
        day = self.get_date_argument(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise Invalid("Esa fecha no es válida.")
        return day


class PaymentsAdminPage(PaymentsAdminListPartial, SupervisorPage):
    """`/supervisor/pagos`."""

    async def get(self) -> None:
        await self.render_page(views.PaymentsAdminOverview(self.me, await self.load_list(), self.is_test))


class PaymentsCsvPage(PaymentsAdminListPartial):
    """`/supervisor/pagos.csv`, with the parameters of the list: recorded, then read and sent slice by slice."""

    async def get(self) -> None:
        await count_lookup(self, self.list_query.text, has_references=True)
        export = ExportPayments(self.list_query)
        found = await self.run_action(record_payments_export, export)
        set_file_headers(self, CSV_TYPE, "pagos.csv")
        await send_parts(self, self._read_parts(found))

    async def _read_parts(self, found: int) -> AsyncGenerator[str, None]:
        yield payments_csv.csv_header()
        position = None
        for _ in range(0, payments_csv.MAX_CSV_ROWS, payments_csv.CSV_SLICE_ROWS):
            command = payments_csv.CsvSlice(self.list_query, position)
            part = await self.run_query(payments_csv.export_payments_slice, command)
            yield part.text
            if (position := part.last) is None:
                break
        yield payments_csv.describe_omission(found)


class PaymentsAdminRowPartial(SignedInPage):
    """`/supervisor/pagos/:id/fila`: one row of the list."""

    async def get(self, payment_id: str) -> None:
        row = await self.run_query(payments_admin.load_payment_row, payment_id)
        await self.render_page(views.PaymentRowPartial(row))


class PaymentsAdminDetailPartial(SignedInPage):
    """`/supervisor/pagos/:id/detalle`: one payment alone."""

    async def get(self, payment_id: str) -> None:
        payment = await self.run_query(payments_admin.load_payment_detail, payment_id)
        await self.render_page(views.PaymentDetailPartial(payment, None, {}))


class PaymentsAdminPaymentPage(SupervisorPage):
    """`/supervisor/pagos/:id`."""

    async def get(self, payment_id: str) -> None:
        await self.render_payment(payment_id, None)

    async def render_payment(self, payment_id: str, problem: Problem | None) -> None:
        """Answer with a payment, and with what was wrong with the form that was just sent."""
        payment = await self.run_query(payments_admin.load_payment_detail, payment_id)
        sent = self.get_body_argument("reason", "") or self.get_body_argument("note", "")
        typed = {self.request.path: sent} if sent else {}
        await self.render_page(views.SinglePaymentPage(self.me, payment, problem, typed, self.is_test))


class PaymentsAdminForm(PostOnlyPage, FormPage, PaymentsAdminPaymentPage):
    """A form about a payment. It leads back to the payment, and has no page of its own."""

    async def submit(self, *path: str) -> str:
        await self.run_form(*path)
        return f"/supervisor/pagos/{path[0]}"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self.render_payment(path[0], problem)

    async def run_form(self, *path: str) -> None:
        """Run the command of the form; `path` begins with the payment's id."""
        raise NotImplementedError

    def get_reason(self, name: str) -> str:
        """Return the reason that was typed. Raises Invalid unless it has 10 to 2,000 characters."""
        text = self.get_body_argument(name, "")
        if not MIN_ADMIN_REASON_CHARS <= len(text) <= MAX_ADMIN_REASON_CHARS:
            raise Invalid(
                f"Escriba entre {MIN_ADMIN_REASON_CHARS} y {MAX_ADMIN_REASON_CHARS} letras: queda en el registro."
            )
        return text


class ActivatePlanForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/activar`."""

    async def run_form(self, *path: str) -> None:
        command = settlements.ActivatePlanManually(path[0], self.get_reason("reason"))
        retired_link_id = await self.run_action(settlements.activate_plan_manually, command)
        await self.context.payments.close_retired_link(retired_link_id)


class CancelUnknownForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/liberar`."""

    async def run_form(self, *path: str) -> None:
        command = payments.CancelUnknown(path[0], self.get_reason("reason"))
        await self.run_action(payments.cancel_unknown, command)


class CloseReviewForm(PaymentsAdminForm):
    """`POST /supervisor/pagos/:id/revision/:id`."""

    async def run_form(self, *path: str) -> None:
        payment_id, review_id = path
        command = settlements.CloseReview(payment_id, parse_id(review_id), self.get_reason("note"))
        await self.run_action(settlements.close_review, command)


class UnmatchedEventsPage(SupervisorPage):
    """`/supervisor/pagos/eventos?pagina=`: events that belong to no payment."""

    async def get(self) -> None:
        unmatched = await self.run_query(payments_admin.list_unmatched_events, self.get_page_argument())
        await self.render_page(views.UnmatchedEventsOverview(self.me, unmatched, self.is_test))
