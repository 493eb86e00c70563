"""Invitations of the staff: the page behind the link, and what supervisors see."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.views.administration import AdministrationList
from beneficiate.views.edit_forms import EditForm
from beneficiate.views.pages import PageView, StaffPage
from beneficiate.views.staff import STAFF_FIELDS, StaffRow, TopicOption

INVITATION_FIELDS = {**STAFF_FIELDS, "tipo": "Tipo de documento", "documento": "Número de documento"}


@dataclass(frozen=True)
class InvitedPerson:
    """Whom a link is for."""

    first_name: str
    email: str


@dataclass(frozen=True)
class InvitationForm(PageView):
    """`/invitacion/:token`: the first password. Without a person the link is good no more; `wrong` has an error."""

    template: ClassVar[str] = "login/invitation.html"

    person: InvitedPerson | None
    token: str
    min_chars: int
    wrong: str


@dataclass(frozen=True)
class InviteForm(StaffPage):
    """`/supervisor/ajustes/personas/nueva`: the form of a new invitation beside the list."""

    template: ClassVar[str] = "administration/invite.html"

    people: AdministrationList[StaffRow]
    form: EditForm
    topics: list[TopicOption]
