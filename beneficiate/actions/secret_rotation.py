"""Encrypts what older keys encrypted with the first key of the settings, a part at a time."""

from dataclasses import dataclass

from beneficiate.encryption import UndecipherableText
from beneficiate.models.base import begins_with, lock_rows
from beneficiate.models.second_factors import SecondFactor
from beneficiate.queries.second_factors import secret_context
from beneficiate.unit_of_work import UnitOfWork

PART_SIZE = 100
"""Rows of one transaction: they are locked for some milliseconds."""


@dataclass(frozen=True, slots=True)
class RotatedPart:
    """What became of a part: how many rows have the first key now, and which keys were missing.

    `last_id` is where the next part begins; None after the last one.
    """

    rotated: int
    missing_keys: frozenset[str]
    last_id: int | None


def rotate_secrets(uow: UnitOfWork, after_id: int) -> RotatedPart:
    """Encrypt the secrets of at most 100 rows after this id with the first key.

    What has it already is left alone, so that a run that was stopped goes on where it was.
    """
    cipher = uow.rules.cipher
    is_older = ~begins_with(SecondFactor.secret, cipher.prefix) & (SecondFactor.id > after_id)
    rows = list(lock_rows(SecondFactor.select().where(is_older).order_by(SecondFactor.id).limit(PART_SIZE)))
    missing_keys = cipher.find_unknown_keys(row.secret for row in rows)
    rotated = 0
    for row in rows:
        context = secret_context(row.user_id)
        try:
            row.secret = cipher.encrypt(cipher.decrypt(row.secret, context), context)
        except UndecipherableText:
            continue
        rotated += row.save(only=[SecondFactor.secret])
    return RotatedPart(rotated, frozenset(missing_keys), rows[-1].id if len(rows) == PART_SIZE else None)
