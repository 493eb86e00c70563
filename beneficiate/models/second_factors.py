"""The second factor of the staff, and sign-ins that wait for it."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import SignIn, User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import HASH_CHARS


class SecondFactor(BaseModel):
    """The application of codes of one of the staff: its secret, encrypted for this user.

    `last_step` is the time step of the last code that was accepted: no code of it or of an earlier step is good again.
    Who signed in with a recovery code (`recovered_by`) may set another application up there without a code.
    """

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    secret = TextField()
    last_step = IntegerField(default=0)
    recovered_by = ForeignKeyField(SignIn, null=True, on_delete="SET NULL")
    created_at = InstantField()

    class Meta:
        table_name = "second_factors"


class RecoveryCode(BaseModel):
    """A code that is good once without the application. Only its keyed hash is stored."""

    factor = ForeignKeyField(SecondFactor, on_delete="CASCADE")
    code_hash = CharField(max_length=HASH_CHARS)
    used_at = InstantField(null=True)

    class Meta:
        table_name = "recovery_codes"
        indexes = ((("factor", "code_hash"), True),)


class SignInChallenge(BaseModel):
    """A sign-in whose password was right and that waits for the second factor: `kind` is that of the sign-in.

    Only the digest of its token is stored. It is good once, until it expires, and only while the password is the one
    of `password_digest`.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=HASH_CHARS)
    kind = CharField(max_length=8)
    is_remembered = BooleanField(default=False)
    password_digest = CharField(max_length=HASH_CHARS)
    expires_at = InstantField(index=True)

    class Meta:
        table_name = "sign_in_challenges"
