"""What members and staff read of a payment."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.billing import outcome
from beneficiate.domain.billing.presentation import (
    MEMBER_PAYMENT_BADGES,
    PAYMENT_NOTICES,
    STAFF_PAYMENT_BADGES,
    UNSETTLED_PAYMENT_STATUSES,
    bare_plan_name,
    member_payment_badge,
    payment_awaits,
    payment_page_mark,
    payment_page_title,
    plan_phase,
    transaction_badge,
)

STATUSES = (
    outcome.PENDING,
    outcome.UNKNOWN,
    outcome.APPROVED,
    outcome.DECLINED,
    outcome.EXPIRED,
    outcome.VOIDED,
)
NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.mark.parametrize("badges", [STAFF_PAYMENT_BADGES, MEMBER_PAYMENT_BADGES], ids=["staff", "member"])
def test_each_status_has_its_own_word_and_icon(badges):
    assert tuple(badges) == STATUSES
    assert len({badge.label for badge in badges.values()}) == len({badge.icon for badge in badges.values()}) == 6


def test_members_and_staff_read_different_words():
    words = {status: (STAFF_PAYMENT_BADGES[status].label, MEMBER_PAYMENT_BADGES[status].label) for status in STATUSES}
    assert words == {
        "PENDING": ("Pendiente", "Por pagar"),
        "UNKNOWN": ("Por verificar", "En verificación"),
        "APPROVED": ("Aprobado", "Aprobado"),
        "DECLINED": ("Rechazado", "No aprobado"),
        "EXPIRED": ("Vencido", "Vencido"),
        "VOIDED": ("Anulado", "Anulado"),
    }


@pytest.mark.parametrize(
    ("status", "flags", "awaited"),
    [
        ("PENDING", {}, ""),
        ("PENDING", {"has_returned": True}, "confirming"),
        ("DECLINED", {"has_returned": True}, "confirming"),
        ("EXPIRED", {"has_returned": True}, ""),
        ("DECLINED", {"is_processing": True}, "confirming"),
        ("PENDING", {"is_processing": True, "is_in_review": True}, "review"),
    ],
)
def test_payment_awaits_a_bank_or_a_person(status, flags, awaited):
    none = {"is_processing": False, "is_in_review": False, "has_returned": False}
    assert payment_awaits(status, **{**none, **flags}) == awaited


def test_member_badge_names_what_is_awaited():
    assert member_payment_badge("PENDING") == MEMBER_PAYMENT_BADGES["PENDING"]
    confirming = member_payment_badge("PENDING", "confirming")
    assert (confirming.label, confirming.icon, confirming.tone) == ("En confirmación", "clock", "accent")
    assert member_payment_badge("DECLINED", "review").label == "En revisión"


@pytest.mark.parametrize(
    ("code", "ends_at", "running", "phase"),
    [
        ("familiar", NOW + YEAR, ("familiar", NOW + YEAR), "active"),
        ("familiar", NOW + YEAR, ("basico", NOW + YEAR / 2), "next"),
        ("familiar", NOW - YEAR, ("familiar", NOW + YEAR), "over"),
        ("familiar", NOW - YEAR, (None, None), "over"),
        ("familiar", None, ("familiar", NOW + YEAR), "over"),
    ],
)
def test_plan_phase(code, ends_at, running, phase):
    assert plan_phase(code, ends_at, *running) == phase


@pytest.mark.parametrize(
    ("status", "awaited", "phase", "title"),
    [
        ("PENDING", "", "over", "Su pago está por hacerse"),
        ("PENDING", "confirming", "over", "Estamos confirmando su pago"),
        ("DECLINED", "review", "over", "Estamos revisando su pago"),
        ("APPROVED", "", "active", "Su plan Familiar está activo"),
        ("APPROVED", "", "next", "Su plan Familiar está pago"),
        ("APPROVED", "", "over", "Su pago está aprobado"),
        ("UNKNOWN", "", "over", "Estamos verificando con Wompi"),
        ("DECLINED", "", "over", "El banco no aprobó el pago"),
        ("EXPIRED", "", "over", "El tiempo para pagar se acabó"),
        ("VOIDED", "", "over", "El pago fue anulado"),
    ],
)
def test_payment_page_title(status, awaited, phase, title):
    assert payment_page_title(status, awaited, "Plan Familiar", phase) == title


def test_payment_page_mark_turns_only_while_a_bank_confirms():
    marks = {(status, awaited): payment_page_mark(status, awaited) for status in STATUSES for awaited in ("", "review")}
    assert not any(mark.is_turning for mark in marks.values())
    assert payment_page_mark("PENDING", "confirming").is_turning
    assert {marks[status, "review"].css_class for status in STATUSES} == {""}
    assert marks["APPROVED", ""].css_class == "is-ok"


def test_unknown_transaction_status_is_shown_by_its_code():
    assert transaction_badge("ERROR").label == "Con error"
    assert (transaction_badge("CHARGEBACK").label, transaction_badge("CHARGEBACK").tone) == ("CHARGEBACK", "")


def test_notices_are_of_statuses_that_bring_no_plan():
    assert set(PAYMENT_NOTICES) == {"PENDING", "DECLINED", "EXPIRED", "VOIDED"}
    assert set(STATUSES) - set(UNSETTLED_PAYMENT_STATUSES) == {"APPROVED", "VOIDED"}


@pytest.mark.parametrize(
    ("name", "bare"),
    [("Plan Familiar", "Familiar"), ("plan oro", "oro"), ("Familiar", "Familiar"), ("Planeta", "Planeta")],
)
def test_bare_plan_name(name, bare):
    assert bare_plan_name(name) == bare
