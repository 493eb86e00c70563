"""What people are told about how a term was counted is what was counted."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.data_requests.explanation import describe_distance, explain_new_term, explain_term
from beneficiate.domain.data_requests.lifecycle import (
    ANSWERED,
    EXTENDED,
    IN_PROGRESS,
    NEEDS_INFORMATION,
    RECEIVED,
    RequestState,
)
from beneficiate.domain.data_requests.terms import (
    CLAIM,
    QUERY,
    TERMS,
    add_working_days,
    find_due_day,
    find_latest_day,
    is_working_day,
)

ARRIVED, DUE, LATEST = date(2026, 8, 5), date(2026, 8, 28), date(2026, 9, 9)
ANA = RequestState(CLAIM, IN_PROGRESS, ARRIVED, DUE, was_asked=False, was_extended=False)
TODAY = date(2026, 8, 25)


def days_of(explained):
    return [one for week in explained.weeks for one in week]


def test_claim_of_the_fifth_of_august_as_it_stands_on_the_twenty_fifth():
    explained = explain_term(ANA, DUE, ARRIVED, TODAY)
    assert (explained.used, explained.total) == (12, 15)
    assert [len(week) for week in explained.weeks] == [7] * 4
    kinds = {one.day.day: one.kind for one in days_of(explained)}
    assert (kinds[4], kinds[5], kinds[6], kinds[7], kinds[8]) == ("off", "received", "run", "holiday", "off")
    assert (kinds[17], kinds[25], kinds[26], kinds[28], kinds[29]) == ("holiday", "run", "left", "end", "off")
    (today,) = [one for one in days_of(explained) if one.is_today]
    assert (today.day, today.number) == (TODAY, 12)
    text = " ".join(explained.sentences)
    assert "15 días hábiles, desde el siguiente al de su llegada (Ley 1581 de 2012, artículo 15)" in text
    assert "Hoy es el 12.º de 15. Quedan 3 días hábiles." in text
    assert "el viernes 7 de agosto (Batalla de Boyacá) y el lunes 17 de agosto (La Asunción)" in text
    assert "Los sábados tampoco" in text
    assert "Ley 4 de 1913" in text
    assert "hay hasta 8 días hábiles más: el miércoles 9 de septiembre." in text


def test_extended_completed_late_and_closed_terms_say_so():
    longer = replace(ANA, state=EXTENDED, due_on=LATEST, was_extended=True)
    text = " ".join(explain_term(longer, DUE, ARRIVED, TODAY).sentences)
    assert "Se prorrogó hasta el miércoles 9 de septiembre" in text
    assert "El primer plazo terminaba el viernes 28 de agosto." in text
    later = explain_term(ANA, DUE, date(2026, 8, 3), TODAY)
    assert "Quedó completo el miércoles 5 de agosto: desde ese día se cuenta." in later.sentences
    closed = explain_term(replace(ANA, state=ANSWERED), DUE, ARRIVED, TODAY)
    assert "Se cerró en 12 días hábiles; el plazo era de 15." in closed.sentences
    assert not any("Si no alcanza" in one for one in closed.sentences)
    late = explain_term(ANA, DUE, ARRIVED, date(2026, 8, 31))
    assert (late.used, late.total) == (16, 15)
    assert "Venció hace 1 día hábil." in late.sentences
    assert late.sentences[-1] == "Ya no admite prórroga: se responde y se explica la demora."


def test_while_information_is_missing_nothing_is_counted():
    paused = explain_term(replace(ANA, state=NEEDS_INFORMATION, due_on=date(2026, 10, 13)), DUE, ARRIVED, TODAY)
    assert paused.weeks == ()
    assert "hasta el martes 13 de octubre: dos meses desde que se pidió." in paused.sentences[0]


def test_distance_is_in_working_days():
    said = {day: describe_distance(ANA, date(2026, 8, day)) for day in (25, 27, 28, 29, 31)}
    assert said == {
        25: "Quedan 3 días hábiles",
        27: "Queda 1 día hábil",
        28: "Vence hoy",
        29: "Venció",
        31: "Venció hace 1 día hábil",
    }


def test_new_request_says_its_last_day():
    said = explain_new_term(QUERY, find_due_day(QUERY, TODAY))
    assert said == "Hasta 10 días hábiles. Si llega hoy, a más tardar el lunes 7 de septiembre."


@given(
    st.dates(date(2021, 1, 1), date(2040, 12, 31)),
    st.sampled_from([QUERY, CLAIM]),
    st.booleans(),
    st.integers(-3, 60),
)
def test_calendar_has_each_counted_day_once_and_names_each_holiday(received_on, kind, is_extended, later):
    first = find_due_day(kind, received_on)
    due_on = find_latest_day(kind, first) if is_extended else first
    state = RequestState(kind, EXTENDED if is_extended else RECEIVED, received_on, due_on, False, is_extended)
    explained = explain_term(state, first, received_on, received_on + timedelta(days=max(0, later)))
    shown = days_of(explained)
    counted = [one for one in shown if one.number]
    assert [one.number for one in counted] == list(range(1, explained.total + 1))
    assert explained.total == TERMS[kind].days + TERMS[kind].extra * is_extended
    assert all(is_working_day(one.day) for one in counted)
    assert counted[-1].day == due_on
    assert counted[-1].kind == "end"
    assert shown[0].day.weekday() == 0
    assert shown[-1].day.weekday() == 6
    assert [one.day for one in shown] == [shown[0].day + timedelta(days=index) for index in range(len(shown))]
    text = " ".join(explained.sentences)
    crossed = [one.day for one in shown if received_on <= one.day <= due_on and one.day.weekday() < 5]
    assert all(str(holiday_name(day)) in text for day in crossed if holiday_name(day) and day > received_on)
    assert add_working_days(counted[0].day, explained.total - 1) == due_on
