"""The supervisors' pages of payments: the list, one payment, events of Wompi that belong to no payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.views.master_detail import EmptyText, TabTexts
from beneficiate.views.pages import PageView, StaffPage
from beneficiate.views.payment_detail import EventView, PaymentDetail
from beneficiate.views.payment_rows import PaymentRow

REVIEW_TAB, IN_PROGRESS_TAB, APPROVED_TAB, DECLINED_TAB, EXPIRED_TAB, VOIDED_TAB, ALL_PAYMENTS_TAB = (
    "por-revisar",
    "en-curso",
    "aprobados",
    "rechazados",
    "vencidos",
    "anulados",
    "todos",
)
PAYMENT_TABS = {
    REVIEW_TAB: TabTexts(
        "Por revisar",
        EmptyText(
            "No hay nada por revisar", "Si un pago necesita que alguien lo mire, aparece aquí sin recargar la página."
        ),
    ),
    IN_PROGRESS_TAB: TabTexts(
        "En curso", EmptyText("No hay pagos en curso", "Aquí aparecen los que la persona todavía puede pagar.")
    ),
    APPROVED_TAB: TabTexts(
        "Aprobados", EmptyText("Todavía no hay pagos aprobados", "Aquí aparecen los que activaron un plan.")
    ),
    DECLINED_TAB: TabTexts(
        "Rechazados", EmptyText("No hay pagos rechazados", "Aquí aparecen los que el banco no aprobó.")
    ),
    EXPIRED_TAB: TabTexts("Vencidos", EmptyText("No hay pagos vencidos", "Aquí aparecen los que nadie pagó a tiempo.")),
    VOIDED_TAB: TabTexts("Anulados", EmptyText("No hay pagos anulados", "Aquí aparecen los que Wompi devolvió.")),
    ALL_PAYMENTS_TAB: TabTexts(
        "Todos", EmptyText("Todavía no hay pagos", "Cuando alguien compre un plan, aparece aquí.")
    ),
}
"""In the order in which they are shown."""


@dataclass(frozen=True)
class PaymentListQuery:
    """Which payments: a tab, a text to search for (then in all tabs), days of Bogotá, and which page of 50."""

    tab: str = REVIEW_TAB
    text: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True)
class PaymentList:
    """A page of the payments of a tab; `counts` has the size of the tabs that show it."""

    query: PaymentListQuery
    tab: str
    counts: dict[str, int]
    rows: list[PaymentRow]
    has_more: bool
    unmatched_events: int

    tabs: ClassVar[dict[str, TabTexts]] = PAYMENT_TABS

    @property
    def empty_text(self) -> EmptyText:
        """What the list says when it has no rows."""
        if self.query.page > 1:
            return EmptyText("En esta página ya no hay pagos", "La lista cambió y ahora es más corta.")
        if self.query.text:
            return EmptyText(
                "No encontramos pagos",
                "Escriba el nombre, el correo o el documento completo, la referencia BNF-… o el número de la "
                "transacción.",
            )
        if self.query.since or self.query.until:
            return EmptyText("No hay pagos en esos días", "Elija otras fechas u otra lista.")
        return self.tabs[self.tab].empty


@dataclass(frozen=True)
class UnmatchedEvents:
    """A page of the events that belong to no payment."""

    events: list[EventView]
    page: int
    has_more: bool


@dataclass(frozen=True)
class PaymentListPartial(PageView):
    """`/supervisor/pagos/lista`: the list alone."""

    template: ClassVar[str] = "payments_admin/_list.html"

    payments: PaymentList


@dataclass(frozen=True)
class PaymentsAdminOverview(StaffPage):
    """`/supervisor/pagos`."""

    template: ClassVar[str] = "payments_admin/payments.html"

    payments: PaymentList
    is_test: bool


@dataclass(frozen=True)
class PaymentRowPartial(PageView):
    """`/supervisor/pagos/:id/fila`."""

    template: ClassVar[str] = "payments_admin/_row.html"

    row: PaymentRow


@dataclass(frozen=True)
class PaymentDetailPartial(PageView):
    """`/supervisor/pagos/:id/detalle`; `form_problem` is what was wrong with the form that was just sent.

    `typed` has what was written in it, by the address of the form.
    """

    template: ClassVar[str] = "payments_admin/_detail.html"

    payment: PaymentDetail
    form_problem: Problem | None
    typed: Mapping[str, str]


@dataclass(frozen=True)
class SinglePaymentPage(StaffPage):
    """`/supervisor/pagos/:id`: the same with the frame of a page."""

    template: ClassVar[str] = "payments_admin/payment.html"

    payment: PaymentDetail
    form_problem: Problem | None
    typed: Mapping[str, str]
    is_test: bool


@dataclass(frozen=True)
class UnmatchedEventsOverview(StaffPage):
    """`/supervisor/pagos/eventos`."""

    template: ClassVar[str] = "payments_admin/unmatched_events.html"

    unmatched: UnmatchedEvents
    is_test: bool
