"""Everything that leads to a person is in the copy of their data, or has a reason why not: a new table fails here."""

from peewee import CompositeKey, Field, ForeignKeyField

from beneficiate.models import TABLES
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.queries.copied_data import COPIED_TABLES, NOT_COPIED, NOT_COPIED_PARTS, list_not_copied

PERSONAL_COLUMNS = {
    *("user_id", "person_id", "actor_id", "sender_id", "agent_id", "chat_id", "appointment_id", "payment_id"),
    *("email", "phone", "document_number", "first_name", "address"),
}
"""Columns that tell of a person, or of something of a person, without a foreign key."""
OF_NO_PERSON = {
    "Professional": "who sees patients, and their work; no account",
    "ServiceLevel": "",
    "DeadlineMove": "how far a change of promises or hours is carried out",
}
OWNER_COLUMNS = {"user_id", "id"}
"""Of the member whose copy it is; the id of a row is copied where others refer to it."""


def leads_to_person():
    """The models from which foreign keys lead to a user or a beneficiary, and those with a personal column."""
    found = {User, Beneficiary}
    while more := {
        model
        for model in TABLES
        if model not in found
        and any(isinstance(one, ForeignKeyField) and one.rel_model in found for one in model._meta.sorted_fields)
    }:
        found |= more
    named = {model for model in TABLES if PERSONAL_COLUMNS & {one.column_name for one in model._meta.sorted_fields}}
    return found | named


def test_every_table_that_leads_to_a_person_is_copied_or_has_a_reason():
    copied = {one.model for one in COPIED_TABLES}
    missing = {model.__name__ for model in leads_to_person() - copied - set(NOT_COPIED)} - set(OF_NO_PERSON)
    assert missing == set(), "add each to a table of queries/copied_*.py, or to NOT_COPIED with the reason"
    assert copied & set(NOT_COPIED) == set()
    assert {model for model, _, _ in NOT_COPIED_PARTS} <= copied


def test_every_column_of_a_copied_table_is_copied_or_has_a_reason():
    for table in COPIED_TABLES:
        told = {
            one.covers or one.source.name
            for one in table.sources
            if one.covers or (isinstance(one.source, Field) and one.source.model is table.model)
        }
        known = told | set(table.left_out) | {"-"}
        fields = {one.name for one in table.model._meta.sorted_fields if one.column_name not in OWNER_COLUMNS}
        assert fields - known == set(), table.code
        assert set(table.left_out) <= {one.name for one in table.model._meta.sorted_fields}, table.code
        assert told & set(table.left_out) == set(), table.code


def test_rows_have_a_place_of_their_own_in_the_order():
    for table in COPIED_TABLES:
        last = table.order[-1]
        key = table.model._meta.primary_key
        indexes = [one for one in table.model._meta.indexes if isinstance(one, tuple)]
        unique = {frozenset(columns) for columns, is_unique in indexes if is_unique}
        names = frozenset(one.name for one in table.order)
        is_key = isinstance(key, CompositeKey) and set(key.field_names) == names
        assert last is key or is_key or names in unique, table.code


def test_reasons_are_said_to_the_member_and_codes_are_told_apart():
    assert len({one.code for one in COPIED_TABLES}) == len(COPIED_TABLES)
    for table in COPIED_TABLES:
        keys = [one.key for one in table.columns]
        assert (len(set(keys)), all(one.label for one in table.columns)) == (len(keys), True), table.code
    whys = {one.why for one in list_not_copied()}
    assert all(why.endswith(".") for why in whys)
    assert {why for _, why in NOT_COPIED.values()} <= whys
