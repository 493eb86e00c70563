"""Facts outlive what they tell of, and the database refuses to change or delete them."""

from datetime import timedelta

import pytest
from peewee import DatabaseError

from beneficiate.models.base import database, is_postgresql
from beneficiate.models.facts import Fact
from tests.factories import agent, member, support_chat
from tests.models.constraints import delete_row, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def fact(**columns):
    return Fact.create(**{"at": NOW, "kind": "closed", "actor_role": "agent", **columns})


def refuse(statement):
    with pytest.raises(DatabaseError, match="facts are not changed"), database.atomic():
        statement()


def test_fact_outlives_its_chat_and_its_agent():
    yuliana = agent("Yuliana")
    chat = support_chat(member(), None)
    written = fact(chat_id=chat.id, agent_id=yuliana.agent_id, agent_name="Yuliana Gil", agent_code="AG-1")
    delete_row(chat)
    delete_row(yuliana.user)
    kept = reload(written)
    assert (kept.chat_id, kept.agent_id, kept.agent_name, kept.agent_code) == (
        chat.id,
        yuliana.agent_id,
        "Yuliana Gil",
        "AG-1",
    )


@pytest.mark.parametrize("column", [name for name in Fact._meta.columns if name != "id"])
def test_no_column_is_changed(column):
    written = fact()
    changes = {"at": NOW + timedelta(seconds=1), "starts_at": NOW}
    refuse(Fact.update({column: changes.get(column, 7)}).where(Fact.id == written.id).execute)


def test_fact_is_not_deleted():
    written = fact()
    refuse(lambda: delete_row(written))
    refuse(lambda: database.execute_sql(f"{'TRUNCATE' if is_postgresql() else 'DELETE FROM'} facts"))
    assert reload(written).kind == "closed"
