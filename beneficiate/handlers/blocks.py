"""The supervisors' page of who is blocked now, and the form that lifts a block."""

from beneficiate.actions.blocks import LiftBlock, lift_block
from beneficiate.errors import NotFound
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries.blocks import list_blocks
from beneficiate.views import blocks as views

PAGE_PATH = "/supervisor/ajustes/bloqueos"


class BlockListPage(SupervisorPage):
    """`/supervisor/ajustes/bloqueos?listo=`."""

    async def get(self) -> None:
        refusals = await self.context.limiters.list_refusals()
        blocks, has_more = await self.run_query(list_blocks, refusals)
        await self.render_page(views.BlockList(self.me, blocks, has_more, self.get_query_argument("listo", "")))


class LiftBlockForm(PostOnlyPage, SupervisorPage):
    """`POST /supervisor/ajustes/bloqueos/levantar`: `tipo` and `bloqueo` name it as the list does."""

    async def post(self) -> None:
        command = LiftBlock(self.get_body_argument("tipo", ""), self.get_body_argument("bloqueo", ""))
        try:
            await self.run_action(lift_block, command)
        except NotFound:
            self.redirect(f"{PAGE_PATH}?listo=terminado", status=303)
            return
        if command.kind == views.RATE:
            limit, _, key = command.reference.partition(":")
            await self.context.limiters.lift(limit, key)
        self.redirect(f"{PAGE_PATH}?listo=levantado", status=303)
