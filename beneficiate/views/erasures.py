"""Erasures: the member's page, the certificate, and the supervisors' list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.erasures import ERASED_KINDS, KEPT_KINDS, PAYMENT, REVIEW, years_after
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.errors import Problem
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.views.administration import NewestRows
from beneficiate.views.pages import StaffPage
from beneficiate.views.site import SiteView

WAITING_SENTENCES = {
    PAYMENT: "Hay un pago sin terminar: esperamos a que se pague o venza, y seguimos.",
    REVIEW: "Hay un pago en revisión: se resuelve primero, y seguimos.",
    "staff": "La cuenta es del equipo: no se borra desde aquí.",
}
ERASURE_BADGES = {
    "REQUESTED": StatusBadge("En los siete días", "hourglass", "warn"),
    "CANCELLED": StatusBadge("La persona se arrepintió", "undo-2"),
    "ERASING": StatusBadge("Borrando", "loader-circle", "accent"),
    "ERASED": StatusBadge("Borrada", "check", "ok"),
}
WAITING_BADGE = StatusBadge("En espera", "hourglass", "warn")
"""Of one that is due, which the job has found not to be possible yet."""


@dataclass(frozen=True)
class ErasureState:
    """What a member asked for, and when it is done; `waits_for` names what has to end first."""

    requested_at: datetime
    due_at: datetime
    waits_for: str

    @property
    def waiting_sentence(self) -> str:
        """What has to end first; empty when nothing has to."""
        return WAITING_SENTENCES.get(self.waits_for, "")


@dataclass(frozen=True)
class KeptLine:
    """Something that stays: what, until when (None: without a name, for the figures), by which law, why."""

    what: str
    years: int | None
    until: datetime | None
    law: str
    reason: str


@dataclass(frozen=True)
class ErasureEffect:
    """What an erasure does on `due_at`: how much goes and stays, and what ends then."""

    counts: Mapping[str, int]
    plan_ends_at: datetime | None
    appointments: list[AppointmentPayload]
    has_open_chat: bool
    waits_for: str
    due_at: datetime
    is_staff: bool

    @property
    def erased(self) -> list[str]:
        """What goes, with how many."""
        return describe_erased(self.counts)

    @property
    def kept(self) -> list[KeptLine]:
        """What stays, also where there is none of it yet."""
        return describe_kept(self.counts, {}, with_none=True)

    @property
    def waiting_sentence(self) -> str:
        """What has to end first; empty when nothing has to."""
        return WAITING_SENTENCES.get(self.waits_for, "")


@dataclass(frozen=True)
class Certificate:
    """What was erased and what stays. It names nobody: whoever has its `code` may see it."""

    code: str
    requested_at: datetime
    erased_at: datetime
    counts: Mapping[str, int]
    last_payment_at: datetime | None

    @property
    def erased(self) -> list[str]:
        """What is gone, with how many."""
        return describe_erased(self.counts)

    @property
    def kept(self) -> list[KeptLine]:
        """What stays, and until when."""
        since = {"payments": self.last_payment_at, "consents": self.erased_at}
        return describe_kept(self.counts, since, with_none=False)


@dataclass(frozen=True)
class ErasurePage(SiteView):
    """`/mi/datos/borrar`: what would happen and the form, or the date and the way back; `done` was done just before."""

    template: ClassVar[str] = "account/erase.html"

    effect: ErasureEffect
    state: ErasureState | None
    wrong: Mapping[str, str]
    problem: Problem | None
    is_confirmed: bool
    done: str


@dataclass(frozen=True)
class CertificateView(SiteView):
    """`/constancia/:code`."""

    template: ClassVar[str] = "account/certificate.html"

    certificate: Certificate


@dataclass(frozen=True)
class ErasureRow:
    """An erasure in the supervisors' list."""

    code: str
    state: str
    requested_at: datetime
    due_at: datetime
    erased_at: datetime | None
    waits_for: str

    @property
    def badge(self) -> StatusBadge:
        """How its state is shown."""
        return WAITING_BADGE if self.waits_for else ERASURE_BADGES[self.state]

    @property
    def waiting_sentence(self) -> str:
        """What has to end first; empty when nothing has to."""
        return WAITING_SENTENCES.get(self.waits_for, "")


@dataclass(frozen=True)
class ErasureList(StaffPage):
    """`/supervisor/ajustes/borrados`: the erasures; they name nobody."""

    template: ClassVar[str] = "administration/erasures.html"

    rows: NewestRows[ErasureRow]


def describe_erased(counts: Mapping[str, int]) -> list[str]:
    """Return `11 conversaciones` and so on, of what there is."""
    return [kind.describe(counts[name]) for name, kind in ERASED_KINDS.items() if counts.get(name)]


def describe_kept(
    counts: Mapping[str, int], since: Mapping[str, datetime | None], *, with_none: bool
) -> list[KeptLine]:
    """Return what stays; `since` has the day from which its years count, where it is known."""
    lines = []
    for name, one in KEPT_KINDS.items():
        count, begin = counts.get(name, 0), since.get(name)
        if count or with_none:
            until = years_after(begin, one.years) if begin and one.years else None
            lines.append(KeptLine(one.kind.describe(count), one.years, until, one.law, one.reason))
    return lines
