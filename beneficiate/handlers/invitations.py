"""Invitations of the staff: the supervisors' form, and the page behind the link."""

from beneficiate.actions import invitations as actions
from beneficiate.domain.identity_documents import DOCUMENT_TYPES
from beneficiate.errors import Problem
from beneficiate.handlers.administration import ActPage, EditPage
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.recovery import ChosenPasswordPage
from beneficiate.queries import invitations as queries
from beneficiate.queries.staff import load_staff_list, load_topic_options
from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow
from beneficiate.views.invitations import INVITATION_FIELDS, InvitationForm, InviteForm
from beneficiate.views.recovery import LinkOwner
from beneficiate.views.staff import staff_labels

STAFF_PATH = "/supervisor/ajustes/personas"


class InviteStaffPage(EditPage):
    """`/supervisor/ajustes/personas/nueva`."""

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        typed = self.read_typed(await self._load_labels())
        user_id = await self.create_once(actions.invite_staff_member, actions.InviteStaffMember(typed), typed)
        return self.address_of(f"{STAFF_PATH}/{user_id}", "invitada")

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        people = await self.run_query(load_staff_list, self.filters)
        saved = SavedRow(await self.run_query(queries.load_invitation_defaults), 0)
        form: EditForm = self.build_form(saved, await self._load_labels(), problem)
        await self.render_page(InviteForm(self.me, people, form, await self.run_query(load_topic_options)))

    async def _load_labels(self) -> FieldLabels:
        known = staff_labels(await self.run_query(load_topic_options))
        return FieldLabels(INVITATION_FIELDS, {**known.options, "tipo": {name: name for name in DOCUMENT_TYPES}})


class ResendInvitationForm(ActPage):
    """`POST /supervisor/ajustes/personas/:id/invitar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.resend_invitation, parse_id(path[0]))
        return self.address_of(f"{STAFF_PATH}/{path[0]}", "invitada")


class CancelInvitationForm(ActPage):
    """`POST /supervisor/ajustes/personas/:id/anular`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.cancel_invitation, parse_id(path[0]))
        return self.address_of(f"{STAFF_PATH}/{path[0]}", "anulada")


class InvitationPage(ChosenPasswordPage):
    """`/invitacion/:token`."""

    form = InvitationForm

    async def load_owner(self, token: str) -> LinkOwner:
        return await self.run_query(queries.load_invited_person, token)

    async def store_password(self, token: str, hashed: str) -> str:
        await self.run_action(actions.accept_invitation, actions.AcceptInvitation(token, hashed))
        return "/login"
