"""The form of the business hours: rows of the week, days in words."""

from datetime import date

import pytest

from beneficiate.domain.booking.slots import DayException
from beneficiate.views.business_hours import BusinessHoursToday, ExceptionalDay, WeekForm

DAY = date(2026, 12, 31)


def test_each_weekday_has_an_empty_row_and_at_least_two():
    week = [[], [(480, 720)], [(0, 720), (780, 1440)], [], [], [], []]
    rows = WeekForm(week, {}).rows
    assert rows[:3] == [
        [("", ""), ("", "")],
        [("08:00", "12:00"), ("", "")],
        [("00:00", "12:00"), ("13:00", "00:00"), ("", "")],
    ]


def test_rows_that_were_typed_are_kept_whatever_is_stored_now():
    typed = {f"dia-1-{n}-{end}": at for n in range(3) for end, at in (("desde", f"0{n}:00"), ("hasta", f"0{n}:30"))}
    typed |= {"dia-1-3-desde": "", "dia-1-3-hasta": "", "dia-9-0-desde": "x", "antes-dia-1": "07:00-19:00"}
    week = WeekForm([[(480, 720)], [], [], [], [], [], []], typed)
    assert week.rows[1] == [("00:00", "00:30"), ("01:00", "01:30"), ("02:00", "02:30"), ("", "")]
    assert week.rows[0] == [("", ""), ("", "")]
    assert (week.seen["dia-0"], week.seen["dia-1"]) == ("08:00-12:00", "07:00-19:00")


@pytest.mark.parametrize(
    ("exceptions", "sentence"),
    [
        ([DayException(DAY, 0, 1440, is_open=False)], "Cerrado todo el día"),
        (
            [DayException(DAY, None, None, is_open=False), DayException(DAY, 0, 1440, is_open=True)],
            "Abierto todo el día",
        ),
        ([DayException(DAY, 480, 720, is_open=True)], "Abierto solo de 8:00 a. m. a 12:00 p. m."),
        ([DayException(DAY, 480, 720, is_open=False)], "Cerrado de 8:00 a. m. a 12:00 p. m."),
    ],
)
def test_exceptional_day_in_words(exceptions, sentence):
    assert ExceptionalDay(DAY, exceptions).sentence.replace("\u00a0", " ") == sentence


WHOLE, SPLIT = [(420, 1140)], [(480, 720), (840, 1080)]


@pytest.mark.parametrize(
    ("spans", "sentence", "hours", "state"),
    [
        (WHOLE, "", "Hoy: de 7:00 a. m. a 7:00 p. m.", "Abierto ahora"),
        (SPLIT, "Volvemos hoy", "Hoy: de 8:00 a. m. a 12:00 p. m. y de 2:00 p. m. a 6:00 p. m.", "Volvemos hoy"),
        ([(0, 1440)], "", "Hoy: todo el día", "Abierto ahora"),
        ([], "Volvemos mañana", "Hoy no abrimos", "Volvemos mañana"),
    ],
)
def test_hours_of_today_in_words(spans, sentence, hours, state):
    today = BusinessHoursToday(not sentence, sentence, spans)
    assert (today.hours_text.replace("\u00a0", " "), today.state_text) == (hours, state)
