"""An application of codes of one of the staff, as their telephone has it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp

from beneficiate.domain import second_factor
from beneficiate.domain.booking.rules import DEFAULT_CIPHER
from beneficiate.models.second_factors import RecoveryCode, SecondFactor
from beneficiate.queries.second_factors import secret_context
from tests.factories import Person


@dataclass
class Application:
    """The secret of a factor, and its recovery codes."""

    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0, at: datetime | None = None) -> str:
        """Return the code of now, or of so many steps later."""
        instant = (at or datetime.now(UTC)) + timedelta(seconds=steps * second_factor.STEP_S)
        return str(pyotp.TOTP(self.secret).at(instant))

    def wrong_code(self) -> str:
        """Return a code that is of no step that is good now, however slowly the test runs."""
        good = {self.code(steps) for steps in range(-4, 5)}
        return next(code for code in map("{:06}".format, range(1000)) if code not in good)


def add_second_factor(who: Person, now: datetime | None = None) -> Application:
    """Give somebody a factor, as if they had set it up before."""
    application = Application(second_factor.draw_secret(), second_factor.draw_recovery_codes())
    row = SecondFactor.create(
        user=who.id,
        secret=DEFAULT_CIPHER.encrypt(application.secret, secret_context(who.id)),
        created_at=now or datetime.now(UTC),
    )
    for code in application.recovery_codes:
        RecoveryCode.create(factor=row, code_hash=second_factor.hash_recovery_code(application.secret, code))
    return application


def forget_last_step(who: Person) -> None:
    """Let the code of this step be good again, as if half a minute had passed."""
    SecondFactor.update(last_step=0).where(SecondFactor.user == who.id).execute()
