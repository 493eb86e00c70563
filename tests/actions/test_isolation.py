"""A row that fails undoes only itself."""

from functools import partial

import pytest
from peewee import OperationalError
from structlog.testing import capture_logs

from beneficiate.actions.isolation import run_each, run_together
from beneficiate.models.chats import Tag
from beneficiate.protocol.commands import Ping
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW


@pytest.fixture
def tags(db):
    return [Tag.create(name=name, folded=name, created_at=NOW) for name in ("a", "b", "c")]


def test_failing_row_is_undone_and_the_others_are_not(tags):
    uow, handled = UnitOfWork(SYSTEM, NOW), []

    def handle(_, names):
        handled.extend(names)

    def rename(tag):
        uow.emit(Ping(), [tag.name])
        uow.defer(handle, tag.name)
        Tag.update(name=f"{tag.name} new").where(Tag.id == tag.id).execute()
        if tag.name == "b":
            # On PostgreSQL a failed statement ends the whole transaction, unless it has a savepoint of its own.
            Tag.create(name="a", folded="a", created_at=NOW)
        return tag.id

    assert run_each(uow, tags, rename) == [tags[0].id, tags[2].id]
    assert [tag.name for tag in Tag.select().order_by(Tag.id)] == ["a new", "b", "c new"]
    assert [event.channels for event in uow.outgoing] == [("a",), ("c",)]
    uow.finish()
    assert handled == ["a", "c"]


def test_rows_are_handled_at_once_and_only_if_that_fails_each_by_itself(tags):
    uow, calls = UnitOfWork(SYSTEM, NOW), []

    def rename(ids):
        calls.append(ids)
        uow.emit(Ping(), [str(ids)])
        Tag.update(name=Tag.name.concat(" new")).where(Tag.id.in_(ids)).execute()
        if poison in ids:
            Tag.create(name="a new", folded="a", created_at=NOW)

    ids, poison = [tag.id for tag in tags], 0
    assert run_together(uow, ids, rename, kind="Tag") == ids
    poison = ids[1]
    with capture_logs() as logs:
        assert run_together(uow, ids, rename, kind="Tag") == [ids[0], ids[2]]
    assert calls == [ids, ids, [ids[0]], [ids[1]], [ids[2]]]
    assert [tag.name for tag in Tag.select().order_by(Tag.id)] == ["a new new", "b new", "c new new"]
    assert [event.channels[0] for event in uow.outgoing] == [str(ids), str([ids[0]]), str([ids[2]])]
    assert [(one["event"], one["kind"], one["row"]) for one in logs] == [("row_failed", "Tag", ids[1])]


@pytest.mark.parametrize("run", [run_each, partial(run_together, kind="Tag")])
def test_database_that_does_not_answer_fails_the_whole(tags, run):
    def fail(_):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        run(UnitOfWork(SYSTEM, NOW), tags, fail)
