"""The supervisors' reports: the page, the lists behind its figures, downloads, and the same as JSON."""

from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries import report_lists
from beneficiate.queries.report_filters import load_report_page
from beneficiate.views import reports as views

MAX_FILTER_CHARS = 100


class ReportsPage(SupervisorPage):
    """`/supervisor/reportes?periodo=&en=&desde=&hasta=&por=&agente=&tema=&comparar=`."""

    async def get(self) -> None:
        self.context.limiters.reports.acquire(self.actor.user_id)
        await self.render_page(await self.run_search(load_report_page, self.typed_report))

    @property
    def typed_report(self) -> views.TypedReport:
        """The filters of the address as they were typed."""
        texts = {name: self.get_query_argument(name, "")[:MAX_FILTER_CHARS] for name in views.FILTER_NAMES}
        return views.TypedReport(**texts)


class ReportListPage(SupervisorPage):
    """`/supervisor/reportes/lista?figura=&desde=&hasta=&corte=&fin=&agente=&tema=&hora=&antes=`: what it counts."""

    async def get(self) -> None:
        self.context.limiters.reports.acquire(self.actor.user_id)
        names = report_lists.LIST_PARAMETERS
        texts = {name: self.get_query_argument(name, "")[:MAX_FILTER_CHARS] for name in names}
        await self.render_page(await self.run_search(report_lists.load_report_list, texts))
