"""The audit log of what the staff did, and how far its chain was verified.

Entries are only ever inserted: triggers of the database refuse anything else.
"""

from peewee import SQL, CharField, IntegerField, TextField

from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import HASH_CHARS


class AuditEntry(BaseModel):
    """Who did what to what, from which address, and why. `before` and `after` are JSON.

    The actor's id, name and role are those of that moment; the row refers to no other, since it outlives them all.
    `person_id` is the member whom it concerns. `position` counts the entries of the chain from 1, `hash` is that of
    this entry and of the `hash` of the one before (`domain/audit_chain.py`). An entry that an older version wrote has
    no position until a job adds it to the chain.
    """

    at = InstantField(index=True)
    actor_id = IntegerField(null=True)
    actor_name = TextField(default="")
    actor_role = CharField(max_length=16)
    address = CharField(max_length=64)
    request_id = CharField(max_length=32, default="")
    what = CharField(max_length=48)
    subject = CharField(max_length=64, index=True)
    person_id = IntegerField(null=True)
    before = TextField(default="{}")
    after = TextField(default="{}")
    reason = TextField(default="")
    position = IntegerField(null=True, unique=True)
    previous_hash = CharField(max_length=HASH_CHARS, default="")
    hash = CharField(max_length=HASH_CHARS, default="")

    class Meta:
        table_name = "audit_entries"


AuditEntry.add_index(
    AuditEntry.index(
        AuditEntry.person_id, AuditEntry.id, where=SQL("person_id IS NOT NULL"), name="audit_entries_person"
    )
)
AuditEntry.add_index(AuditEntry.index(AuditEntry.id, where=SQL("position IS NULL"), name="audit_entries_unchained"))
AuditEntry.add_index(
    AuditEntry.index(AuditEntry.actor_id, AuditEntry.id, where=SQL("actor_id IS NOT NULL"), name="audit_entries_actor")
)
AuditEntry.add_index(
    AuditEntry.index(
        AuditEntry.actor_id,
        AuditEntry.actor_name,
        where=SQL("actor_id IS NOT NULL"),
        name="audit_entries_actor_name",
    )
)
AuditEntry.add_index(AuditEntry.index(AuditEntry.what, AuditEntry.id, name="audit_entries_what"))
AuditEntry.add_index(
    AuditEntry.index(
        AuditEntry.person_id,
        AuditEntry.what,
        AuditEntry.id,
        where=SQL("person_id IS NOT NULL"),
        name="audit_entries_person_what",
    )
)


class AuditText(BaseModel):
    """What people wrote in the entry at this position, kept apart so that it can be erased with a member's data.

    The entry itself has the HMAC-SHA256 of each text under `salt`: with the row gone nobody can find out the text, and
    with the row there nobody can change it unseen. `texts` is JSON, by the name of the field.
    """

    position = IntegerField(primary_key=True)
    person_id = IntegerField(index=True)
    salt = CharField(max_length=HASH_CHARS)
    texts = TextField()

    class Meta:
        table_name = "audit_texts"


class AuditHead(BaseModel):
    """The newest entry of the chain: one row, with the id 1.

    A trigger moves it on in the transaction of each entry, and others let it neither go back nor be deleted: entries
    that were taken from the end of the chain are missed, and no later one takes their place.
    """

    position = IntegerField(default=0)
    hash = CharField(max_length=HASH_CHARS, default="")

    class Meta:
        table_name = "audit_head"


class AuditState(BaseModel):
    """What is known of the log as a whole: one row, with the id 1.

    `position` and `hash` are the last entry that a job found as it was written, `broken_position` and `broken_reason`
    say where the chain breaks behind it. Up to `again_position` the chain was verified once more, part by part. Since
    `views_since` it is recorded who of the staff opens the data of a member.
    """

    position = IntegerField(default=0)
    hash = CharField(max_length=HASH_CHARS, default="")
    verified_at = InstantField(null=True)
    broken_position = IntegerField(null=True)
    broken_reason = CharField(max_length=16, default="")
    again_position = IntegerField(default=0)
    again_hash = CharField(max_length=HASH_CHARS, default="")
    views_since = InstantField(null=True)

    class Meta:
        table_name = "audit_state"
