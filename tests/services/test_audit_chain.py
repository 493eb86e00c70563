"""The whole chain of the audit log is verified beside what the database does, and against what the log has noted."""

import re

import pytest

from beneficiate.actions.audit import record_audit
from beneficiate.domain.audit_chain import ChainLink
from beneficiate.errors import Conflict, Invalid
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database
from beneficiate.services.audit_chain import parse_anchor, verify_chain
from beneficiate.unit_of_work import UnitOfWork
from tests.audit import audit_triggers_off
from tests.factories import supervisor
from tests.queries.appointment_rows import NOW


@pytest.fixture
def store(server):
    uow = UnitOfWork(supervisor().actor, NOW)
    with database.atomic():
        for number in range(4):
            record_audit(uow, "a", f"s:{number}")
    return server.context.store


def link(position):
    return ChainLink(position, AuditEntry.get(AuditEntry.position == position).hash)


@pytest.mark.gen_test
async def test_complete_chain_says_how_many_entries_it_has(store):
    said = await verify_chain(store, [link(2), link(4)])
    assert said == f"La cadena está completa: 4 registros, huella {link(4).hash}."


@pytest.mark.gen_test
async def test_changed_entry_breaks_the_chain(store):
    with audit_triggers_off():
        AuditEntry.update(reason="otro").where(AuditEntry.position == 3).execute()
    with pytest.raises(Conflict, match=re.escape("El registro 3 ya no corresponde con su huella. Los 2 anteriores")):
        await verify_chain(store, [])


@pytest.mark.gen_test
async def test_removed_entry_is_missing(store):
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position == 2).execute()
    with pytest.raises(Conflict, match="Falta el registro 2"):
        await verify_chain(store, [])


@pytest.mark.gen_test
async def test_entries_taken_from_the_end_are_noticed_by_an_anchor(store):
    anchor = link(4)
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position == 4).execute()
    assert "3 registros" in await verify_chain(store, [link(3)])
    with pytest.raises(Conflict, match="el registro 4 tiene otra huella o falta"):
        await verify_chain(store, [anchor])


@pytest.mark.gen_test
async def test_entries_of_an_older_version_are_named(store):
    AuditEntry.insert(at=NOW, actor_role="agent", address="", what="a", subject="s").execute()
    assert (await verify_chain(store, [])).endswith("1 de una versión anterior entran a la cadena en un minuto.")


def test_anchor_is_a_position_and_a_hash():
    assert parse_anchor(f" 48210:{'9F' * 32} ") == ChainLink(48210, "9f" * 32)
    for wrong in ("", "48210", f"0:{'9f' * 32}", f"48210:{'9f' * 31}", f"x:{'9f' * 32}", f"{'9' * 10}:{'9f' * 32}"):
        with pytest.raises(Invalid):
            parse_anchor(wrong)
