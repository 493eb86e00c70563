"""The supervisors' board, the lists behind its figures, and their definitions."""

from datetime import UTC, datetime

import jinja2

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.errors import Invalid
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.assets import Assets
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries.board import FactListQuery, load_board, load_fact_list
from beneficiate.realtime.board_notifier import DrawnBoard
from beneficiate.store import Store
from beneficiate.views.board import BoardOverview, BoardPartial
from beneficiate.views.metrics import MetricDefinitionsOverview

FIRST_YEAR, LAST_YEAR = 2020, 2199


class BoardPage(SupervisorPage):
    """`/supervisor`."""

    async def get(self) -> None:
        await self.render_page(BoardOverview(self.me, await self.run_query(load_board)))


class FactListPage(SupervisorPage):
    """`/supervisor/tablero/lista?figura=&hasta=&agente=&tema=`: a figure and the facts that it counts."""

    async def get(self) -> None:
        agent_id = self.get_query_argument("agente", "")
        query = FactListQuery(
            code=self.get_query_argument("figura", ""),
            until=parse_as_of(self.get_query_argument("hasta", "")),
            agent_id=parse_id(agent_id) if agent_id else None,
            topic=self.get_query_argument("tema", "")[:32],
        )
        await self.render_page(await self.run_query(load_fact_list, query))


class MetricDefinitionsPage(SupervisorPage):
    """`/supervisor/definiciones`."""

    async def get(self) -> None:
        await self.render_page(MetricDefinitionsOverview(self.me, list(METRICS.values())))


async def draw_board(store: Store, templates: jinja2.Environment, assets: Assets) -> DrawnBoard:
    """Return the board as of now, drawn as its page has it."""
    board = await store.read(load_board)
    view = BoardPartial(board)
    html = templates.get_template(view.template).render(static_url=assets.refresh().url, **view.variables())
    return DrawnBoard(html, board.at, board.changes_at)


def parse_as_of(text: str) -> datetime:
    """Return the instant of an address, with a time zone; now, without one. Raises Invalid."""
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid from None
    if instant.tzinfo is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise Invalid
    return instant.astimezone(UTC)
