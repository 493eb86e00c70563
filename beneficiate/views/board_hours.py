"""The charts of the supervisors' board: the day by hour."""

from dataclasses import dataclass

from beneficiate.formatting import format_minute_of_day
from beneficiate.views.charts import (
    ASIDE_PX,
    BarChart,
    ChartPoint,
    LineChart,
    ShortLabel,
    build_bars,
    build_lines,
)
from beneficiate.views.report_figures import ReportFigure


@dataclass(frozen=True)
class HourFigure:
    """The figures of an hour of today, by code; the current one is unfinished."""

    hour: int
    figures: dict[str, ReportFigure]
    is_unfinished: bool

    @property
    def name(self) -> str:
        """When it begins: `8:00 a. m.`."""
        return format_minute_of_day(self.hour * 60)

    def point(self, code: str) -> ChartPoint:
        """Return one of its figures as a chart shows it."""
        shown = self.figures[code]
        said = f"Desde las {self.name}: {shown.text} {shown.metric.name.lower()}"
        label = ShortLabel(str(self.hour % 12 or 12))
        return ChartPoint(shown.figure.value, label, said, shown.address, False, self.is_unfinished)


@dataclass(frozen=True)
class BoardHours:
    """Today by hour."""

    hours: list[HourFigure]

    @property
    def arrivals(self) -> BarChart:
        """How many chats were opened in each hour."""
        return build_bars([hour.point("opened") for hour in self.hours], ASIDE_PX)

    @property
    def responses(self) -> LineChart:
        """The 90th percentile and the median of the first response in each hour."""
        codes = ("first_response_p90", "first_response_median")
        return build_lines([[hour.point(code) for hour in self.hours] for code in codes], ASIDE_PX)
