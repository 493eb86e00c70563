"""The whole chain of the audit log is verified beside what the database does, and against what the log has noted."""

import re
from datetime import UTC, datetime

import pytest

from beneficiate.actions.audit import chain_entries
from beneficiate.domain.audit_chain import ChainBreak, ChainLink, next_link
from beneficiate.errors import Conflict, Invalid
from beneficiate.formatting import format_long_date
from beneficiate.models.audit import AuditEntry, AuditHead, AuditState
from beneficiate.models.base import database
from beneficiate.queries import audit_chain
from beneficiate.queries.audit_chain import hashed_content
from beneficiate.services.audit_chain import parse_anchor, verify_chain, verify_new_entries
from beneficiate.unit_of_work import UnitOfWork
from tests.audit import audit_triggers_off, write_audit
from tests.factories import supervisor
from tests.queries.appointment_rows import NOW


@pytest.fixture
def store(server):
    uow = UnitOfWork(supervisor().actor, NOW)
    with database.atomic():
        for number in range(4):
            write_audit(uow, "a", f"s:{number}")
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


@pytest.mark.parametrize("position", [0, -7, 5])
@pytest.mark.gen_test
async def test_entry_that_was_inserted_breaks_the_chain(store, position):
    """Triggers refuse no insertion; an entry before the first one is shown, so it is verified."""
    first = AuditEntry.get(AuditEntry.position == 1).__data__
    AuditEntry.insert(first | {"id": 9, "position": position, "hash": "0" * 64}).execute()
    with pytest.raises(Conflict, match=f"El registro {position} no sigue al que estaba antes"):
        await verify_chain(store, [])
    assert await verify_new_entries(store) == ChainBreak(position, "relinked")


@pytest.mark.gen_test
async def test_removed_entry_is_missing(store):
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position == 2).execute()
    with pytest.raises(Conflict, match="Falta el registro 2"):
        await verify_chain(store, [])


@pytest.mark.gen_test
@pytest.mark.parametrize("kept", [0, 2, 3])
async def test_entries_taken_from_the_end_are_noticed_at_once_and_for_ever(store, kept):
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position > kept).execute()
    with pytest.raises(Conflict, match="se escribieron 4 y el último no está"):
        await verify_chain(store, [])
    assert await verify_new_entries(store) == ChainBreak(4, "missing")
    # What is written later does not take their places.
    with database.atomic():
        write_audit(UnitOfWork(supervisor().actor, NOW), "b", "s:5")
    assert AuditEntry.select(AuditEntry.position).order_by(AuditEntry.id.desc()).scalar() == 5
    with pytest.raises(Conflict, match=f"Falta el registro {kept + 1}"):
        await verify_chain(store, [])


@pytest.mark.gen_test
async def test_last_entry_that_another_one_has_replaced_is_noticed(store):
    last = AuditEntry.get(AuditEntry.position == 4)
    content = {**hashed_content(last), "reason": "otro"}
    columns = {"reason": "otro", "hash": next_link(link(3), content).hash}
    with audit_triggers_off():
        AuditEntry.update(columns).where(AuditEntry.position == 4).execute()
    with pytest.raises(Conflict, match="se escribieron 4"):
        await verify_chain(store, [])
    assert await verify_new_entries(store) == ChainBreak(4, "changed")


@pytest.mark.gen_test
async def test_chain_whose_known_end_was_moved_back_too_is_noticed_by_an_anchor(store):
    anchor = link(4)
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position == 4).execute()
        AuditHead.update(position=3, hash=link(3).hash).execute()
    assert "3 registros" in await verify_chain(store, [link(3)])
    with pytest.raises(Conflict, match="el registro 4 tiene otra huella o falta"):
        await verify_chain(store, [anchor])


@pytest.mark.gen_test
@pytest.mark.parametrize(("kept", "missing"), [(0, 4), (2, 4), (3, 4)])
async def test_shorter_chain_is_not_the_one_that_was_verified(store, kept, missing):
    await verify_new_entries(store)
    assert "4 registros" in await verify_chain(store, [])
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position > kept).execute()
    with pytest.raises(Conflict, match=f"se verificó antes: el registro {missing} tiene otra huella o falta"):
        await verify_chain(store, [])


