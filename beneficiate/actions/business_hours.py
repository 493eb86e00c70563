"""Business hours of the call centre: the week and the dates that are exceptions.

Each command says what its form has shown, so that nobody replaces what somebody else has just saved.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from beneficiate.actions import assignment, audit, deadline_moves
from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.hours_text import KIND_CLOSED, KIND_OPEN, describe_day, describe_week, order_spans
from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, WeeklyBlock
from beneficiate.domain.dates import parse_typed_date
from beneficiate.errors import InvalidForm, OutdatedForm
from beneficiate.formatting import bogota_date
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.protocol import channels
from beneficiate.protocol.queue import HoursChanged
from beneficiate.queries import business_hours
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.deadline_moves import load_moves_by_hours
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.service_levels import MovedChats

MAX_EXCEPTION_AHEAD = timedelta(days=730)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class SetWeeklyHours:
    """The week as it was typed: for each weekday (0 is Monday) the (opening, closing) times, `08:00`; empty is none.

    `seen` has what the form has shown of each weekday, as `format_hours` writes it.
    """

    spans: Mapping[int, list[tuple[str, str]]]
    seen: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class SetHoursException:
    """An exception as it was typed."""

    day: str
    kind: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class SetCallCentreDay:
    """An exception of the call centre, and what the form has shown of its date, as `describe_day` writes it."""

    typed: SetHoursException
    seen: str


@dataclass(frozen=True, slots=True)
class DeleteCallCentreDay:
    """A date that loses its exception, and what the form has shown of it, as `describe_day` writes it."""

    day: date
    seen: str


HoursChange = SetWeeklyHours | SetCallCentreDay | DeleteCallCentreDay


def set_weekly_hours(uow: UnitOfWork, command: SetWeeklyHours) -> None:
    """Replace the weekly hours.

    Raises NotFound unless a supervisor acts, InvalidForm with a sentence per weekday, OutdatedForm.
    """
    require_supervisor(uow.actor)
    blocks = parse_week(command)
    # Locked like everything that the queue depends on: two weeks that are saved at once must not mix.
    assignment.lock_queue()
    stored = business_hours.load_weekly_blocks()
    _require_seen(describe_week(stored), command.seen, describe_week(blocks))
    before, after = _summarize_week(stored), _summarize_week(blocks)
    if before == after:
        return
    BusinessHoursBlock.delete().execute()
    BusinessHoursBlock.insert_many(map(asdict, blocks)).execute()
    _apply_hours(uow)
    audit.record_audit(uow, "hours.set_week", "hours", changes={"week": (before, after)})


def set_hours_exception(uow: UnitOfWork, command: SetCallCentreDay) -> None:
    """Set the exception of a date, in place of an earlier one. Raises NotFound, InvalidForm, OutdatedForm."""
    require_supervisor(uow.actor)
    day, rows = validate_exception(uow, command.typed)
    assignment.lock_queue()
    before, after = _replace_day(day, command.seen, rows), summarize_exceptions(rows)
    if before != after:
        _apply_hours(uow)
        audit.record_audit(uow, "hours.set_day", f"day:{day}", changes={"hours": (before, after)})


def delete_hours_exception(uow: UnitOfWork, command: DeleteCallCentreDay) -> None:
    """Delete the exception of a date; without one nothing changes. Raises NotFound, OutdatedForm."""
    require_supervisor(uow.actor)
    assignment.lock_queue()
    before = _replace_day(command.day, command.seen, [])
    if before:
        _apply_hours(uow)
        audit.record_audit(uow, "hours.forget_day", f"day:{command.day}", changes={"hours": (before, [])})


def preview_hours(uow: UnitOfWork, command: HoursChange) -> MovedChats:
    """Return which open chats would have other deadlines if the hours were changed so.

    Nothing is changed. Raises NotFound, InvalidForm, OutdatedForm.
    """
    require_supervisor(uow.actor)
    hours = business_hours.load_business_hours()
    if isinstance(command, SetWeeklyHours):
        blocks = parse_week(command)
        _require_seen(describe_week(hours.blocks), command.seen, describe_week(blocks))
        return load_moves_by_hours(uow, BusinessHours(blocks, hours.exceptions))
    if isinstance(command, DeleteCallCentreDay):
        day, rows = command.day, list[DayException]()
    else:
        day, rows = validate_exception(uow, command.typed)
    stored, others = _split_day(hours.exceptions, day)
    _require_seen(describe_day(stored), command.seen, describe_day(rows))
    return load_moves_by_hours(uow, BusinessHours(hours.blocks, [*others, *rows]))


def _apply_hours(uow: UnitOfWork) -> None:
    """Move the deadlines of open chats, and tell boards and open chats of members that the hours have changed."""
    deadline_moves.refresh_open_chats(uow)
    emit_board_outdated(uow)
    uow.emit(HoursChanged(), channels=[channels.MEMBERS_CHANNEL])


def _require_seen(stored: object, seen: object, wanted: object) -> None:
    """Raise OutdatedForm unless what is stored is what the form has shown; the same form sent twice is saved."""
    if stored not in (seen, wanted):
        raise OutdatedForm


def parse_week(command: SetWeeklyHours) -> list[WeeklyBlock]:
    """Return the blocks of a week as typed, in order. Raises InvalidForm with a sentence per weekday."""
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
    return order_spans(_parse_span(starts, ends) for starts, ends in typed if starts.strip() or ends.strip())


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
    """Return the minute of the day of a time as browsers send it, `08:00`: without seconds, without a zone."""
    found = _TIME.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


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


def _replace_day(day: date, seen: str, rows: list[DayException]) -> list[str]:
    """Store other exceptions of a date, and return a description of the earlier ones for the audit.

    Raises OutdatedForm.
    """
    stored, _ = _split_day(business_hours.load_business_hours().exceptions, day)
    _require_seen(describe_day(stored), seen, describe_day(rows))
    BusinessHoursException.delete().where(BusinessHoursException.day == day).execute()
    if rows:
        BusinessHoursException.insert_many(map(asdict, rows)).execute()
    return summarize_exceptions(stored)


def _split_day(exceptions: Iterable[DayException], day: date) -> tuple[list[DayException], list[DayException]]:
    """Return the exceptions of a date, and all others."""
    stored: list[DayException] = []
    others: list[DayException] = []
    for one in exceptions:
        (stored if one.day == day else others).append(one)
    return stored, others


def summarize_exceptions(rows: list[DayException]) -> list[str]:
    """Return a description of each exception for the audit."""
    return [f"{KIND_OPEN if row.is_open else KIND_CLOSED} {row.hours[0]}-{row.hours[1]}" for row in rows]


def _summarize_week(blocks: list[WeeklyBlock]) -> dict[int, list[str]]:
    days: defaultdict[int, list[str]] = defaultdict(list)
    for block in blocks:
        days[block.weekday].append(f"{block.starts}-{block.ends}")
    return dict(days)
