"""The supervisors' page of who is blocked now, and the form that lifts a block."""

from beneficiate.actions.blocks import LiftBlock, lift_block
from beneficiate.errors import NotFound
from beneficiate.handlers.administration import AdministrationPage
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.queries.blocks import BlockQuery, list_blocks
from beneficiate.views import blocks as views

PAGE_PATH = "/supervisor/ajustes/bloqueos"


class BlockListPage(AdministrationPage):
    """`/supervisor/ajustes/bloqueos?q=&despues=&listo=`: 50 blocks after the first `despues`."""

    async def get(self) -> None:
        query = BlockQuery(self.filters, await self.context.limiters.list_refusals())
        await self.render_page(views.BlockList(self.me, await self.run_search(list_blocks, query), self.done))


class LiftBlockForm(PostOnlyPage, AdministrationPage):
    """`POST /supervisor/ajustes/bloqueos/levantar?q=&despues=`: `tipo` and `bloqueo` name it as the list does."""

    async def post(self) -> None:
        command = LiftBlock(self.get_body_argument("tipo", ""), self.get_body_argument("bloqueo", ""))
        try:
            await self.run_action(lift_block, command)
        except NotFound:
            self.redirect(self.address_of(PAGE_PATH, "terminado"), status=303)
            return
        if command.kind == views.RATE:
            limit, _, key = command.reference.partition(":")
            await self.context.limiters.lift(limit, key)
        self.redirect(self.address_of(PAGE_PATH, "levantado"), status=303)
