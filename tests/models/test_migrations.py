"""The migrations end at the schema of the models, also when two processes run them at once."""

import os
from datetime import UTC, datetime
from importlib import import_module

import pytest
from playhouse.schema_diff import diff_models

from beneficiate.migrations import run_migrations
from beneficiate.models import TABLES
from beneficiate.models.accounts import Agent, Beneficiary, Supervisor, User
from beneficiate.models.base import database, is_postgresql, open_database
from beneficiate.models.chats import Message
from beneficiate.models.facts import Fact
from beneficiate.models.professionals import Department, Specialty, Township
from beneficiate.queries.accounts import find_actors
from tests.databases import empty_postgresql
from tests.factories import agent, beneficiary, member, supervisor, support_chat
from tests.server_process import process_environment, start_command

FACT_KEY = {("at", "timestamp with time zone", False, is_key) for is_key in (False, True)}
NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)


@pytest.fixture
def empty_url(backend, request, tmp_path):
    """Return the URL of an empty database."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    with empty_postgresql(request.getfixturevalue("postgresql_url"), f"beneficiate_empty_{os.getpid()}") as url:
        yield url


def test_models_are_what_the_migrations_made(db):
    # Peewee does not see the indexes of a table with partitions: `tests/migrations/test_fact_partitions.py` does.
    difference = diff_models(db, [table for table in TABLES if table is not Fact or not is_postgresql()])
    assert not difference, str(difference)


def test_columns_are_of_the_kind_that_the_models_would_make(db, empty_url):
    other = open_database(empty_url)
    with other.bind_ctx(TABLES):
        other.create_tables(TABLES)
    for table in (table._meta.table_name for table in TABLES):
        migrated, made = (
            {(column.name, column.data_type, column.null, column.primary_key) for column in one.get_columns(table)}
            for one in (db, other)
        )
        # A key of a table with partitions has the column that these are told apart by.
        is_partitioned = table == "facts" and is_postgresql()
        assert migrated == made or (is_partitioned and migrated ^ made == FACT_KEY)
        assert set(db.get_foreign_keys(table)) == set(other.get_foreign_keys(table))
    other.close_all()


def test_second_run_applies_nothing_and_changes_nothing(db):
    before = [list(table.select().order_by(table.id).tuples()) for table in (Department, Township, Specialty)]
    db.close()
    assert run_migrations(database) == []
    assert [list(table.select().order_by(table.id).tuples()) for table in (Department, Township, Specialty)] == before


def test_reference_data_that_was_spoilt_is_repaired(db):
    Township.delete().where(Township.code == "05001").execute()
    Department.update(name="?").where(Department.code == "05").execute()
    db.close()
    run_migrations(database)
    assert Department.get(Department.code == "05").name == "Antioquia"
    assert Township.get(Township.code == "05001").department.code == "05"


def test_messages_of_before_get_the_name_of_their_author_and_chats_the_last_message_of_a_person(db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana, last_line="El agente cerró el chat.")
    senders = [("USER", ana.id), ("AGENT", yuliana.agent_id), ("SYSTEM", None)]
    for seq, (kind, sender_id) in enumerate(senders, 1):
        Message.create(chat=chat, seq=seq, sender_type=kind, sender_id=sender_id, message=kind, sent_at=NOW)
    Message.create(
        chat=chat, seq=4, sender_type="AGENT", sender_id=yuliana.agent_id, message="x", sent_at=NOW, sender_name="Yuli"
    )
    import_module("beneficiate.migrations.0010_message_authors").up(None, db)
    names = [message.sender_name for message in Message.select().order_by(Message.seq)]
    assert names == [ana.user.name, yuliana.user.name, "", "Yuli"]
    assert type(chat).get_by_id(chat.id).last_line == "x"


def test_supervisors_of_before_can_answer_and_those_who_were_dismissed_stay_members(db):
    marta, gone, former = supervisor("Marta"), supervisor("Gil"), agent("Omar")
    Agent.delete().where(Agent.id.in_([marta.agent_id, gone.agent_id])).execute()
    Supervisor.update(status="INACTIVE").where(Supervisor.user == gone.id).execute()
    Supervisor.create(user=former.id, created_at=datetime.now(UTC))
    Agent.update(status="INACTIVE", availability="available").where(Agent.id == former.agent_id).execute()
    db.execute_sql("ALTER TABLE agents DROP COLUMN is_automatic")  # which is younger than that migration
    import_module("beneficiate.migrations.0006_supervisors_answer").up(None, db)
    db.execute_sql("ALTER TABLE agents ADD COLUMN is_automatic BOOLEAN NOT NULL DEFAULT FALSE")
    columns = (Agent.user, Agent.status, Agent.availability)
    rows = {user_id: tuple(rest) for user_id, *rest in Agent.select(*columns).tuples()}
    assert rows == {marta.id: ("ACTIVE", "offline"), former.id: ("ACTIVE", "offline")}
    roles = {who.id: find_actors([who.id])[who.id].role for who in (marta, gone, former)}
    assert roles == {marta.id: "supervisor", gone.id: "member", former.id: "supervisor"}


def test_document_numbers_get_their_normal_form_unless_it_is_taken(db):
    numbers = {"dots": "52.123.456", "prefix": "CC71765432", "zero": "043567890", "taken": "0052000111"}
    people = {name: member(document_number=number) for name, number in numbers.items()}
    other = member(document_number="52000111")
    child = beneficiary(other, document_type="CC", document_number="RC 1038998877")
    passport = beneficiary(other, document_type="PASSPORT", document_number="AV 12345")
    import_module("beneficiate.migrations.0009_document_numbers").up(None, db)
    stored = {name: User.get_by_id(one.id).document_number for name, one in people.items()}
    assert stored == {"dots": "52123456", "prefix": "71765432", "zero": "43567890", "taken": "0052000111"}
    child, passport = Beneficiary.get_by_id(child.id), Beneficiary.get_by_id(passport.id)
    assert (child.document_type, child.document_number) == ("RC", "1038998877")
    assert (passport.document_type, passport.document_number) == ("PASSPORT", "AV12345")


def test_two_processes_that_migrate_an_empty_database_at_once_both_succeed(empty_url, tmp_path):
    outputs = [tmp_path / name for name in ("one", "other")]
    both = [start_command(["migrate"], process_environment(empty_url), output) for output in outputs]
    codes = [process.wait(120) for process in both]
    printed = [output.read_text(encoding="utf-8") for output in outputs]
    assert codes == [0, 0], printed
    assert sorted(out.split(":")[0].strip() for out in printed) == ["Applied", "Nothing to apply."]
    opened = open_database(empty_url)
    database.initialize(opened)
    assert Township.select().count() == 1122
    opened.close_all()
