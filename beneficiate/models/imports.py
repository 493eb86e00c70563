"""What was imported: which rows of the old service became which of ours, and files of members."""

from peewee import BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField

LOADING_IMPORT, PREVIEW_IMPORT, RUNNING_IMPORT, DONE_IMPORT, DISCARDED_IMPORT = (
    "LOADING",
    "PREVIEW",
    "RUNNING",
    "DONE",
    "DISCARDED",
)


class ImportedRow(BaseModel):
    """A row of the old service that was imported. A second run leaves it alone, also when ours was deleted meanwhile.

    `kind` names its table, `new_id` our row. `parts` is how many of the messages of a chat were imported.
    """

    kind = CharField(max_length=24)
    old_id = CharField(max_length=64)
    new_id = CharField(max_length=36)
    parts = IntegerField(default=0)

    class Meta:
        table_name = "imported_rows"
        primary_key = CompositeKey("kind", "old_id")


class MemberImport(BaseModel):
    """A file of members that a supervisor uploaded: read, shown, confirmed, then imported in parts by a job.

    LOADING while its rows are stored, PREVIEW until somebody confirms or discards it, RUNNING until its last row.
    `digest` is the SHA-256 of the file, which is not kept; `found_columns` are those that were found, by the names of
    `domain.member_files.COLUMNS`; `encoding` and `delimiter` are empty for XLSX. `new_rows` is the count of the
    preview; `present_rows` and `refused_rows` also count those who got an account before they were imported.
    """

    created_by = ForeignKeyField(User, on_delete="CASCADE")
    created_at = InstantField()
    state = CharField(max_length=9, default=LOADING_IMPORT)
    file_name = CharField(max_length=160)
    digest = CharField(max_length=64)
    encoding = CharField(max_length=12, default="")
    delimiter = CharField(max_length=8, default="")
    found_columns = CharField(max_length=80)
    total_rows = IntegerField(default=0)
    new_rows = IntegerField(default=0)
    present_rows = IntegerField(default=0)
    refused_rows = IntegerField(default=0)
    imported_rows = IntegerField(default=0)
    sends_links = BooleanField(default=False)
    confirmed_at = InstantField(null=True)
    finished_at = InstantField(null=True)

    class Meta:
        table_name = "member_imports"


class MemberImportRow(BaseModel):
    """A row of such a file: a member who is to be imported, or, with a `reason`, one who is not.

    Of a refused row nothing else is kept. The others are deleted when they are imported or discarded.
    """

    member_import = ForeignKeyField(MemberImport, index=False, on_delete="CASCADE")
    number = IntegerField()
    reason = CharField(max_length=200, default="")
    document_type = CharField(max_length=16, default="")
    document_number = CharField(max_length=32, default="")
    first_name = CharField(max_length=60, default="")
    last_name = CharField(max_length=60, default="")
    email = CharField(max_length=254, default="")
    phone = CharField(max_length=32, default="")
    birth_date = DateField(null=True)

    class Meta:
        table_name = "member_import_rows"


MemberImport.add_index(MemberImport.index(MemberImport.state, MemberImport.created_at, name="member_imports_state"))
MemberImportRow.add_index(
    MemberImportRow.index(
        MemberImportRow.member_import, MemberImportRow.number, unique=True, name="member_import_rows_number"
    )
)
MemberImportRow.add_index(MemberImportRow.index(MemberImportRow.email, name="member_import_rows_email"))
MemberImportRow.add_index(
    MemberImportRow.index(
        MemberImportRow.document_type, MemberImportRow.document_number, name="member_import_rows_document"
    )
)
