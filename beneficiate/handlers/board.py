"""The supervisors' board and the definitions of its figures."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.views.metrics import MetricDefinitionsOverview


class MetricDefinitionsPage(SupervisorPage):
    """`/supervisor/definiciones`."""

    async def get(self) -> None:
        await self.render_page(MetricDefinitionsOverview(self.me, list(METRICS.values())))
