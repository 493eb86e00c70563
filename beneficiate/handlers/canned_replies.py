"""The supervisors' pages of the canned replies."""

from beneficiate.actions.canned_replies import SaveCannedReply, save_canned_reply
from beneficiate.domain.administration import ACTIVE_STATE, STATES, refuse_invalid
from beneficiate.domain.canned_replies import VARIABLE_EXAMPLES, fill_variables
from beneficiate.errors import Conflict, InvalidForm, OutdatedForm, Problem
from beneficiate.handlers.administration import AdministrationPage, RowPage
from beneficiate.queries.canned_replies import load_reply, load_reply_list
from beneficiate.views.canned_replies import REPLY_LABELS, ReplyAdministration, ReplyRow
from beneficiate.views.edit_forms import EditForm


class _RepliesPage(AdministrationPage):
    """A page with the list of the canned replies."""

    async def render_replies(self, reply: ReplyRow | None, form: EditForm | None) -> None:
        """Answer with the list, and the form of a reply beside it."""
        replies = await self.run_query(load_reply_list, self.filters)
        preview = fill_variables(form.value("text") if form else "", VARIABLE_EXAMPLES)
        await self.render_page(
            ReplyAdministration(self.me, replies, reply, form, preview, VARIABLE_EXAMPLES, self.done)
        )


class ReplyListPage(_RepliesPage):
    """`/supervisor/ajustes/respuestas`."""

    async def get(self) -> None:
        await self.render_replies(None, None)


class ReplyPage(RowPage, _RepliesPage):
    """`/supervisor/ajustes/respuestas/:id` and `/…/nuevo`. With `vista` nothing is saved: the preview is shown."""

    path = "/supervisor/ajustes/respuestas"

    async def post(self, *path: str) -> None:
        if self.get_body_argument("vista", ""):
            await self.render_form(None, *path)
        else:
            await super().post(*path)

    async def save(self, row_id: int) -> int:
        typed = self.read_typed(REPLY_LABELS)
        shortcut, title, text = (typed[name] for name in ("shortcut", "title", "text"))
        refuse_invalid({"estado": (typed["estado"] in STATES, "Elija si está activa.")})
        is_active = typed["estado"] == ACTIVE_STATE
        command = SaveCannedReply(shortcut.removeprefix("/"), title, text, row_id or None, is_active, self.version)
        try:
            return await self.save_row(row_id, lambda uow, given: save_canned_reply(uow, given).id, command, typed)
        except OutdatedForm:
            raise
        except Conflict as problem:
            raise InvalidForm({"shortcut": problem.sentence}) from problem

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        reply, saved = await self.run_query(load_reply, row_id)
        await self.render_replies(reply, self.build_form(saved, REPLY_LABELS, problem))
