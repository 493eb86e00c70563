"""Business hours of the call centre: the week and the dates that are exceptions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from beneficiate.actions import assignment, audit, deadlines
from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, WeeklyBlock
from beneficiate.domain.dates import parse_typed_date
from beneficiate.errors import InvalidForm
from beneficiate.formatting import bogota_date
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.queries import business_hours
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.deadline_moves import load_moves_by_hours
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.service_levels import MovedChats

MAX_EXCEPTION_AHEAD = timedelta(days=730)
KIND_OPEN, KIND_CLOSED = "abierto", "cerrado"
"""Kinds of exceptions: open between two hours and no others, or closed, all day or between two hours."""


@dataclass(frozen=True, slots=True)
class SetWeeklyHours:
    """The week as it was typed: for each weekday (0 is Monday) the (opening, closing) times, `08:00`; empty is none."""

    spans: Mapping[int, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class SetHoursException:
    """An exception as it was typed."""

    day: str
    kind: str
    starts: str
    ends: str


HoursChange = SetWeeklyHours | SetHoursException | date
"""A change of the hours; a date loses its exception."""


def set_weekly_hours(uow: UnitOfWork, command: SetWeeklyHours) -> None:
    """Replace the weekly hours. Raises NotFound unless a supervisor acts, InvalidForm with a sentence per weekday."""
    require_supervisor(uow.actor)
    blocks = _parse_week(command)
    # Locked like everything that the queue depends on: two weeks that are saved at once must not mix.
    assignment.lock_queue()
    before = _summarize_week(business_hours.load_weekly_blocks())
    BusinessHoursBlock.delete().execute()
    BusinessHoursBlock.insert_many(map(asdict, blocks)).execute()
    deadlines.refresh_open_chats(uow)
    emit_board_outdated(uow)
    audit.record_audit(uow, "hours.set_week", "hours", changes={"week": (before, _summarize_week(blocks))})


def set_hours_exception(uow: UnitOfWork, command: SetHoursException) -> None:
    """Set the exception of a date, in place of an earlier one. Raises NotFound, InvalidForm."""
    require_supervisor(uow.actor)
    day, rows = validate_exception(uow, command)
    assignment.lock_queue()
    before = _delete_exceptions(day)
    BusinessHoursException.insert_many(map(asdict, rows)).execute()
    deadlines.refresh_open_chats(uow)
    emit_board_outdated(uow)
    audit.record_audit(uow, "hours.set_day", f"day:{day}", changes={"hours": (before, summarize_exceptions(rows))})


def delete_hours_exception(uow: UnitOfWork, day: date) -> None:
    """Delete the exception of a date; without one nothing changes. Raises NotFound."""
    require_supervisor(uow.actor)
    assignment.lock_queue()
    before = _delete_exceptions(day)
    if before:
        deadlines.refresh_open_chats(uow)
        emit_board_outdated(uow)
        audit.record_audit(uow, "hours.forget_day", f"day:{day}", changes={"hours": (before, [])})


def preview_hours(uow: UnitOfWork, command: HoursChange) -> MovedChats:
    """Return which open chats would have other deadlines if the hours were changed so.

    Nothing is changed. Raises NotFound, InvalidForm.
    """
    require_supervisor(uow.actor)
    hours = business_hours.load_business_hours()
    if isinstance(command, SetWeeklyHours):
        return load_moves_by_hours(uow, BusinessHours(_parse_week(command), hours.exceptions))
    day, rows = (command, []) if isinstance(command, date) else validate_exception(uow, command)
    others = [one for one in hours.exceptions if one.day != day]
    return load_moves_by_hours(uow, BusinessHours(hours.blocks, [*others, *rows]))


def _parse_week(command: SetWeeklyHours) -> list[WeeklyBlock]:
    problems: dict[str, str] = {}
    blocks: list[WeeklyBlock] = []
    for weekday, typed in command.spans.items():
        try:
            blocks += [WeeklyBlock(weekday, starts, ends) for starts, ends in _parse_spans(typed)]
        except ValueError as problem:
            problems[f"dia-{weekday}"] = str(problem)
    if not blocks and not problems:
        problems["dia-0"] = "Deje al menos un tramo en la semana."
    if problems:
        raise InvalidForm(problems)
    return blocks


def _parse_spans(typed: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the (start, end) minutes of a day's open spans, in order. Raises ValueError with a sentence for people."""
    parsed = sorted(_parse_span(starts, ends) for starts, ends in typed if starts.strip() or ends.strip())
    if any(ends > following for (_, ends), (following, _) in pairwise(parsed)):
        raise ValueError("Los tramos se cruzan.")
    return parsed


def _parse_span(starts: str, ends: str) -> tuple[int, int]:
    opens, closes = _parse_minute(starts), _parse_minute(ends)
    if opens is None or closes is None:
        raise ValueError("Escriba la hora de abrir y la de cerrar.")
    # As a closing time, midnight is the end of the day.
    closes = closes or DAY_MINUTES
    if closes <= opens:
        raise ValueError("Debe cerrar después de abrir.")
    return opens, closes


def _parse_minute(text: str) -> int | None:
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def validate_exception(uow: UnitOfWork, command: SetHoursException) -> tuple[date, list[DayException]]:
    """Return the date of an exception and what is stored for it. Raises InvalidForm."""
    problems: dict[str, str] = {}
    today = bogota_date(uow.now)
    day = parse_typed_date(command.day) or date.min
    if not today <= day <= today + MAX_EXCEPTION_AHEAD:
        problems["fecha"] = "Elija una fecha desde hoy y hasta dentro de dos años."
    span = None
    if command.kind not in (KIND_OPEN, KIND_CLOSED):
        problems["que"] = "Elija si se abre o se cierra."
    elif command.kind == KIND_OPEN or command.starts.strip() or command.ends.strip():
        try:
            span = _parse_span(command.starts, command.ends)
        except ValueError:
            problems["desde"] = "Escriba desde qué hora y hasta cuál, la segunda después de la primera."
    if problems:
        raise InvalidForm(problems)
    if command.kind == KIND_CLOSED:
        starts, ends = span or (None, None)
        return day, [DayException(day, starts, ends, is_open=False)]
    # An extra opening wins over a closing, so the two together mean: these hours and no others.
    return day, [DayException(day, None, None, is_open=False), DayException(day, *span, is_open=True)]  # type: ignore[misc]


def _delete_exceptions(day: date) -> list[str]:
    """Delete the exceptions of a date and return a description of each for the audit."""
    deleted = summarize_exceptions([row for row in business_hours.load_business_hours().exceptions if row.day == day])
    BusinessHoursException.delete().where(BusinessHoursException.day == day).execute()
    return deleted


def summarize_exceptions(rows: list[DayException]) -> list[str]:
    """Return a description of each exception for the audit."""
    return [f"{KIND_OPEN if row.is_open else KIND_CLOSED} {row.hours[0]}-{row.hours[1]}" for row in rows]


def _summarize_week(blocks: list[WeeklyBlock]) -> dict[int, list[str]]:
    days: defaultdict[int, list[str]] = defaultdict(list)
    for block in blocks:
        days[block.weekday].append(f"{block.starts}-{block.ends}")
    return dict(days)
