"""E-mails about an account, the links in some of them, and people who registered and have not confirmed."""

from peewee import SQL, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.models.professionals import Township
from beneficiate.text_limits import HASH_CHARS, MAX_CONSENT_VERSION_CHARS

RECOVERY, REGISTRATION, NEW_ADDRESS = "recovery", "registration", "new_address"
"""What asks for a link. What is sent is decided when it is sent: a request does not know who has an account."""
IMPORTED = "imported"
"""The link for a first password, to a member who was imported: nobody asked for it."""
PASSWORD_CHANGED, ADDRESS_CHANGED, NEW_DEVICE = "password_changed", "address_changed", "new_device"
COPY_READY = "copy_ready"
"""A copy of their data can be downloaded."""
ERASURE_ASKED, ERASURE_CANCELLED = "erasure_asked", "erasure_left"
FACTOR_NOTICES = ENROLLED, TURNED_OFF, RESET, RECOVERED, RENEWED = (
    "enrolled",
    "turned_off",
    "reset",
    "recovered",
    "renewed",
)
"""What has happened to a second factor, or with a code of it for recovery."""
REQUEST_NOTICES = REQUEST_FILED, REQUEST_ASKED, REQUEST_EXTENDED, REQUEST_ANSWERED, REQUEST_LAPSED = (
    "request_filed",
    "request_asked",
    "request_extended",
    "request_answered",
    "request_lapsed",
)
"""What has happened to a request about personal data, for its person."""
REQUEST_ALERTS = REQUEST_DUE, REQUEST_BREACHED = "request_due", "request_breached"
"""A request whose term ends soon or has ended, for supervisors."""


class Registration(BaseModel):
    """Somebody who registered; an account exists once they confirm. `secret_hash` names the browser that they used.

    It takes neither the address nor the document: whoever has both may still register.
    """

    email = CharField(index=True)
    password_hash = TextField()
    first_name = CharField()
    last_name = CharField()
    document_type = CharField(max_length=16)
    document_number = CharField(max_length=32)
    phone = CharField(max_length=32)
    birth_date = DateField()
    township = ForeignKeyField(Township, null=True, on_delete="SET NULL")
    consent_version = CharField(max_length=MAX_CONSENT_VERSION_CHARS)
    has_health_consent = BooleanField(default=False)
    address = CharField(max_length=64)
    secret_hash = CharField(max_length=HASH_CHARS, index=True)
    created_at = InstantField(index=True)
    confirmed_at = InstantField(null=True)

    class Meta:
        table_name = "registrations"


class AccountEmail(BaseModel):
    """An e-mail to `email`. The token of its link is made when it is sent, and only its digest is stored.

    `account_version` is that of the account when it was sent: the link is good for no other.
    """

    kind = CharField(max_length=16)
    email = CharField()
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    registration = ForeignKeyField(Registration, null=True, on_delete="CASCADE")
    token_hash = CharField(max_length=HASH_CHARS, default="")
    account_version = CharField(max_length=HASH_CHARS, default="")
    expires_at = InstantField()
    created_at = InstantField(index=True)
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "account_emails"


class EmailRequestCount(BaseModel):
    """How many e-mails were asked for since `began_at`, for an address or from a network; `key` is a digest of it.

    `blocked` is whom it blocks, masked; empty while it blocks nobody.
    """

    key = CharField(unique=True, max_length=HASH_CHARS)
    used = IntegerField(default=0)
    began_at = InstantField(index=True)
    blocked = CharField(max_length=80, default="")

    class Meta:
        table_name = "email_request_counts"


AccountEmail.add_index(
    AccountEmail.index(AccountEmail.token_hash, where=SQL("token_hash <> ''"), name="account_emails_token")
)
AccountEmail.add_index(AccountEmail.index(AccountEmail.id, where=SQL("sent_at IS NULL"), name="account_emails_unsent"))
