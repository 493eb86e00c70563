"""Entries of the audit log in words."""

import pytest

from beneficiate.views.audit_log import (
    ChainStatus,
    TypedFilters,
    describe_audit_actor,
    describe_subject,
    subject_path,
)
from tests.queries.appointment_rows import NOW

PAYMENT_ID = "6f1c0c5e-0000-4000-8000-000000000000"


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
