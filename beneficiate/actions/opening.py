"""When the call centre is open: the week, and the days that differ."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from beneficiate.actions import audit, routing
from beneficiate.errors import InvalidForm
from beneficiate.models.staff import OpeningBlock, OpeningException
from beneficiate.queries import hours
from beneficiate.queries.access import require_supervisor
from beneficiate.scheduling.slots import DAY_MINUTES, Block, DayException
from beneficiate.spanish import BOGOTA
from beneficiate.store import Work

FARTHEST = timedelta(days=730)
ONLY, SHUT = "abierto", "cerrado"
"""What a day can be that differs: open between two hours and no others, or shut, all day or between two hours."""


@dataclass(frozen=True, slots=True)
class SetWeek:
    """The week as it was typed: for each weekday (0 is Monday) what opens and what closes, `08:00`; empty is none."""

    spans: Mapping[int, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class SetDay:
    """A day that differs, as it was typed."""

    day: str
    kind: str
    starts: str
    ends: str


def set_week(work: Work, command: SetWeek) -> None:
    """Write the week anew. Raises NotFound, and InvalidForm with a sentence for each weekday that is not right."""
    require_supervisor(work.actor)
    wrong: dict[str, str] = {}
    blocks: list[Block] = []
    for weekday, typed in command.spans.items():
        try:
            blocks += [Block(weekday, starts, ends) for starts, ends in _spans(typed)]
        except ValueError as problem:
            wrong[f"dia-{weekday}"] = str(problem)
    if not blocks and not wrong:
        wrong["dia-0"] = "Deje al menos un tramo en la semana."
    if wrong:
        raise InvalidForm(wrong)
    # Held as by everybody who changes what the queue goes by: two weeks that are written at once must not mix.
    routing.hold_queue()
    before = _in_short(hours.week())
    OpeningBlock.delete().execute()
    OpeningBlock.insert_many(map(asdict, blocks)).execute()
    audit.record(work, "hours.set_week", "hours", "", "", week=(before, _in_short(blocks)))


def set_day(work: Work, command: SetDay) -> None:
    """Make a day differ, in place of what was said of it before. Raises NotFound, InvalidForm."""
    require_supervisor(work.actor)
    day, rows = _checked_day(work, command)
    routing.hold_queue()
    before = _forget(day)
    OpeningException.insert_many(map(asdict, rows)).execute()
    audit.record(work, "hours.set_day", f"day:{day}", "", "", hours=(before, _kinds(rows)))


def forget_day(work: Work, day: date) -> None:
    """Let a day be like any other again; nothing when it is. Raises NotFound."""
    require_supervisor(work.actor)
    routing.hold_queue()
    before = _forget(day)
    if before:
        audit.record(work, "hours.forget_day", f"day:{day}", "", "", hours=(before, []))


def _spans(typed: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """The parts of a day in order. Raises ValueError with what is wrong."""
    found = sorted(_span(starts, ends) for starts, ends in typed if starts.strip() or ends.strip())
    if any(ends > following for (_, ends), (following, _) in pairwise(found)):
        raise ValueError("Los tramos se cruzan.")
    return found


def _span(starts: str, ends: str) -> tuple[int, int]:
    opens, closes = _minute(starts), _minute(ends)
    if opens is None or closes is None:
        raise ValueError("Escriba la hora de abrir y la de cerrar.")
    # Midnight closes the day.
    closes = closes or DAY_MINUTES
    if closes <= opens:
        raise ValueError("Debe cerrar después de abrir.")
    return opens, closes


def _minute(text: str) -> int | None:
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def _checked_day(work: Work, command: SetDay) -> tuple[date, list[DayException]]:
    wrong: dict[str, str] = {}
    today = work.now.astimezone(BOGOTA).date()
    try:
        day = date.fromisoformat(command.day.strip())
    except ValueError:
        day = date.min
    if not today <= day <= today + FARTHEST:
        wrong["fecha"] = "Elija una fecha desde hoy y hasta dentro de dos años."
    span = None
    if command.kind not in (ONLY, SHUT):
        wrong["que"] = "Elija si se abre o se cierra."
    elif command.kind == ONLY or command.starts.strip() or command.ends.strip():
        try:
            span = _span(command.starts, command.ends)
        except ValueError:
            wrong["desde"] = "Escriba desde qué hora y hasta cuál, la segunda después de la primera."
    if wrong:
        raise InvalidForm(wrong)
    if command.kind == SHUT:
        starts, ends = span or (None, None)
        return day, [DayException(day, starts, ends, is_open=False)]
    # An extra opening wins over a closing, so that the two together say: these hours and no others.
    return day, [DayException(day, None, None, is_open=False), DayException(day, *span, is_open=True)]  # type: ignore[misc]


def _forget(day: date) -> list[str]:
    """Delete what was said of a day; what it was."""
    said = _kinds([row for row in hours.opening_hours().exceptions if row.day == day])
    OpeningException.delete().where(OpeningException.day == day).execute()
    return said


def _kinds(rows: list[DayException]) -> list[str]:
    return [f"{ONLY if row.is_open else SHUT} {row.hours[0]}-{row.hours[1]}" for row in rows]


def _in_short(blocks: list[Block]) -> dict[int, list[str]]:
    days: defaultdict[int, list[str]] = defaultdict(list)
    for block in blocks:
        days[block.weekday].append(f"{block.starts}-{block.ends}")
    return dict(days)
