"""A row that fails undoes only itself."""

import pytest
from peewee import OperationalError

from beneficiate.actions.isolation import run_each
from beneficiate.models.chats import Tag
from beneficiate.protocol.commands import Ping
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW


@pytest.fixture
def tags(db):
    return [Tag.create(name=name, folded=name, created_at=NOW) for name in ("a", "b", "c")]


def test_failing_row_is_undone_and_the_others_are_not(tags):
    uow = UnitOfWork(SYSTEM, NOW)

    def rename(tag):
        uow.emit(Ping(), [tag.name])
        Tag.update(name=f"{tag.name} new").where(Tag.id == tag.id).execute()
        if tag.name == "b":
            # On PostgreSQL a failed statement ends the whole transaction, unless it has a savepoint of its own.
            Tag.create(name="a", folded="a", created_at=NOW)
        return tag.id

    assert run_each(uow, tags, rename) == [tags[0].id, tags[2].id]
    assert [tag.name for tag in Tag.select().order_by(Tag.id)] == ["a new", "b", "c new"]
    assert [event.channels for event in uow.outgoing] == [("a",), ("c",)]


def test_database_that_does_not_answer_fails_the_whole(tags):
    def fail(_):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        run_each(UnitOfWork(SYSTEM, NOW), tags, fail)