@pytest.mark.gen_test
async def test_entries_without_a_place_are_said_before_and_after_they_get_one(store):
    """An older version writes so, and whoever inserts a row in the database: who verifies is to know of both."""
    complete, told = "La cadena está completa: {} registros, huella {}.", "Los escribió una versión anterior; si"
    for number in range(2):
        AuditEntry.insert(at=NOW, actor_role="agent", address="", what="a", subject=f"n:{number}").execute()
    said = await verify_chain(store, [])
    pending = "Sin puesto en la cadena: 2; lo reciben en un minuto."
    assert said.startswith(f"{complete.format(4, link(4).hash)} {pending} {told}")

    assert await store.run(chain_entries) == 2
    today = format_long_date(datetime.now(UTC))
    said = await verify_chain(store, [])
    assert said.startswith(
        f"{complete.format(7, link(7).hash)} Recibieron su puesto después de escritos: 2, los últimos el {today}, "
        f"como dice el registro 7. {told}"
    )
    joined = AuditEntry.get(AuditEntry.position == 7)
    assert (joined.what, joined.actor_role) == ("audit.join", "system")
    assert await store.run(chain_entries) == 0


def test_anchor_is_a_position_and_a_hash():
    assert parse_anchor(f" 48210:{'9F' * 32} ") == ChainLink(48210, "9f" * 32)
    for wrong in ("", "48210", f"0:{'9f' * 32}", f"48210:{'9f' * 31}", f"x:{'9f' * 32}", f"{'9' * 10}:{'9f' * 32}"):
        with pytest.raises(Invalid):
            parse_anchor(wrong)


# ---- Part by part --------------------------------------------------------------------------------


def stored():
    row = AuditState.get()
    return row.position, row.broken_position, row.again_position


@pytest.mark.gen_test
async def test_run_verifies_what_is_new_and_a_part_of_the_rest_once_more(store, monkeypatch):
    monkeypatch.setattr(audit_chain, "VERIFIED_PER_READ", 2)
    assert await verify_new_entries(store) is None
    assert (stored(), AuditState.get().hash) == ((4, None, 2), link(4).hash)
    with database.atomic():
        write_audit(UnitOfWork(supervisor().actor, NOW), "a", "s:4")
    seen = []
    for _ in range(3):
        assert await verify_new_entries(store) is None
        seen.append(stored())
    # The third part has one entry, with which it ends; then it begins anew.
    assert seen == [(5, None, 4), (5, None, 0), (5, None, 2)]


@pytest.mark.gen_test
async def test_long_chain_is_verified_over_several_runs(store, monkeypatch):
    monkeypatch.setattr(audit_chain, "VERIFIED_PER_READ", 1)
    monkeypatch.setattr("beneficiate.services.audit_chain.MAX_PARTS_PER_RUN", 3)
    seen = []
    for _ in range(2):
        assert await verify_new_entries(store) is None
        seen.append(stored()[0])
    assert seen == [3, 4]


@pytest.mark.gen_test
async def test_changed_new_entry_is_found_at_once_and_again(store):
    with audit_triggers_off():
        AuditEntry.update(reason="otro").where(AuditEntry.position == 3).execute()
    for _ in range(2):
        assert await verify_new_entries(store) == ChainBreak(3, "changed")
        assert stored()[1] == 3


@pytest.mark.gen_test
async def test_old_entry_that_was_changed_is_found_when_its_part_comes(store, monkeypatch):
    await verify_new_entries(store)
    monkeypatch.setattr(audit_chain, "VERIFIED_PER_READ", 2)
    with audit_triggers_off():
        AuditEntry.update(reason="otro").where(AuditEntry.position == 3).execute()
    assert await verify_new_entries(store) is None
    for _ in range(2):
        assert await verify_new_entries(store) == ChainBreak(3, "changed")


@pytest.mark.gen_test
@pytest.mark.parametrize(("kept", "found"), [(2, ChainBreak(4, "missing")), (3, ChainBreak(4, "missing"))])
async def test_entries_taken_from_the_end_are_missing_ever_after(store, kept, found):
    await verify_new_entries(store)
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position > kept).execute()
    assert await verify_new_entries(store) == found
    assert await verify_new_entries(store) == found


@pytest.mark.gen_test
async def test_chain_that_was_written_anew_differs_from_what_was_verified(store):
    await verify_new_entries(store)
    with audit_triggers_off():
        AuditEntry.delete().where(AuditEntry.position > 2).execute()
        AuditHead.update(position=2, hash=link(2).hash).execute()
    with database.atomic():
        for number in range(3):
            write_audit(UnitOfWork(supervisor().actor, NOW), "b", f"s:{number}")
    # It fits together, and is not what was verified.
    with pytest.raises(Conflict, match="se verificó antes: el registro 4 tiene otra huella"):
        await verify_chain(store, [])
    for _ in range(2):
        assert await verify_new_entries(store) == ChainBreak(4, "changed")
