"""Accounts: users, their beneficiaries, agents, supervisors, and where they are signed in."""

from collections.abc import Iterable
from datetime import datetime

from peewee import SQL, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField, fn

from beneficiate.models.base import BaseModel, InstantField, lock_rows
from beneficiate.models.professionals import Township
from beneficiate.text_limits import HASH_CHARS, MAX_AVAILABILITY_REASON_CHARS


class User(BaseModel):
    """A person with an account; a member unless there is an `Agent` or `Supervisor` row.

    Access tokens of the old service, which name no sign-in, are good if they were issued after `tokens_valid_after`.
    """

    email = CharField(unique=True)
    password_hash = TextField()
    first_name = CharField()
    last_name = CharField()
    document_type = CharField(max_length=16)
    document_number = CharField(max_length=32)
    phone = CharField(max_length=32, default="")
    birth_date = DateField(null=True)
    township = ForeignKeyField(Township, null=True, on_delete="SET NULL")
    is_active = BooleanField(default=True)
    online_status = BooleanField(default=False)
    last_seen = InstantField(null=True)
    tokens_valid_after = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "users"
        indexes = ((("document_type", "document_number"), True), (("document_number",), False))

    @property
    def name(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}"

    @classmethod
    def lock_rows(cls, user_ids: Iterable[int]) -> None:
        """Lock the rows of these people until the unit of work ends, by id and before any other row, as everywhere."""
        list(lock_rows(cls.select(cls.id).where(cls.id.in_(list(user_ids))).order_by(cls.id)).tuples())


class Beneficiary(BaseModel):
    """A person whom a member's plan covers too."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    first_name = CharField()
    last_name = CharField()
    document_type = CharField(max_length=16)
    document_number = CharField(max_length=32)
    birth_date = DateField(null=True)
    relationship = CharField(max_length=32)
    township = ForeignKeyField(Township, null=True, on_delete="SET NULL")
    removed_at = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "beneficiaries"
        indexes = ((("document_type", "document_number"), False), (("document_number",), False))


HAS_OLD_HASH = "substr(password_hash, 1, 2) = '$2'"
"""The condition that an account of `users` has a password hash of the old service."""
AVAILABLE, AWAY, OFFLINE = "available", "away", "offline"
ACTIVE_STAFF, INACTIVE_STAFF, INVITED_STAFF = "ACTIVE", "INACTIVE", "INVITED"


class Agent(BaseModel):
    """A user who answers chats while ACTIVE; INACTIVE makes them a member again. INVITED has not accepted yet.

    `availability` is what they set themselves, or what was set for them (`is_automatic`), with its `reason`; it is
    independent of being online. They get up to `capacity` chats at a time; the agent who has been idle longest is known
    by `idle_since`.
    """

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    agent_code = CharField(unique=True, max_length=32)
    status = CharField(max_length=16, default="ACTIVE")
    capacity = IntegerField(default=5)
    availability = CharField(max_length=9, default=AVAILABLE)
    reason = CharField(max_length=MAX_AVAILABILITY_REASON_CHARS, default="")
    is_automatic = BooleanField(default=False)
    availability_at = InstantField(null=True)
    idle_since = InstantField(null=True)
    created_at = InstantField()
    version = IntegerField(default=1)

    class Meta:
        table_name = "agents"


class Supervisor(BaseModel):
    """A user who supervises the agents while ACTIVE, and can take over and answer a chat through their `Agent` row.

    An INACTIVE one is still an agent: to make them a member, make both rows INACTIVE.
    """

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    status = CharField(max_length=16, default="ACTIVE")
    created_at = InstantField()

    class Meta:
        table_name = "supervisors"

    @classmethod
    def appoint(cls, user: User, now: datetime) -> None:
        """Make this person a supervisor, away at first: they get no chats until they set themselves available."""
        cls.create(user=user, created_at=now)
        code = f"SUP-{user.id}"
        Agent.insert(user=user, agent_code=code, availability=OFFLINE, created_at=now).on_conflict(
            conflict_target=[Agent.user], update={Agent.status: "ACTIVE", Agent.availability: OFFLINE}
        ).execute()


class StaffInvitation(BaseModel):
    """An invitation to join the staff, sent to `email` like other e-mails.

    Its token is made when it is sent, and only the digest is stored: empty before, and once it was used.
    """

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    email = CharField()
    token_hash = CharField(max_length=HASH_CHARS, default="")
    expires_at = InstantField()
    created_at = InstantField()
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "invitations"


API_SIGN_IN, PAGE_SIGN_IN = "api", "page"


class SignIn(BaseModel):
    """A device on which a person is signed in. Its token is `family.secret`; only the secret's SHA-256 is stored.

    A refresh replaces the secret. An old one that is used again ends the whole family (RFC 9700, 4.14.2), unless it is
    a second request of the device that exchanged it at `exchanged_at`: `exchanged_hash` is the digest of both.
    """

    family = CharField(unique=True, max_length=36)
    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=8)
    secret_hash = CharField(max_length=HASH_CHARS)
    exchanged_hash = CharField(max_length=HASH_CHARS, default="")
    exchanged_at = InstantField(null=True)
    created_at = InstantField()
    expires_at = InstantField(index=True)
    ended_at = InstantField(null=True)

    class Meta:
        table_name = "sign_ins"

    def is_open(self, now: datetime) -> bool:
        """Return whether the sign-in is neither ended nor expired."""
        return self.ended_at is None and now < self.expires_at


class SignInThrottle(BaseModel):
    """Consecutive wrong passwords or codes by account, network or device; `key` is a digest, so that it names nobody.

    They are forgotten when the last one is older than `kept_s` seconds.
    `pending` is the number of attempts whose password is being verified; the last of them began at `pending_at`.
    `blocked` is whom it blocks, masked; empty while it blocks nobody.
    """

    key = CharField(unique=True, max_length=64)
    failures = IntegerField(default=0)
    pending = IntegerField(default=0)
    pending_at = InstantField(null=True)
    blocked_until = InstantField(null=True)
    changed_at = InstantField(index=True)
    kept_s = IntegerField(default=900)
    blocked = CharField(max_length=80, default="")

    class Meta:
        table_name = "throttles"


class ServerProcess(BaseModel):
    """A server process, alive as long as its heartbeat is younger than the expiry."""

    name = CharField(unique=True, max_length=36)
    beat_at = InstantField()

    class Meta:
        table_name = "processes"


class UserConnection(BaseModel):
    """An open WebSocket connection, or one that closed less than the grace period ago (`closed_at`).

    `sign_in` is that of its access token; None for a token of the old service.
    """

    process = ForeignKeyField(ServerProcess, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    sign_in = ForeignKeyField(SignIn, null=True, on_delete="SET NULL")
    opened_at = InstantField()
    closed_at = InstantField(null=True)

    class Meta:
        table_name = "connections"


# For searches by its beginning, byte by byte: that of the constraint has the order of PostgreSQL's locale.
User.add_index(User.index(User.email, name="users_email_bytes"))
User.add_index(User.index(User.last_seen, where=SQL("online_status"), name="users_online"))
User.add_index(User.index(fn.SUBSTR(User.password_hash, 5, 2), where=SQL(HAS_OLD_HASH), name="users_old_hashes"))
StaffInvitation.add_index(
    StaffInvitation.index(StaffInvitation.token_hash, where=SQL("token_hash <> ''"), name="invitations_token")
)
UserConnection.add_index(
    UserConnection.index(UserConnection.closed_at, where=SQL("closed_at IS NOT NULL"), name="connections_closed")
)
