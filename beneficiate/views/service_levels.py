"""The page of the service levels: topics, how a deadline is counted, which open chats would move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.explanation import Explanation, format_working_time
from beneficiate.domain.service_levels.fields import (
    FIRST,
    GOAL,
    NEW_CHATS,
    NEXT,
    OPEN_CHATS,
    RESOLUTION,
    SCOPE,
    WARNING,
)
from beneficiate.formatting import BOGOTA, MONTHS, bogota_date, format_short_weekday
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

MAX_SHOWN_DAYS = 14
_DAY = timedelta(days=1)

SERVICE_LEVEL_LABELS = FieldLabels(
    {
        FIRST: "Primera respuesta",
        NEXT: "Respuestas siguientes",
        RESOLUTION: "Resolver en",
        WARNING: "Avisar antes",
        GOAL: "Cumplir al menos",
        SCOPE: "Desde cuándo",
    },
    {SCOPE: {NEW_CHATS: "Solo los chats que entren desde ahora", OPEN_CHATS: "También los abiertos"}},
)


@dataclass(frozen=True)
class LevelTopic(ListRow):
    """A topic by its code, none for all others, and whether something of its own is promised for it."""

    code: str
    has_own: bool

    @property
    def path(self) -> str:
        """The page of the topic."""
        return level_path(self.code)


@dataclass(frozen=True)
class LevelFigure:
    """How many promises of a kind were kept."""

    name: str
    text: str
    count: int


@dataclass(frozen=True)
class LevelSections:
    """What is for all others, a page of the topics, the one that is shown, its figures since the first of the month."""

    general: LevelTopic
    topics: AdministrationList[LevelTopic]
    shown: LevelTopic
    figures: list[LevelFigure]
    since: datetime

    @property
    def month(self) -> str:
        """The name of the month."""
        return MONTHS[bogota_date(self.since).month - 1]


@dataclass(frozen=True)
class IntervalBar:
    """A part of a day, in percent of what the days show."""

    start: float
    width: float


@dataclass(frozen=True)
class CountedDay:
    """A day that a deadline crosses: how much of it is open, how much was used."""

    label: str
    hours: str
    text: str
    open_bars: list[IntervalBar]
    used_bars: list[IntervalBar]


@dataclass(frozen=True)
class CountedDeadline:
    """A deadline with the days of which it is made; `left_out` more are not shown."""

    start: datetime
    due: datetime | None
    sentence: str
    days: list[CountedDay]
    left_out: int


@dataclass(frozen=True)
class MovedChat:
    """An open chat that would have another deadline; `is_late`: it would be due at once, and is not yet."""

    chat_id: int
    name: str
    agent: str
    since: datetime | None
    was_due_at: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    is_late: bool = False

    @property
    def is_earlier(self) -> bool:
        """Whether it would be due earlier than now."""
        return self.due_at is not None and (self.was_due_at is None or self.due_at < self.was_due_at)

    @property
    def is_later(self) -> bool:
        """Whether it would be due later than now, or not any more."""
        return self.was_due_at is not None and (self.due_at is None or self.due_at > self.was_due_at)


@dataclass(frozen=True)
class MovedChats:
    """The open chats with a service level, and which would move: how many are due earlier or later.

    Of those, how many are due at once, and of how many we warn soon.
    """

    open_count: int
    moved: list[MovedChat]
    moved_count: int
    earlier: int
    later: int
    late: int
    soon: int

    @property
    def sentence(self) -> str:
        """What would happen, in words; chats that nothing was promised to are not among them."""
        if not self.open_count:
            return "Ningún chat abierto tiene niveles de servicio."
        if not self.moved_count:
            return "Ningún chat abierto con niveles de servicio cambia de plazo."
        counted = (
            (self.earlier, "vencería antes", "vencerían antes"),
            (self.later, "vencería después", "vencerían después"),
        )
        parts = [_count_text(*one) for one in counted if one[0]] or ["con otro aviso"]
        late = _count_text(self.late, "quedaría vencido", "quedarían vencidos")
        soon = f" Se avisaría de {self.soon} dentro de media hora." if self.soon else ""
        if self.open_count == 1:
            moves = f"El único chat abierto con niveles de servicio cambia de plazo: {parts[0].removeprefix('1 ')}"
        else:
            of = f"De {self.open_count} chats abiertos con niveles de servicio"
            moves = f"{of}, {_count_text(self.moved_count, 'cambia', 'cambian')} de plazo: {', '.join(parts)}"
        return f"{moves}. Al guardar, {late}.{soon}"


@dataclass(frozen=True)
class ServiceLevelPage(StaffPage):
    """`/supervisor/ajustes/niveles`: `arrival` is what was typed as the time of the example, `done` what was saved.

    `moves` is the effect of what was typed, `inherited_moves` that of having what all others have. None: not asked for.
    """

    template: ClassVar[str] = "administration/service_levels.html"

    sections: LevelSections
    form: EditForm
    example: CountedDeadline | None
    moves: MovedChats | None
    inherited_moves: MovedChats | None
    arrival: str
    arrival_error: str
    done: str


def level_path(code: str) -> str:
    """Return the page of a topic, without a code that of all others."""
    return f"/supervisor/ajustes/niveles/{quote(code, safe='')}" if code else "/supervisor/ajustes/niveles"


def count_deadline(explanation: Explanation, calendar: WorkingCalendar) -> CountedDeadline:
    """Return a deadline as the page draws it: the bars of its days are in the hours that any of them is open."""
    shown = explanation.days[:MAX_SHOWN_DAYS]
    intervals = {day.day: calendar.open_intervals(day.day) for day in shown}
    edges = [
        _share_of_day(at, is_end=is_end)
        for one in intervals.values()
        for pair in one
        for at, is_end in zip(pair, (False, True), strict=True)
    ]
    first, last = min(edges, default=0.0), max(edges, default=1.0)
    days = [
        CountedDay(
            label=f"{format_short_weekday(day.day)} {day.day.day}",
            hours=format_working_time(day.seconds) if day.used else "0",
            text=day.hours_text or day.why_none.capitalize(),
            open_bars=_draw_bars(intervals[day.day], first, last),
            used_bars=_draw_bars(day.used, first, last),
        )
        for day in shown
    ]
    left_out = len(explanation.days) - len(shown)
    return CountedDeadline(explanation.start, explanation.due, explanation.sentence, days, left_out)


def _draw_bars(intervals: Sequence[tuple[datetime, datetime]], first: float, last: float) -> list[IntervalBar]:
    bars = []
    for starts, ends in intervals:
        left, right = _share_of_day(starts), _share_of_day(ends, is_end=True)
        bars.append(IntervalBar(_percent(left - first, last - first), _percent(right - left, last - first)))
    return bars


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 1)


def _share_of_day(at: datetime, *, is_end: bool = False) -> float:
    """Return how much of its day has passed; as an end, midnight is the end of the day before."""
    local = at.astimezone(BOGOTA)
    passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) / _DAY
    return 1.0 if is_end and not passed else passed


def _count_text(count: int, one: str, many: str) -> str:
    if not count:
        return f"ninguno {one}"
    return f"{count} {one if count == 1 else many}"
