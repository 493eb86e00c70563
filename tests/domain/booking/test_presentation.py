"""What people read of an appointment."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.booking.lifecycle import APPOINTMENT_TRANSITIONS, EXPIRED
from beneficiate.domain.booking.presentation import (
    APPOINTMENT_BADGES,
    APPOINTMENT_NEWS,
    APPOINTMENT_STATUS_NAMES,
    appointment_email_subject,
    format_slot_label,
    place_of_appointment,
    place_of_care,
)


def test_each_status_has_its_own_word_and_icon():
    assert set(APPOINTMENT_BADGES) == set(APPOINTMENT_TRANSITIONS)
    assert (
        len(set(APPOINTMENT_STATUS_NAMES.values())) == len({badge.icon for badge in APPOINTMENT_BADGES.values()}) == 8
    )


def test_news_are_of_every_status_but_expired():
    assert set(APPOINTMENT_TRANSITIONS) - set(APPOINTMENT_NEWS) == {EXPIRED}


def test_nobody_is_sent_to_the_address_of_somebody_who_is_seen_from_afar():
    assert place_of_care("PRESENCIAL", "Calle 116 # 9-72") == "Calle 116 # 9-72"
    assert place_of_care("VIRTUAL", "Calle 116 # 9-72") == "Virtual"


def test_email_subject_falls_back_to_a_neutral_one():
    assert appointment_email_subject("RESCHEDULED") == "Su cita cambió de horario"
    assert appointment_email_subject("ATTENDED") == appointment_email_subject("NO_SHOW") == "Novedad de su cita"


def test_slot_label_is_in_bogota_with_ordinary_spaces():
    label = format_slot_label(datetime(2026, 11, 26, 19, 40, tzinfo=UTC), "Germán Cifuentes")
    assert label == "jue 26 de noviembre, 2:40 p. m., con Germán Cifuentes"
    assert format_slot_label(datetime(2026, 11, 28, 5, 5, tzinfo=UTC), "X").startswith(
        "sáb 28 de noviembre, 12:05 a. m."
    )


@pytest.mark.parametrize(
    ("location", "is_virtual", "place"),
    [("Calle 1 # 2-3", False, "Calle 1 # 2-3, Cali"), ("Virtual", True, "Virtual"), (None, False, "Cali")],
)
def test_place_of_a_video_call_has_no_city(location, is_virtual, place):
    assert place_of_appointment(location, "Cali", is_virtual=is_virtual) == place
