"""Quiet hours of Bogotá, whatever the hour they begin at; what was switched off is not sent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.notices import (
    CHAT,
    EMAIL,
    NO_CHOICES,
    NOTICE_KINDS,
    PUSH,
    DeliveryWindow,
    NoticeChoices,
    find_delivery_window,
    list_choice_names,
)
from tests.domain.booking.moments import at


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        ((21, 7), "2026-08-25 20:59", None),
        ((21, 7), "2026-08-25 21:00", "2026-08-26 07:00"),
        ((21, 7), "2026-08-26 03:30", "2026-08-26 07:00"),
        ((21, 7), "2026-08-26 07:00", None),
        ((12, 14), "2026-08-25 13:59", "2026-08-25 14:00"),
        ((0, 6), "2026-08-25 00:00", "2026-08-25 06:00"),
        ((22, 0), "2026-08-25 23:10", "2026-08-26 00:00"),
        ((8, 8), "2026-08-25 08:00", None),
    ],
)
def test_quiet_hours_end_at_their_hour_in_bogota(quiet, now, end):
    found = NoticeChoices(frozenset(), *quiet).find_quiet_end(at(now))
    assert found == (at(end) if end else None)


def test_what_is_not_switched_off_is_wanted():
    assert all(NO_CHOICES.allows(kind, PUSH) for kind in NOTICE_KINDS)
    chosen = NoticeChoices(frozenset({"chat.email"}))
    assert (chosen.allows(CHAT, EMAIL), chosen.allows(CHAT, PUSH)) == (False, True)
    assert "chat.email" in list_choice_names()
    assert "payment.email" not in list_choice_names()


NIGHT = NoticeChoices(frozenset(), 21, 7)


@pytest.mark.parametrize(
    ("now", "expires", "appointments", "window"),
    [
        # By day until the night; in the night from its end on.
        ("2026-08-25 20:00", "2026-08-26 20:00", [], ("2026-08-25 20:00", "2026-08-25 21:00")),
        ("2026-08-25 20:00", "2026-08-25 20:30", [], ("2026-08-25 20:00", "2026-08-25 20:30")),
        ("2026-08-25 23:00", "2026-08-26 23:00", [], ("2026-08-26 07:00", "2026-08-26 21:00")),
        ("2026-08-26 01:00", "2026-08-26 06:00", [], None),
        ("2026-08-26 01:00", "2026-08-26 07:00", [], None),
        # An appointment of the same morning: at once and all night; one of the afternoon waits.
        ("2026-08-25 23:00", "2026-08-26 12:59", ["2026-08-26 12:59"], ("2026-08-25 23:00", "2026-08-26 12:59")),
        ("2026-08-25 23:00", "2026-08-26 13:00", ["2026-08-26 13:00"], ("2026-08-26 07:00", "2026-08-26 13:00")),
        ("2026-08-25 20:00", "2026-08-26 08:00", ["2026-08-26 08:00"], ("2026-08-25 20:00", "2026-08-26 08:00")),
        # One that has passed is of no morning.
        ("2026-08-25 23:00", "2026-08-26 22:00", ["2026-08-25 09:00"], ("2026-08-26 07:00", "2026-08-26 21:00")),
        ("2026-08-25 20:00", "2026-08-26 08:00", ["2026-08-20 08:00"], ("2026-08-25 20:00", "2026-08-25 21:00")),
        ("2026-08-25 23:00", "2026-08-26 22:00", ["2026-08-20 09:00", "2026-08-26 09:00"],
         ("2026-08-25 23:00", "2026-08-26 22:00")),
    ],
)  # fmt: skip
def test_notice_is_delivered_outside_of_the_quiet_hours_unless_it_is_about_that_morning(
    now, expires, appointments, window
):
    found = find_delivery_window(NIGHT, at(now), at(expires), [at(one) for one in appointments])
    assert found == (DeliveryWindow(*map(at, window)) if window else None)


def test_without_quiet_hours_it_is_delivered_until_it_expires():
    now, expires = at("2026-08-25 23:00"), at("2026-08-26 23:00")
    assert find_delivery_window(NO_CHOICES, now, expires, []) == DeliveryWindow(now, expires)


@given(
    quiet=st.tuples(st.integers(0, 23), st.integers(0, 23)), at_minute=st.integers(0, 1439), lasts=st.integers(1, 1440)
)
def test_window_is_the_first_time_of_the_notice_that_is_in_no_quiet_hour(quiet, at_minute, lasts):
    """Counted minute by minute, whatever the hours and however long the notice lasts."""
    begins, ends = quiet
    midnight, one = at("2026-08-25 00:00"), timedelta(minutes=1)
    loud = [
        minute
        for minute in range(at_minute, at_minute + lasts)
        if not (minute // 60 - begins) % 24 < (ends - begins) % 24
    ]
    now = midnight + at_minute * one
    found = find_delivery_window(NoticeChoices(frozenset(), *quiet), now, now + lasts * one, [])
    if not loud:
        assert found is None
        return
    after = set(loud)
    last = next(minute for minute in loud if minute + 1 not in after)
    assert found == DeliveryWindow(midnight + loud[0] * one, midnight + (last + 1) * one)
