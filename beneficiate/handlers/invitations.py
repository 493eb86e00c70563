"""Invitations of the staff: the supervisors' form, and the page behind the link."""

import asyncio
from typing import ClassVar

from beneficiate.actions import invitations as actions
from beneficiate.domain.identity_documents import DOCUMENT_TYPES
from beneficiate.errors import InvalidForm, NotFound, Problem
from beneficiate.handlers.administration import ActPage, EditPage
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage
from beneficiate.limits import network_of
from beneficiate.passwords import MIN_PASSWORD_CHARS, describe_password_problem, hash_password
from beneficiate.queries import invitations as queries
from beneficiate.queries.staff import load_staff_list, load_topic_options
from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow
from beneficiate.views.invitations import INVITATION_FIELDS, InvitationForm, InviteForm
from beneficiate.views.staff import staff_labels

STAFF_PATH = "/supervisor/ajustes/personas"


class InviteStaffPage(EditPage):
    """`/supervisor/ajustes/personas/nueva`."""

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        typed = self.read_typed(await self._load_labels())
        user_id = await self.run_action(actions.invite_staff_member, actions.InviteStaffMember(typed))
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


class InvitationPage(FormPage):
    """`/invitacion/:token`: to read it uses nothing up, so that scanners of e-mails may follow the link."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, NotFound)

    @property
    def logged_path(self) -> str:
        """The path without the token, which is a secret."""
        return "/invitacion/…"

    async def prepare(self) -> None:
        self.context.limiters.invitations.acquire(network_of(self.remote_address))
        await super().prepare()

    async def get(self, token: str) -> None:
        await self.render_form(None, token)

    async def submit(self, *path: str) -> str:
        person = await self.run_query(queries.load_invited_person, path[0])
        password = self.get_body_argument("password", "", strip=False)
        if problem := describe_password_problem(password, person.email):
            raise InvalidForm({"password": problem})
        hashed = await asyncio.get_running_loop().run_in_executor(self.context.hash_pool, hash_password, password)
        await self.run_action(actions.accept_invitation, actions.AcceptInvitation(path[0], hashed))
        return "/login"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        try:
            person = await self.run_query(queries.load_invited_person, path[0])
        except NotFound:
            self.set_status(404)
            await self.render_page(InvitationForm(None, "", MIN_PASSWORD_CHARS, ""))
            return
        wrong = problem.fields["password"] if isinstance(problem, InvalidForm) else ""
        await self.render_page(InvitationForm(person, path[0], MIN_PASSWORD_CHARS, wrong))
