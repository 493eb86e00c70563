"""Invitations of the staff: the page behind the link, and what supervisors see."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.views.administration import AdministrationList
from beneficiate.views.edit_forms import EditForm
from beneficiate.views.pages import StaffPage
from beneficiate.views.recovery import NewPasswordForm
from beneficiate.views.staff import STAFF_FIELDS, StaffRow, TopicOption

INVITATION_FIELDS = {**STAFF_FIELDS, "tipo": "Tipo de documento", "documento": "Número de documento"}


@dataclass(frozen=True)
class InvitationForm(NewPasswordForm):
    """`/invitacion/:token`: the first password."""

    template: ClassVar[str] = "login/invitation.html"


@dataclass(frozen=True)
class InviteForm(StaffPage):
    """`/supervisor/ajustes/personas/nueva`: the form of a new invitation beside the list."""

    template: ClassVar[str] = "administration/invite.html"

    people: AdministrationList[StaffRow]
    form: EditForm
    topics: list[TopicOption]
