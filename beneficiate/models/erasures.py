"""Erasures: members who asked that their data be erased, and the e-mail that each of them gets last."""

from peewee import SQL, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import HASH_CHARS

REQUESTED, CANCELLED, ERASING, ERASED = "REQUESTED", "CANCELLED", "ERASING", "ERASED"
CODE_CHARS = 24


class Erasure(BaseModel):
    """What a member asked for at `requested_at`, to be done at `due_at` unless they cancel it before.

    While it is due and something has to end first, `waits_for` names that. Since `closed_at` the account is closed and
    nothing can be cancelled any more. `code` names the certificate, and `counts`, JSON, is what it says: how much there
    was of each kind. The row names nobody: `owner_hash` is the keyed hash of the document, by which the person can be
    found who comes with it, until `kept_until`. `email` is the address for the certificate, until that is queued.
    """

    user = ForeignKeyField(User, on_delete="RESTRICT")
    state = CharField(max_length=9)
    code = CharField(unique=True, max_length=CODE_CHARS)
    requested_at = InstantField()
    due_at = InstantField()
    waits_for = CharField(max_length=8, default="")
    closed_at = InstantField(null=True)
    erased_at = InstantField(null=True)
    counts = TextField(default="{}")
    owner_hash = CharField(max_length=HASH_CHARS, default="")
    kept_until = InstantField(null=True)
    email = CharField(default="")

    class Meta:
        table_name = "erasures"


class ErasureEmail(BaseModel):
    """The certificate on its way to an address. The row is deleted as soon as it was sent or given up."""

    erasure = ForeignKeyField(Erasure, unique=True, on_delete="CASCADE")
    email = CharField()
    created_at = InstantField()
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "erasure_emails"


# Partial, so that a member has one that goes on, whatever two processes do at the same moment.
Erasure.add_index(
    Erasure.index(Erasure.user, unique=True, where=SQL("state IN ('REQUESTED', 'ERASING')"), name="erasures_one_open")
)
Erasure.add_index(Erasure.index(Erasure.due_at, where=SQL("state IN ('REQUESTED', 'ERASING')"), name="erasures_due"))
Erasure.add_index(Erasure.index(Erasure.owner_hash, where=SQL("owner_hash <> ''"), name="erasures_owner"))
