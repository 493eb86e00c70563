"""Charts as shapes with places: across in % of the width, down in pixels, so that words keep their size on a phone.

The templates draw them as SVG. Own code: libraries draw for a script or an image of fixed width, bring their colours
along, or a hundred times as much code, and none leaves the axis, the theme and the table to the page.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beneficiate.formatting import format_duration, format_number

HEIGHT, TOP, BASE = 190, 12, 156
"""In pixels: of the whole, and where the greatest value and zero are."""
BAR_SHARE = 0.68
MAX_TICKS = 5
CHART_PX, ASIDE_PX, PHONE_PX = 500, 280, 256
"""The least width of a chart: of a report on screens from 720 pixels on, beside the board, on phones of 360."""
CHAR_PX, GAP_PX = 7, 6
"""Of a name under a chart, on average at most, and between two of them."""
_TIME_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)


class ShortLabel(NamedTuple):
    """The name of a part under a chart, and what is written behind it where the name before has another: ` dic 25`."""

    text: str
    context: str = ""


@dataclass(frozen=True)
class ChartPoint:
    """A value of a part of the period; None without one."""

    value: float | None
    label: ShortLabel
    said: str
    address: str
    is_holiday: bool = False
    is_unfinished: bool = False


@dataclass(frozen=True)
class AxisTick:
    """A line across the chart and its value."""

    y: float
    label: str


@dataclass(frozen=True)
class AxisLabel:
    """A name under the chart; `is_minor` names are left out on a phone, empty ones everywhere."""

    x: float
    text: str
    is_minor: bool
    is_holiday: bool
    is_now: bool


@dataclass(frozen=True)
class Bar:
    """A bar with the place that belongs to it."""

    place_x: float
    place_width: float
    x: float
    width: float
    y: float
    height: float
    point: ChartPoint


@dataclass(frozen=True)
class BarChart:
    """Bars over an axis."""

    ticks: list[AxisTick]
    labels: list[AxisLabel]
    bars: list[Bar]
    has_holidays: bool
    is_unfinished: bool
    summary: str


@dataclass(frozen=True)
class LineSegment:
    """A part of a line, from one value to the next one that there is."""

    x1: float
    y1: float
    x2: float
    y2: float
    is_unfinished: bool


@dataclass(frozen=True)
class Dot:
    """A value on a line."""

    x: float
    y: float
    point: ChartPoint


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    segments: list[LineSegment]
    dots: list[Dot]


@dataclass(frozen=True)
class LineChart:
    """Lines of durations over an axis."""

    ticks: list[AxisTick]
    labels: list[AxisLabel]
    lines: list[Line]
    has_holidays: bool
    is_empty: bool


def build_bars(points: Sequence[ChartPoint], width_px: int = CHART_PX) -> BarChart:
    """Return the bars of numbers that there are, and as many names under them as have room in so many pixels."""
    greatest = max((point.value or 0 for point in points), default=0)
    step = _nice_step(greatest / (MAX_TICKS - 1))
    top = max(step, step * -(-int(greatest) // step))
    width = 100 / max(1, len(points))
    bars = []
    for number, point in enumerate(points):
        if point.value is None:
            continue
        y = _place(point.value, top)
        x = number * width
        bars.append(Bar(x, width, x + width * (1 - BAR_SHARE) / 2, width * BAR_SHARE, y, BASE - y, point))
    values = [point.value for point in points if point.value is not None]
    return BarChart(
        [AxisTick(_place(value, top), format_number(value)) for value in range(0, top + 1, step)],
        _build_labels(points, width_px),
        bars,
        any(point.is_holiday for point in points),
        any(point.is_unfinished for point in points),
        f"De {format_number(min(values, default=0))} a {format_number(greatest)}.",
    )


def build_lines(series: Sequence[Sequence[ChartPoint]], width_px: int = CHART_PX) -> LineChart:
    """Return the lines of durations in seconds, all over the same parts, and the names that have room under them."""
    values = [point.value for points in series for point in points if point.value is not None]
    greatest = max(values, default=0)
    step = next((one for one in _TIME_STEPS if one * (MAX_TICKS - 1) >= greatest), 0)
    step = step or _nice_step(greatest / (MAX_TICKS - 1))
    top = max(step, step * -(-int(greatest) // step))
    points = series[0]
    return LineChart(
        [AxisTick(_place(value, top), format_duration(value)) for value in range(0, top + 1, step)],
        _build_labels(points, width_px),
        [_build_line(points, top) for points in series],
        any(point.is_holiday for point in points),
        not values,
    )


def _build_line(points: Sequence[ChartPoint], top: int) -> Line:
    width = 100 / max(1, len(points))
    dots = [
        Dot((number + 0.5) * width, _place(point.value, top), point)
        for number, point in enumerate(points)
        if point.value is not None
    ]
    segments = [
        LineSegment(one.x, one.y, following.x, following.y, following.point.is_unfinished)
        for one, following in itertools.pairwise(dots)
    ]
    return Line(segments, dots)


def _build_labels(points: Sequence[ChartPoint], width_px: int) -> list[AxisLabel]:
    names, on_phones = _choose_names(points, width_px)
    return [
        AxisLabel(
            (number + 0.5) * 100 / len(points),
            names.get(number, ""),
            number not in on_phones,
            point.is_holiday,
            point.is_unfinished,
        )
        for number, point in enumerate(points)
    ]


def _choose_names(points: Sequence[ChartPoint], width_px: int) -> tuple[dict[int, str], dict[int, str]]:
    """Return as many names as have room, and those of them that have room on a phone, by the number of their part."""
    count = len(points)
    for every in range(1 + count * (CHAR_PX + GAP_PX) // (width_px + 1), count + 1):
        if not _have_room(_name_every(points, every, {}), width_px / count):
            continue
        # Of the names that are shown: a multiple of them, or hardly any would be left.
        several = (_name_every(points, number, {}) for number in range(every, count + every, every))
        on_phones = next(names for names in several if _have_room(names, PHONE_PX / count))
        names = _name_every(points, every, on_phones)
        if _have_room(names, width_px / count):
            return names, on_phones
    return {}, {}


def _name_every(points: Sequence[ChartPoint], every: int, given: Mapping[int, str]) -> dict[int, str]:
    """Return the names of parts, counted from the end so that the newest has one; those that are given as they are."""
    names, before = {}, ""
    for number in range((len(points) - 1) % every, len(points), every):
        text, context = points[number].label
        names[number] = given.get(number) or f"{text}{context if context != before else ''}"
        before = context
    return names


def _have_room(names: Mapping[int, str], part_px: float) -> bool:
    pairs = itertools.pairwise(names.items())
    return all(
        (following - number) * part_px >= (len(name) + len(next_name)) / 2 * CHAR_PX + GAP_PX
        for (number, name), (following, next_name) in pairs
    )


def _nice_step(least: float) -> int:
    """Return the least of 1, 2, 5, 10, 20, 50 … that is not less."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10


def _place(value: float, top: int) -> float:
    return BASE - value / top * (BASE - TOP)
