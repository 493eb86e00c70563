"""How a deadline is drawn, and what is said of the chats that would move."""

from datetime import datetime

import pytest

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.slots import WeeklyBlock
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.explanation import explain_deadline
from beneficiate.domain.service_levels.fields import parse_service_level, service_level_texts
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.formatting import BOGOTA
from beneficiate.views.service_levels import (
    MAX_SHOWN_DAYS,
    SERVICE_LEVEL_LABELS,
    IntervalBar,
    LevelTopic,
    MovedChat,
    MovedChats,
    count_deadline,
    level_path,
)

CALENDAR = WorkingCalendar(BusinessHours([WeeklyBlock(weekday, 8 * 60, 18 * 60) for weekday in range(6)]))
SATURDAY = datetime(2026, 8, 15, 16, tzinfo=BOGOTA)


def test_days_are_drawn_in_the_hours_that_any_of_them_is_open():
    counted = count_deadline(explain_deadline(SATURDAY, 4 * 3600, CALENDAR), CALENDAR)
    assert [(day.label, day.hours.replace("\u00a0", " "), day.text.replace("\u00a0", " ")) for day in counted.days] == [
        ("sáb 15", "2 h", "4:00–6:00 p. m."),
        ("dom 16", "0", "No se atiende"),
        ("lun 17", "0", "Es festivo"),
        ("mar 18", "2 h", "8:00–10:00 a. m."),
    ]
    assert [day.used_bars for day in counted.days] == [[IntervalBar(80, 20)], [], [], [IntervalBar(0, 20)]]
    assert [day.open_bars for day in counted.days] == [[IntervalBar(0, 100)], [], [], [IntervalBar(0, 100)]]


def test_midnight_is_the_end_of_its_day():
    always = WorkingCalendar(BusinessHours([WeeklyBlock(weekday, 0, 24 * 60) for weekday in range(7)]))
    counted = count_deadline(explain_deadline(SATURDAY, 24 * 3600, always), always)
    assert [day.used_bars for day in counted.days] == [[IntervalBar(66.7, 33.3)], [IntervalBar(0, 66.7)]]


def test_long_deadlines_show_their_first_days():
    counted = count_deadline(explain_deadline(SATURDAY, 200 * 3600, CALENDAR), CALENDAR)
    assert (len(counted.days), counted.left_out > 0) == (MAX_SHOWN_DAYS, True)


def test_labels_are_those_of_the_fields():
    texts = service_level_texts(PromisedTimes(60), 80)
    assert list(texts) == list(SERVICE_LEVEL_LABELS.names)
    assert parse_service_level(texts).promised == PromisedTimes(60)


def test_move_is_earlier_or_later():
    at = SATURDAY
    move = MovedChat(1, "Ana", "", at, at.replace(hour=18), at.replace(hour=17), None)
    assert move.is_earlier
    without = MovedChat(1, "Ana", "", at, at, None, None)
    assert (without.is_earlier, without.is_later) == (False, True)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0, 0, 0, 0, 0), "Ningún chat abierto tiene niveles de servicio."),
        ((5, 0, 0, 0, 0, 0), "Ningún chat abierto con niveles de servicio cambia de plazo."),
        (
            (5, 2, 1, 1, 0, 1),
            "De 5 chats abiertos con niveles de servicio, 2 cambian de plazo: 1 vencería antes, 1 vencería después. "
            "Al guardar, ninguno quedaría vencido. Se avisaría de 1 dentro de media hora.",
        ),
        (
            (6, 1, 1, 0, 1, 0),
            "De 6 chats abiertos con niveles de servicio, 1 cambia de plazo: 1 vencería antes. "
            "Al guardar, 1 quedaría vencido.",
        ),
        (
            (1, 1, 1, 0, 1, 0),
            "El único chat abierto con niveles de servicio cambia de plazo: vencería antes. "
            "Al guardar, 1 quedaría vencido.",
        ),
    ],
)
def test_effect_says_of_which_chats_it_speaks(counts, said):
    open_count, moved, earlier, later, late, soon = counts
    assert MovedChats(open_count, [], moved, earlier, later, late, soon).sentence == said


def test_paths_of_topics():
    assert LevelTopic(0, "General", "", "", "", has_own=True).path == "/supervisor/ajustes/niveles"
    assert level_path("a b") == "/supervisor/ajustes/niveles/a%20b"
