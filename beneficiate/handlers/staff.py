"""The supervisors' pages of the staff."""

from typing import ClassVar

from beneficiate.actions import staff as actions
from beneficiate.actions.second_factors import ResetSecondFactor, reset_second_factor
from beneficiate.errors import InvalidForm, Problem, RateLimited
from beneficiate.handlers.administration import ActPage, AdministrationPage, RowPage, describe_refusal
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.queries import staff as queries
from beneficiate.views.edit_forms import EditForm
from beneficiate.views.staff import StaffAdministration, StaffMember, staff_labels

STAFF_PATH = "/supervisor/ajustes"


class _StaffPage(AdministrationPage):
    """A page with the list of the staff. `reset_problem` is what is wrong with a reset, `reset_reason` what it had."""

    reset_problem = ""
    reset_reason = ""

    async def render_staff(self, member: StaffMember | None, form: EditForm | None, *, is_asked: bool = False) -> None:
        """Answer with the list, and one of the staff beside it."""
        people = await self.run_query(queries.load_staff_list, self.filters)
        topics = await self.run_query(queries.load_topic_options, member.row.row_id if member else 0)
        reset = (self.reset_problem, self.reset_reason)
        await self.render_page(StaffAdministration(self.me, people, member, form, topics, self.done, *reset, is_asked))


class StaffListPage(_StaffPage):
    """`/supervisor/ajustes`: the list."""

    async def get(self) -> None:
        await self.render_staff(None, None)


class StaffMemberPage(RowPage, _StaffPage):
    """`/supervisor/ajustes/personas/:id`: the list, and the form of one of the staff."""

    path = f"{STAFF_PATH}/personas"

    async def save(self, row_id: int) -> int:
        labels = staff_labels(await self.run_query(queries.load_topic_options, row_id))
        command = actions.SaveStaffMember(row_id, self.version, self.read_typed(labels))
        await self.run_action(actions.save_staff_member, command)
        return row_id

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        member, saved = await self.run_query(queries.load_staff_member, row_id)
        labels = staff_labels(await self.run_query(queries.load_topic_options, row_id))
        await self.render_staff(member, self.build_form(saved, labels, problem))


class DeactivateStaffForm(PostOnlyPage, StaffMemberPage):
    """`POST /supervisor/ajustes/personas/:id/desactivar`; with open chats, which move, also `confirmado`."""

    shown_problems = ()

    async def post(self, *path: str) -> None:
        member, saved = await self.run_query(queries.load_staff_member, parse_id(path[0]))
        if member.is_self or not member.chat_count or self.get_body_argument("confirmado", ""):
            await super().post(*path)
            return
        labels = staff_labels(await self.run_query(queries.load_topic_options, member.row.row_id))
        await self.render_staff(member, EditForm.open(saved, labels), is_asked=True)

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.deactivate_staff_member, parse_id(path[0]))
        return self.address_of(f"{STAFF_PATH}/personas/{path[0]}", "desactivada")


class ReactivateStaffForm(ActPage):
    """`POST /supervisor/ajustes/personas/:id/reactivar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.reactivate_staff_member, parse_id(path[0]))
        return self.address_of(f"{STAFF_PATH}/personas/{path[0]}", "reactivada")


class ResetSecondFactorForm(ActPage, StaffMemberPage):
    """`POST /supervisor/ajustes/personas/:id/segundo-paso`: the reason is shown again when it is not taken."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, RateLimited)

    async def submit(self, *path: str) -> str:
        self.reset_reason = self.get_body_argument("motivo", "")
        command = ResetSecondFactor(parse_id(path[0]), self.reset_reason)
        await self.run_action(reset_second_factor, command)
        return self.address_of(f"{STAFF_PATH}/personas/{path[0]}", "restablecida")

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        self.reset_problem = problem.fields["motivo"] if isinstance(problem, InvalidForm) else describe_refusal(problem)
        member, saved = await self.run_query(queries.load_staff_member, row_id)
        labels = staff_labels(await self.run_query(queries.load_topic_options, row_id))
        await self.render_staff(member, EditForm.open(saved, labels))
