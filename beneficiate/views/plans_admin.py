"""Plans, as supervisors administer them."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage
from beneficiate.views.site import coverage_text, duration_text

ON_SALE, NOT_ON_SALE = "venta", "retirados"
PLAN_STATES = {"": "Todos", ON_SALE: "En venta", NOT_ON_SALE: "Retirados"}
PLAN_LABELS = FieldLabels(
    {
        "nombre": "Nombre",
        "descripcion": "Descripción",
        "precio": "Precio",
        "dias": "Días",
        "personas": "Personas además del afiliado",
        "estado": "Estado",
    },
    {"estado": {ACTIVE_STATE: "En venta", INACTIVE_STATE: "Retirado"}},
)


@dataclass(frozen=True)
class PlanAdminRow(ListRow):
    """A plan, how many periods of it run, and how many payments of it are under way."""

    price: int
    duration_days: int
    max_beneficiaries: int
    running: int
    payments: int

    @property
    def duration(self) -> str:
        """How long it lasts."""
        return duration_text(self.duration_days)

    @property
    def coverage(self) -> str:
        """Whom it covers."""
        return coverage_text(self.max_beneficiaries)

    @property
    def purchase_text(self) -> str:
        """What another price, duration or coverage does not change."""
        plans = "1 plan vigente" if self.running == 1 else f"{self.running} planes vigentes"
        payments = "1 pago en curso" if self.payments == 1 else f"{self.payments} pagos en curso"
        kept = f"{plans} y {payments} conservan los suyos."
        return f"El precio, los días y las personas valen para las compras nuevas: {kept}"

    @property
    def deactivation_text(self) -> str:
        """What happens when it is not sold any more."""
        first = "Nadie puede comprarlo ni renovarlo."
        plans = "El plan vigente sigue" if self.running == 1 else f"Los {self.running} planes vigentes siguen"
        return f"{first} {plans} hasta su fecha." if self.running else first


@dataclass(frozen=True)
class PlanAdministration(StaffPage):
    """`/supervisor/ajustes/planes`, alone or with the form of a plan beside the list; None for a new one."""

    template: ClassVar[str] = "administration/plans.html"

    plans: AdministrationList[PlanAdminRow]
    plan: PlanAdminRow | None
    form: EditForm | None
    done: str
