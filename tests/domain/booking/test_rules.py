"""The rules of the company, whose defaults are those of the settings."""

from dataclasses import FrozenInstanceError, fields
from datetime import timedelta

import pytest

from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.settings import Settings

CHOSEN = Settings(
    notice_minutes=1,
    horizon_days=2,
    hold_minutes=3,
    change_window_hours=4,
    pending_working_hours=5,
    offer_minutes=6,
    first_reply_s=7,
    reopen_hours=8,
)


def test_defaults_are_those_of_the_settings():
    assert BusinessRules.from_settings(Settings()) == DEFAULT_RULES


def test_every_rule_that_a_setting_chooses_follows_it():
    assert BusinessRules.from_settings(CHOSEN) == BusinessRules(
        notice=timedelta(minutes=1),
        horizon=timedelta(days=2),
        hold=timedelta(minutes=3),
        change_window_hours=4,
        pending_working_hours=5,
        offer=timedelta(minutes=6),
        first_reply=timedelta(seconds=7),
        reopen=timedelta(hours=8),
    )


def test_rules_do_not_change_while_they_are_used():
    for field in fields(BusinessRules):
        with pytest.raises(FrozenInstanceError):
            setattr(DEFAULT_RULES, field.name, None)


def test_reminders_go_from_the_earliest_to_the_latest():
    assert list(DEFAULT_RULES.reminder_hours) == sorted(set(DEFAULT_RULES.reminder_hours), reverse=True)
