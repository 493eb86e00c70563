"""The page on which people choose how they are told of what happens while they are away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypedDict

from beneficiate.domain.notices import (
    CHANGE,
    CHAT,
    CHOSEN_EMAILS,
    DESK,
    EMAIL,
    NOTICE_KINDS,
    OFFER,
    PAYMENT,
    PUSH,
    REMINDER,
    STAFF_NOTICES,
    NoticeChoices,
    choice_name,
)
from beneficiate.errors import Problem
from beneficiate.views.pages import PageView
from beneficiate.views.site import SiteView

NOTICE_TEXTS: Mapping[str, tuple[str, str]] = {
    REMINDER: ("Recordatorio de cita", "Un día y dos horas antes"),
    CHANGE: ("Cambios en una cita", "Si la mueven, la confirman o la cancelan"),
    OFFER: ("Un horario más temprano", "Si se libera y usted está en lista de espera"),
    CHAT: ("Mensajes del chat", "Cuando alguien le responde y usted ya se fue"),
    PAYMENT: ("Pagos y vencimiento del plan", "Recibos, pagos que no pasan, y un mes antes de vencer"),
    DESK: ("Chats que le asignan", "Si no los abre, o no lee lo que le escriben, en unos segundos"),
}
"""What a notice is called, and when it comes."""
USUAL_NIGHT = (21, 7)


@dataclass(frozen=True)
class NoticeBrowser:
    """A browser that takes pushes since `created_at`; `is_this` is that of the request, as far as is known."""

    subscription_id: int
    created_at: datetime
    is_this: bool


@dataclass(frozen=True)
class BrowserState:
    """Whether a browser takes pushes for whoever asks, and whether it does so with the sign-in that they ask with."""

    is_own: bool
    is_current: bool


@dataclass(frozen=True)
class NoticeRow:
    """A kind of notice: name and state of its switch for each channel. An empty name of the e-mail: always sent."""

    title: str
    hint: str
    push_name: str
    is_pushed: bool
    email_name: str
    is_mailed: bool
    has_email: bool


@dataclass(frozen=True)
class QuietHours:
    """The part of the form about quiet hours: its switch, and the two hours of the day."""

    is_on: bool
    begins: int
    ends: int


@dataclass(frozen=True)
class OwnNotices:
    """What a person has chosen, their browsers, their address, and whether they are of the staff."""

    choices: NoticeChoices
    browsers: list[NoticeBrowser]
    email: str
    is_staff: bool

    @property
    def rows(self) -> list[NoticeRow]:
        """The rows of the table."""
        kinds = [kind for kind in NOTICE_KINDS if self.is_staff or kind not in STAFF_NOTICES]
        return [
            NoticeRow(
                *NOTICE_TEXTS[kind],
                push_name=choice_name(kind, PUSH),
                is_pushed=self.choices.allows(kind, PUSH),
                email_name=choice_name(kind, EMAIL) if kind in CHOSEN_EMAILS else "",
                is_mailed=self.choices.allows(kind, EMAIL),
                has_email=kind not in STAFF_NOTICES,
            )
            for kind in kinds
        ]

    @property
    def quiet_hours(self) -> QuietHours:
        """What the form shows: the chosen hours, or those of a usual night, switched off."""
        choices = self.choices
        if choices.has_quiet_hours:
            return QuietHours(True, choices.quiet_from, choices.quiet_until)
        return QuietHours(False, *USUAL_NIGHT)


class ChosenNotices(TypedDict):
    """The same for a program: `has_push` says whether browsers can take pushes of this installation at all."""

    email: str
    has_push: bool
    rows: list[NoticeRow]
    quiet_hours: QuietHours


def describe_choices(notices: OwnNotices, *, has_push: bool) -> ChosenNotices:
    """Return what a program shows of a person's choices."""
    return ChosenNotices(email=notices.email, has_push=has_push, rows=notices.rows, quiet_hours=notices.quiet_hours)


@dataclass(frozen=True)
class NoticesForm(SiteView):
    """`/mi/avisos`; `push_key` is what browsers subscribe with, empty without pushes. `done` names what was done.

    `notices.choices` and `quiet` are what was typed, when there is a problem; `wrong_hours` is one with the hours.
    """

    template: ClassVar[str] = "account/notices.html"

    notices: OwnNotices
    quiet: QuietHours
    push_key: str
    problem: Problem | None
    wrong_hours: str
    done: str


@dataclass(frozen=True)
class UnsubscribePage(PageView):
    """`/baja/:token`: the button that ends the e-mails of a kind, called `title`; empty when the link is not good."""

    template: ClassVar[str] = "account/unsubscribe.html"

    title: str
    token: str
    is_done: bool
