"""Entries of the audit log in words."""

import pytest

from beneficiate.views.audit_log import (
    HIDDEN_VALUE,
    NO_VALUE,
    ChainStatus,
    RecordedChanges,
    TypedFilters,
    describe_audit_actor,
    describe_subject,
    subject_path,
)
from tests.queries.appointment_rows import NOW

PAYMENT_ID = "6f1c0c5e-0000-4000-8000-000000000000"


def describe(before, after, *, shows_private=False, names=None):
    changes = RecordedChanges(before, after, names or {}).describe(shows_private=shows_private)
    return [(one.name, one.before, one.after) for one in changes]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("is_active", True, "Sí"),
        ("is_active", False, "No"),
        ("tries", 0, "0"),
        ("text", "", NO_VALUE),
        ("text", None, NO_VALUE),
        ("starts_at", "2026-09-04 13:05:00+00:00", "4 sept 2026, 8:05\u00a0a.\u00a0m."),
        ("starts_at", "pronto", "pronto"),
        ("availability", "away", "Ausente"),
        ("hours", ["abierto 480-720", "cerrado 0-60"], "abierto 480-720, cerrado 0-60"),
        ("week", {"0": ["480-720"]}, "0: 480-720"),
        ("agent", 7, "Yuliana Gil"),
        ("agent", 8, "8"),
    ],
)
def test_values_are_read_by_people(name, value, text):
    (change,) = describe({}, {name: value}, names={("agent", 7): "Yuliana Gil"})
    assert change[2] == text


@pytest.mark.parametrize(
    ("subject", "status", "text"),
    [("appointment:1", "EXPIRED", "Vencida"), ("payment:x", "EXPIRED", "Vencido"), ("chat:1", "EXPIRED", "EXPIRED")],
)
def test_statuses_are_those_of_the_subject(subject, status, text):
    (change,) = RecordedChanges({}, {"status": status}, {}, subject).describe(shows_private=False)
    assert change.after == text


def test_field_without_a_name_is_shown_by_its_code_and_one_of_the_past_too():
    assert describe({"old": 1}, {"new": 2}) == [("old", "1", NO_VALUE), ("new", NO_VALUE, "2")]


def test_private_fields_are_hidden_unless_asked_for():
    assert describe({"message": "x"}, {"message": "y"}) == [("Mensaje", HIDDEN_VALUE, HIDDEN_VALUE)]
    assert describe({"message": "x"}, {"message": "y"}, shows_private=True) == [("Mensaje", "x", "y")]


@pytest.mark.parametrize(
    ("subject", "text", "path"),
    [
        ("chat:12", "Chat 12", "/agente?chat=12"),
        (f"payment:{PAYMENT_ID}", "Pago BNF-6F1C0C5E", f"/supervisor/pagos/{PAYMENT_ID}"),
        ("name:" + "a" * 32, "Búsqueda por nombre", ""),
        ("day:2026-12-25", "Día 2026-12-25", ""),
        ("hours", "Horario", ""),
        ("other:1", "other 1", ""),
    ],
)
def test_subjects_have_words_and_some_a_page(subject, text, path):
    assert (describe_subject(subject, {}), subject_path(subject)) == (text, path)


def test_actor_is_as_they_were_and_the_system_has_no_id():
    marta = describe_audit_actor(3, "Marta Gil", "supervisor")
    assert (marta.name, marta.role, marta.initials, marta.avatar_color) == ("Marta Gil", "Supervisor", "MG", 4)
    assert describe_audit_actor(3, "", "agent").name == "Persona 3"
    assert describe_audit_actor(None, "", "system").avatar_color == 0


def test_filters_become_a_query_without_those_that_are_empty():
    assert TypedFilters().query == ""
    assert TypedFilters("Marta & Gil", kind="chats.give").query == "quien=Marta+%26+Gil&tipo=chats.give"


@pytest.mark.parametrize(("broken", "begins"), [(1, "No se puede"), (2, "El anterior está"), (12, "Los 11 anteriores")])
def test_what_stands_before_a_break_is_certain(broken, begins):
    assert ChainStatus(40, NOW, broken, "missing", 41).whole_sentence.startswith(begins)


def test_broken_chain_is_whole_up_to_the_entry_before():
    chain = ChainStatus(40, NOW, 12, "missing", 41)
    assert (chain.whole, chain.broken_sentence) == (11, "Falta ese registro.")


@pytest.mark.parametrize(
    ("subject", "names", "said"),
    [
        ("plan:1", {("plan", 1): "Plan Familiar"}, "Plan Familiar"),
        ("plan:1", {("plan", 1): "Planeta"}, "Plan Planeta"),
        ("user:7", {("user", 7): "Marta Ruiz"}, "Marta Ruiz"),
        ("user:7", {}, "Persona 7"),
        ("topic:2", {("topic", 2): "Pagos"}, "Tema Pagos"),
    ],
)
def test_subject_is_said_once(subject, names, said):
    assert describe_subject(subject, names) == said
