"""Copies of everything that is stored about a member, which they asked for (Ley 1581 de 2012, articles 8 and 14)."""

from peewee import SQL, BigIntegerField, CharField, ForeignKeyField, IntegerField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField

PENDING_COPY, READY_COPY, FAILED_COPY = "PENDING", "READY", "FAILED"


class DataCopy(BaseModel):
    """A copy that a member asked for: PENDING until a process has written its file, FAILED after some tries.

    `claim` names the run that writes it and `claimed_at` is when that run last said so; `done` of `total` parts are
    written. `file_id` is the key of the file in the store; empty before it is written, and once it was deleted. The
    file can be downloaded until `expires_at`.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    status = CharField(max_length=8, default=PENDING_COPY)
    requested_at = InstantField()
    claim = CharField(max_length=36, default="")
    claimed_at = InstantField(null=True)
    tries = IntegerField(default=0)
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    file_id = CharField(max_length=36, default="")
    size = BigIntegerField(null=True)
    ready_at = InstantField(null=True)
    expires_at = InstantField(null=True)
    downloads = IntegerField(default=0)

    class Meta:
        table_name = "data_copies"


# A member has one that is being written, whatever two requests do at the same moment.
DataCopy.add_index(DataCopy.index(DataCopy.user, unique=True, where=SQL("status = 'PENDING'"), name="data_copies_one"))
DataCopy.add_index(DataCopy.index(DataCopy.id, where=SQL("status = 'PENDING'"), name="data_copies_pending"))
DataCopy.add_index(DataCopy.index(DataCopy.file_id, where=SQL("file_id <> ''"), name="data_copies_file"))
