"""The supervisors' reports: the page, the lists behind its figures, downloads, and the same as JSON."""

from collections.abc import Iterable
from typing import ClassVar

from beneficiate.handlers.base import BaseHandler
from beneficiate.handlers.data_views import note_comments
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries import report_lists
from beneficiate.queries.report_filters import load_report_page
from beneficiate.views import reports as views

MAX_FILTER_CHARS = 100


def read_filters(handler: BaseHandler, names: Iterable[str]) -> dict[str, str]:
    """Return the filters of the address as they were typed, by name; what is missing is empty."""
    return {name: handler.get_query_argument(name, "")[:MAX_FILTER_CHARS] for name in names}


class ReportsPage(SupervisorPage):
    """`/supervisor/reportes?periodo=&en=&desde=&hasta=&por=&agente=&tema=&comparar=`."""

    filter_names: ClassVar[tuple[str, ...]] = views.FILTER_NAMES

    async def get(self) -> None:
        await self.context.limiters.reports.acquire(self.actor.user_id)
        await self.render_page(await self.run_search(load_report_page, self.typed_report))

    @property
    def typed_report(self) -> views.TypedReport:
        """The filters of the address as they were typed."""
        return views.TypedReport(**read_filters(self, self.filter_names))


class ReportListPage(SupervisorPage):
    """`/supervisor/reportes/lista?figura=&desde=&hasta=&corte=&fin=&agente=&tema=&hora=&antes=`: what it counts."""

    async def get(self) -> None:
        await self.context.limiters.reports.acquire(self.actor.user_id)
        texts = read_filters(self, report_lists.LIST_PARAMETERS)
        found = await self.run_search(report_lists.load_report_list, texts)
        note_comments(self, found.rows)
        await self.render_page(found)
