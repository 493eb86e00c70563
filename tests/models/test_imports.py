"""A row of the old service is imported once, and a row of a file is stored once."""

from datetime import UTC, datetime

import pytest
from peewee import IntegrityError

from beneficiate.models.imports import ImportedRow, MemberImport, MemberImportRow
from tests.factories import supervisor


def test_row_of_the_old_service_is_noted_once_by_its_table_and_id(db):
    ImportedRow.create(kind="chats", old_id="7", new_id="1")
    ImportedRow.create(kind="agent_chats", old_id="7", new_id="2")
    with pytest.raises(IntegrityError):
        ImportedRow.create(kind="chats", old_id="7", new_id="3")


def test_row_of_a_file_is_stored_once(db):
    columns = {"file_name": "a.csv", "digest": "d", "found_columns": "tipo", "created_at": datetime.now(UTC)}
    file = MemberImport.create(created_by=supervisor().id, **columns)
    MemberImportRow.create(member_import=file, number=2)
    with pytest.raises(IntegrityError):
        MemberImportRow.create(member_import=file, number=2)
