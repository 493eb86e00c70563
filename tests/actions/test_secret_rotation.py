"""Rotation: what an older key encrypted gets the first one, in parts, and goes on where it was stopped."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beneficiate.actions import secret_rotation
from beneficiate.actions.secret_rotation import RotatedPart, rotate_secrets
from beneficiate.domain.booking.rules import DEFAULT_CIPHER, DEFAULT_RULES
from beneficiate.encryption import SecretCipher
from beneficiate.models.second_factors import SecondFactor
from beneficiate.queries.second_factors import secret_context
from beneficiate.unit_of_work import SYSTEM
from tests.factor_steps import add_second_factor
from tests.factories import agent

NOW = datetime(2026, 8, 25, 15, 0, 7, tzinfo=UTC)
NEW = SecretCipher(("S3xk9Qw1ertyV7mLp0aZ5nB8cD2fGhJ4", *DEFAULT_CIPHER.keys))
LOST = SecretCipher(("a key that nobody has any more, 32 bytes",))


@pytest.fixture
def rules():
    return replace(DEFAULT_RULES, cipher=NEW)


def stored():
    return [row.secret for row in SecondFactor.select().order_by(SecondFactor.id)]


def test_secrets_get_the_first_key_a_part_at_a_time(act, monkeypatch):
    monkeypatch.setattr(secret_rotation, "PART_SIZE", 2)
    people = [agent() for _ in range(5)]
    secrets = [add_second_factor(who).secret for who in people]
    first = act(rotate_secrets, 0, SYSTEM, NOW)[0]
    assert (first.rotated, [text.startswith(NEW.prefix) for text in stored()]) == (2, [True, True, False, False, False])
    # Stopped here, it begins anew and leaves alone what is done.
    second = act(rotate_secrets, 0, SYSTEM, NOW)[0]
    third = act(rotate_secrets, second.last_id, SYSTEM, NOW)[0]
    assert (second.rotated, third.rotated, third.last_id) == (2, 1, None)
    assert act(rotate_secrets, 0, SYSTEM, NOW)[0] == RotatedPart(0, frozenset(), None)
    # The old key is needed no more.
    alone = SecretCipher(NEW.keys[:1])
    assert [alone.decrypt(text, secret_context(who.id)) for text, who in zip(stored(), people, strict=True)] == secrets


def test_secret_of_a_lost_key_is_left_alone_and_hinders_no_other(act, monkeypatch):
    monkeypatch.setattr(secret_rotation, "PART_SIZE", 1)
    lost, kept = agent(), agent("Omar")
    add_second_factor(lost)
    add_second_factor(kept)
    encrypted = LOST.encrypt("x", secret_context(lost.id))
    SecondFactor.update(secret=encrypted).where(SecondFactor.user == lost.id).execute()
    part = act(rotate_secrets, 0, SYSTEM, NOW)[0]
    assert (part.rotated, part.missing_keys) == (0, {LOST.prefix[:-1]})
    assert act(rotate_secrets, part.last_id, SYSTEM, NOW)[0].rotated == 1
    assert stored()[0] == encrypted
