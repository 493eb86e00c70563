"""The supervisors' board, the lists behind its figures, and their definitions."""

from datetime import UTC, datetime

import jinja2

from beneficiate.domain.dates import parse_typed_instant
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.errors import Invalid
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.assets import Assets
from beneficiate.handlers.base import join_in_slices
from beneficiate.handlers.data_views import note_comments
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries.board import FactListQuery, load_board, load_board_page, load_fact_list
from beneficiate.queries.board_alerts import AlertListQuery, load_alert_list
from beneficiate.realtime.board_notifier import DrawnBoard
from beneficiate.store import Store
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.views.board import BoardPartial
from beneficiate.views.metrics import MetricDefinitionsOverview


class BoardPage(SupervisorPage):
    """`/supervisor?tema=`: the board of a topic, or of all."""

    async def get(self) -> None:
        await self.render_page(await self.run_query(load_board_page, read_topic(self)))


class FactListPage(SupervisorPage):
    """`/supervisor/tablero/lista?figura=&hasta=&agente=&tema=&antes=`: a figure and the facts that it counts."""

    async def get(self) -> None:
        query = FactListQuery(
            code=self.get_query_argument("figura", ""),
            until=parse_as_of(self.get_query_argument("hasta", "")),
            agent_ids=read_ids(self, "agente"),
            topic=read_topic(self),
            after=self.get_query_argument("antes", ""),
        )
        found = await self.run_query(load_fact_list, query)
        note_comments(self, found.rows)
        await self.render_page(found)


class AlertListPage(SupervisorPage):
    """`/supervisor/tablero/alerta?clase=&hasta=&filas=&tema=&pagina=`: the rows that an alert of the board counts."""

    async def get(self) -> None:
        query = AlertListQuery(
            kind=self.get_query_argument("clase", ""),
            at=parse_as_of(self.get_query_argument("hasta", "")),
            row_ids=read_ids(self, "filas"),
            topic=read_topic(self),
            page=self.get_page_argument(),
        )
        await self.render_page(await self.run_query(load_alert_list, query))


class MetricDefinitionsPage(SupervisorPage):
    """`/supervisor/definiciones`."""

    async def get(self) -> None:
        await self.render_page(MetricDefinitionsOverview(self.me, list(METRICS.values())))


async def draw_board(store: Store, templates: jinja2.Environment, assets: Assets, topic: str) -> DrawnBoard:
    """Return the board of a topic, or of all, as of now, drawn as its page has it."""
    board = await store.read(load_board, topic)
    view = BoardPartial(board)
    parts = templates.get_template(view.template).generate(static_url=assets.refresh().url, **view.variables())
    return DrawnBoard(await join_in_slices(parts), board.at, board.changes_at)


def read_topic(page: SupervisorPage) -> str:
    """Return the code of the topic of an address; one that is too long belongs to none."""
    return page.get_query_argument("tema", "")[: MAX_TOPIC_CODE_CHARS + 1]


def read_ids(page: SupervisorPage, name: str) -> tuple[int, ...]:
    """Return the numbers of a parameter of an address, none without it. Raises NotFound."""
    text = page.get_query_argument(name, "")
    return tuple(map(parse_id, text.split(","))) if text else ()


def parse_as_of(text: str) -> datetime:
    """Return the instant of an address, with a time zone; now, without one. Raises Invalid."""
    if not text:
        return datetime.now(UTC)
    instant = parse_typed_instant(text)
    if instant is None:
        raise Invalid
    return instant
