"""The supervisors' page of payments: the list, one payment, what may be done about it, events of nobody, CSV."""

from datetime import date
from typing import Any

from beneficiate.actions import payments, settlements
from beneficiate.errors import Invalid, Problem
from beneficiate.pages.api import path_id
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.queries import faces, ledger, spreadsheet

REASON_CHARS = 10
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2199, 12, 31)
MOST_CHARS = 2000


class LedgerList(SignedInPage):
    """`/supervisor/pagos/lista?lista=&buscar=&desde=&hasta=&pagina=`: the list alone, drawn by the page's partial."""

    async def get(self) -> None:
        await self.draw("ledger/_list.html", **await self.look(ledger.page, self.asked))

    @property
    def asked(self) -> ledger.Asked:
        """The list that the address asks for. Raises Invalid."""
        page = self.get_query_argument("pagina", "1")
        return ledger.Asked(
            tab=self.get_query_argument("lista", ledger.REVIEW),
            text=self.get_query_argument("buscar", "")[:100],
            since=self._day("desde"),
            until=self._day("hasta"),
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        )

    def _day(self, name: str) -> date | None:
        day = self.day(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise Invalid("Esa fecha no es válida.")
        return day


class StaffDrawing(SignedInPage):
    """A whole page of the supervisors."""

    async def draw_staff(self, template: str, **context: Any) -> None:
        """Answer with a template and what all of them need."""
        is_test = self.house.settings.wompi_environment == "test"
        await self.draw(template, me=await self.look(faces.me), is_test=is_test, **context)


class LedgerPage(LedgerList, StaffDrawing):
    """`/supervisor/pagos`."""

    async def get(self) -> None:
        await self.draw_staff("ledger/ledger.html", **await self.look(ledger.page, self.asked))


class LedgerCsv(LedgerList):
    """`/supervisor/pagos.csv`, with the same questions as the list."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="pagos.csv"')
        await self.finish(await self.look(spreadsheet.as_csv, self.asked))


class LedgerRow(SignedInPage):
    """`/supervisor/pagos/:id/fila`."""

    async def get(self, payment_id: str) -> None:
        await self.draw("ledger/_row.html", row=await self.look(ledger.row, payment_id))


class LedgerDetail(SignedInPage):
    """`/supervisor/pagos/:id/detalle`: one payment, drawn by the partial that its page uses."""

    async def get(self, payment_id: str) -> None:
        await self.draw("ledger/_detail.html", problem=None, **await self.look(ledger.detail, payment_id))


class LedgerPayment(StaffDrawing):
    """`/supervisor/pagos/:id`."""

    async def get(self, payment_id: str) -> None:
        await self.draw_payment(payment_id, None)

    async def draw_payment(self, payment_id: str, problem: Problem | None) -> None:
        """The payment, with what was wrong about the form that was just sent."""
        await self.draw_staff("ledger/payment.html", problem=problem, **await self.look(ledger.detail, payment_id))


class LedgerForm(LedgerPayment):
    """A form about a payment. Sent well it leads back to the payment."""

    async def post(self, payment_id: str, *more: str) -> None:
        try:
            await self.carry_out(payment_id, *more)
        except Problem as problem:
            await self.draw_payment(payment_id, problem)
            return
        self.redirect(f"/supervisor/pagos/{payment_id}", status=303)

    async def carry_out(self, payment_id: str, *more: str) -> None:
        """Do what the form says. Raises a Problem, which is drawn with the payment."""
        raise NotImplementedError

    def text(self, name: str) -> str:
        """What somebody wrote as their reason. Raises Invalid when it is too short to say anything."""
        text = self.get_body_argument(name, "")
        if not REASON_CHARS <= len(text) <= MOST_CHARS:
            raise Invalid(f"Escriba entre {REASON_CHARS} y {MOST_CHARS} letras: queda en el registro.")
        return text


class ActivateByHand(LedgerForm):
    """`POST /supervisor/pagos/:id/activar`."""

    async def carry_out(self, payment_id: str, *more: str) -> None:
        activate = settlements.Activate(payment_id, self.text("reason"), self.address)
        await self.house.cashier.retire(await self.do(settlements.activate, activate))


class ReleasePayment(LedgerForm):
    """`POST /supervisor/pagos/:id/liberar`."""

    async def carry_out(self, payment_id: str, *more: str) -> None:
        await self.do(payments.release, payments.Release(payment_id, self.text("reason"), self.address))


class ResolveReview(LedgerForm):
    """`POST /supervisor/pagos/:id/revision/:id`."""

    async def carry_out(self, payment_id: str, *more: str) -> None:
        resolve = settlements.Resolve(payment_id, path_id(more[0]), self.text("note"), self.address)
        await self.do(settlements.resolve, resolve)


class StrayEvents(StaffDrawing):
    """`/supervisor/pagos/eventos?pagina=`: events that belong to no payment."""

    async def get(self) -> None:
        page = self.get_query_argument("pagina", "1")
        await self.draw_staff("ledger/strays.html", **await self.look(ledger.strays, path_id(page)))
