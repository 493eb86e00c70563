"""Notices to people who are away from the page: what they want, their browsers, what is due, pushes and e-mails."""

from peewee import SQL, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import SignIn, User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import HASH_CHARS


class NoticePreferences(BaseModel):
    """What a person has chosen; without a row they have chosen nothing.

    `switched_off` names kinds and channels as `chat.email`, separated by commas. Quiet hours are whole hours of Bogotá,
    the same twice for none.
    """

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    switched_off = TextField(default="")
    quiet_from = IntegerField()
    quiet_until = IntegerField()

    class Meta:
        table_name = "notice_preferences"


class PushSubscription(BaseModel):
    """A browser that takes pushes for a person (RFC 8030), with its keys (RFC 8291). It ends with their sign-in.

    Whoever knows `endpoint` can send to it, but nothing that the browser decrypts; `endpoint_hash` is its digest.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    sign_in = ForeignKeyField(SignIn, on_delete="CASCADE")
    endpoint = TextField()
    endpoint_hash = CharField(max_length=HASH_CHARS, unique=True)
    p256dh = CharField(max_length=96)
    auth = CharField(max_length=32)
    created_at = InstantField()

    class Meta:
        table_name = "push_subscriptions"


class AwayNotice(BaseModel):
    """Something that a person is told once, at `due_at`, unless it has become needless by then or by `expires_at`.

    `key` makes it unique. `subject_id` is that of the chat or appointment. `version` is that of the appointment.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=16)
    key = CharField(unique=True, max_length=128)
    subject_id = IntegerField(null=True)
    version = IntegerField(null=True)
    created_at = InstantField(index=True)
    due_at = InstantField()
    expires_at = InstantField()
    done_at = InstantField(null=True)

    class Meta:
        table_name = "away_notices"


class PushMessage(BaseModel):
    """A notice on its way to one browser; it is tried at `due_at`, at most until the notice expires."""

    notice = ForeignKeyField(AwayNotice, on_delete="CASCADE")
    subscription = ForeignKeyField(PushSubscription, on_delete="CASCADE")
    due_at = InstantField()
    done_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "push_messages"
        indexes = ((("notice", "subscription"), True),)


class NoticeEmail(BaseModel):
    """An e-mail that says of a notice that there is something; `count` messages, for those of a chat."""

    notice = ForeignKeyField(AwayNotice, unique=True, on_delete="CASCADE")
    count = IntegerField(default=0)
    created_at = InstantField()
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "notice_emails"


AwayNotice.add_index(AwayNotice.index(AwayNotice.due_at, where=SQL("done_at IS NULL"), name="away_notices_due"))
PushMessage.add_index(PushMessage.index(PushMessage.due_at, where=SQL("done_at IS NULL"), name="push_messages_due"))
NoticeEmail.add_index(NoticeEmail.index(NoticeEmail.id, where=SQL("sent_at IS NULL"), name="notice_emails_unsent"))
