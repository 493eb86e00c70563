"""How a figure differs from that of the period before, and whether that says anything."""

from dataclasses import dataclass
from enum import StrEnum

from beneficiate.domain.metrics.metric import Figure


class Change(StrEnum):
    """What became of a figure."""

    NO_DATA = "no_data"
    UNCLEAR = "unclear"
    SAME = "same"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The change of a figure, and by how much; None without a value in both periods."""

    change: Change
    difference: float | None = None


def compare_figures(figure: Figure, before: Figure) -> Comparison:
    """Compare two periods. Of shares and scores whose 95 % intervals overlap it is unclear whether they changed."""
    if figure.value is None or before.value is None:
        return Comparison(Change.NO_DATA)
    difference = figure.value - before.value
    if _overlap(figure, before):
        return Comparison(Change.UNCLEAR, difference)
    change = Change.MORE if difference > 0 else Change.LESS if difference < 0 else Change.SAME
    return Comparison(change, difference)


def _overlap(figure: Figure, before: Figure) -> bool:
    if figure.low is None or figure.high is None or before.low is None or before.high is None:
        return False
    return figure.low <= before.high and before.low <= figure.high
