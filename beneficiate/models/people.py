"""The words by which people are found; triggers of `users` and `beneficiaries` keep them (migration 0013)."""

from peewee import CharField, ForeignKeyField

from beneficiate.folding import MAX_WORD_CHARS
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import BaseModel


class PersonWord(BaseModel):
    """A folded word of the name of a member or of a beneficiary, or a member's telephone number of ten digits.

    `reversed_word` is the word backwards, for searches by its end. Both are compared byte by byte in every database.
    """

    kind = CharField(max_length=11)
    word = CharField(max_length=MAX_WORD_CHARS)
    reversed_word = CharField(max_length=MAX_WORD_CHARS)
    user = ForeignKeyField(User, on_delete="CASCADE")
    beneficiary = ForeignKeyField(Beneficiary, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "person_words"
        indexes = (
            (("kind", "word", "user", "beneficiary"), False),
            (("kind", "reversed_word", "word"), False),
        )
