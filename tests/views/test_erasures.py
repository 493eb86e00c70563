"""How an erasure is said: counts in words, what stays and until when."""

from datetime import UTC, datetime

from beneficiate.models.erasures import CANCELLED, ERASED, ERASING, REQUESTED
from beneficiate.views.erasures import (
    ERASURE_BADGES,
    Certificate,
    ErasureRow,
    ErasureState,
    describe_erased,
    describe_kept,
)

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def test_only_what_there_was_is_said_to_be_gone():
    counts = {"chats": 11, "messages": 1, "notes": 0, "payments": 2}
    assert describe_erased(counts) == ["11 conversaciones", "1 mensaje"]


def test_what_stays_has_its_law_and_its_day():
    certificate = Certificate("CE", NOW, NOW, {"payments": 2, "appointments": 3}, datetime(2025, 9, 3, tzinfo=UTC))
    payments, appointments = certificate.kept
    assert payments.until == datetime(2035, 9, 3, tzinfo=UTC)
    assert (appointments.until, appointments.years) == (None, None)
    assert "Código de Comercio" in payments.law
    assert describe_kept({}, {}, with_none=False) == []
    assert len(describe_kept({}, {}, with_none=True)) == 4


def test_every_state_has_a_word_and_what_is_waited_for_a_sentence():
    assert set(ERASURE_BADGES) == {REQUESTED, CANCELLED, ERASING, ERASED}
    assert ErasureRow("CE", REQUESTED, NOW, NOW, None, "").badge.label == "En los siete días"
    row = ErasureRow("CE", REQUESTED, NOW, NOW, None, "review")
    assert (row.badge.label, "revisión" in row.waiting_sentence) == ("En espera", True)
    assert ErasureState(NOW, NOW, "").waiting_sentence == ""
