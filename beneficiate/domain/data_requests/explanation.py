"""How the term of a request was counted: each day that it crosses, and the same in sentences."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.data_requests.lifecycle import NEEDS_INFORMATION, RequestState
from beneficiate.domain.data_requests.terms import (
    CLAIM,
    QUERY,
    SATURDAY,
    TERMS,
    count_working_days,
    day_before_term,
    find_latest_day,
    is_working_day,
)
from beneficiate.formatting import format_weekday_date

DayKind = Literal["off", "holiday", "received", "run", "left", "end"]
"""A day without working time, a holiday, the day of receipt, a working day that was used or is left, the last day."""
WEEK = timedelta(days=7)
_ONE_DAY = timedelta(days=1)
SATURDAYS = (
    "Los sábados tampoco: un plazo en días hábiles deja por fuera los días en que no se atiende (Ley 4 de 1913, "
    "artículo 62), y las solicitudes se atienden de lunes a viernes."
)
_RULES = {
    QUERY: "Una consulta se responde en 10 días hábiles. El de su llegada es el primero, si es hábil (Ley 1581 de "
    "2012, artículo 14).",
    CLAIM: "Un reclamo se responde en 15 días hábiles, desde el siguiente al de su llegada (Ley 1581 de 2012, "
    "artículo 15).",
}


@dataclass(frozen=True, slots=True)
class TermDay:
    """A day of the calendar of a term; `number` says which working day of it, 0 for none."""

    day: date
    kind: DayKind
    number: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class TermExplanation:
    """A term: its weeks from Monday to Sunday, and in words. `used` of `total` working days have begun.

    Nobody's days are counted while the person is to complete a claim: then there are no weeks.
    """

    weeks: tuple[tuple[TermDay, ...], ...]
    sentences: tuple[str, ...]
    used: int
    total: int


def explain_term(state: RequestState, first_due_on: date, received_on: date, today: date) -> TermExplanation:
    """Return how the term of a request was counted, as of `today`, or of the day on which it was closed.

    `first_due_on` is its last day without an extension.
    """
    if state.state == NEEDS_INFORMATION:
        return TermExplanation((), _explain_pause(state), 0, TERMS[state.kind].days)
    before = day_before_term(state.kind, state.counted_from)
    used, total = count_working_days(before, today), count_working_days(before, state.due_on)
    sentences = [_RULES[state.kind]]
    if state.counted_from != received_on:
        sentences.append(f"Quedó completo el {format_weekday_date(state.counted_from)}: desde ese día se cuenta.")
    sentences.append(_explain_progress(state, used, total, today))
    sentences += [_explain_omitted(before, state.due_on), SATURDAYS, _explain_extension(state, first_due_on, today)]
    return TermExplanation(tuple(_list_weeks(state, before, today)), tuple(filter(None, sentences)), used, total)


def explain_new_term(kind: str, due_on: date) -> str:
    """Return until when a request is answered that is received now: `Hasta 10 días hábiles: el 8 de septiembre`."""
    return f"Hasta {TERMS[kind].days} días hábiles. Si llega hoy, a más tardar el {format_weekday_date(due_on)}."


def describe_distance(state: RequestState, today: date) -> str:
    """Return how near the end of the term is: `Vence hoy`, `Quedan 3 días hábiles`, `Venció hace 1 día hábil`."""
    left = count_working_days(today, state.due_on)
    if today > state.due_on:
        late = count_working_days(state.due_on, today)
        return f"Venció hace {_count_days(late)}" if late else "Venció"
    if today == state.due_on:
        return "Vence hoy"
    return "Queda 1 día hábil" if left == 1 else f"Quedan {_count_days(left)}"


def _explain_progress(state: RequestState, used: int, total: int, today: date) -> str:
    if not state.is_open:
        return f"Se cerró en {_count_days(used)}; el plazo era de {total}."
    distance = describe_distance(state, today)
    return f"Hoy es el {used}.º de {total}. {distance}." if 0 < used <= total else f"{distance}."


def _explain_omitted(before: date, due_on: date) -> str:
    days = [before + index * _ONE_DAY for index in range(1, (due_on - before).days + 1)]
    holidays = [
        f"el {format_weekday_date(day)} ({holiday_name(day)})"
        for day in days
        if day.weekday() < SATURDAY and holiday_name(day)
    ]
    if not holidays:
        return "No cuentan los domingos ni los festivos; en este plazo no hay festivos entre semana."
    named = holidays[0] if len(holidays) == 1 else f"{', '.join(holidays[:-1])} y {holidays[-1]}"
    return f"No cuentan los domingos ni los festivos: {named}."


def _explain_extension(state: RequestState, first_due_on: date, today: date) -> str:
    extra, latest = TERMS[state.kind].extra, find_latest_day(state.kind, first_due_on)
    if state.was_extended:
        return (
            f"El primer plazo terminaba el {format_weekday_date(first_due_on)}. Se prorrogó hasta el "
            f"{format_weekday_date(state.due_on)}; la ley permite {extra} días hábiles más, avisando antes y diciendo "
            "por qué."
        )
    if not state.is_open:
        return ""
    if today > state.due_on:
        return "Ya no admite prórroga: se responde y se explica la demora."
    return (
        f"Si no alcanza, se avisa antes de que venza, con la razón, y hay hasta {extra} días hábiles más: el "
        f"{format_weekday_date(latest)}."
    )


def _explain_pause(state: RequestState) -> tuple[str, ...]:
    return (
        f"Falta información. Se espera hasta el {format_weekday_date(state.due_on)}: dos meses desde que se pidió.",
        "Si no llega, la ley entiende que la persona desistió (Ley 1581 de 2012, artículo 15).",
        f"Cuando llegue, se cuentan {TERMS[state.kind].days} días hábiles desde el siguiente.",
    )


def _list_weeks(state: RequestState, before: date, today: date) -> list[tuple[TermDay, ...]]:
    monday = state.counted_from - state.counted_from.weekday() * _ONE_DAY
    weeks, number = [], 0
    while monday <= state.due_on:
        days = []
        for day in (monday + index * _ONE_DAY for index in range(7)):
            is_counted = before < day <= state.due_on and is_working_day(day)
            number += is_counted
            days.append(TermDay(day, _kind_of(state, day, today, is_counted), number * is_counted, day == today))
        weeks.append(tuple(days))
        monday += WEEK
    return weeks


def _kind_of(state: RequestState, day: date, today: date, is_counted: bool) -> DayKind:
    if is_counted:
        return "end" if day == state.due_on else "run" if day <= today else "left"
    if day == state.counted_from:
        return "received"
    return "holiday" if holiday_name(day) and state.counted_from <= day <= state.due_on else "off"


def _count_days(count: int) -> str:
    return "1 día hábil" if count == 1 else f"{count} días hábiles"
