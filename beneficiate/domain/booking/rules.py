"""Settings of booking and of the agents' work that the company may choose."""

from dataclasses import dataclass
from datetime import timedelta

from beneficiate.domain.sign_in_lifetimes import DEFAULT_LIFETIMES, SignInLifetimes
from beneficiate.encryption import KeyedHashes, SecretCipher
from beneficiate.limits import Quotas
from beneficiate.settings import Settings

DEFAULT_QUOTAS = Quotas.from_settings(Settings())
DEFAULT_CIPHER = SecretCipher(Settings().encryption_keys)
DEFAULT_HASHES = KeyedHashes(Settings().secret)


@dataclass(frozen=True, slots=True)
class BusinessRules:
    """The rules of the company; `settings.py` documents each. `reminder_hours` are hours before an appointment.

    `cipher` encrypts what the database must not have in plain; `hashes` are of what it must not have at all.
    """

    notice: timedelta = timedelta(minutes=120)
    horizon: timedelta = timedelta(days=60)
    hold: timedelta = timedelta(minutes=10)
    change_window_hours: int = 4
    pending_working_hours: int = 72
    offer: timedelta = timedelta(minutes=30)
    first_reply: timedelta = timedelta(seconds=60)
    unanswered_chats: int = 2
    reopen: timedelta = timedelta(hours=24)
    undo: timedelta = timedelta(seconds=5)
    away: timedelta = timedelta(minutes=2)
    attachment_bytes: int = 10 * 1024 * 1024
    reminder_hours: tuple[int, ...] = (24, 2)
    quotas: Quotas = DEFAULT_QUOTAS
    sign_ins: SignInLifetimes = DEFAULT_LIFETIMES
    requires_second_factor: bool = False
    cipher: SecretCipher = DEFAULT_CIPHER
    hashes: KeyedHashes = DEFAULT_HASHES

    @classmethod
    def from_settings(cls, settings: Settings) -> "BusinessRules":
        """Return the rules that the settings describe."""
        return cls(
            notice=timedelta(minutes=settings.notice_minutes),
            horizon=timedelta(days=settings.horizon_days),
            hold=timedelta(minutes=settings.hold_minutes),
            change_window_hours=settings.change_window_hours,
            pending_working_hours=settings.pending_working_hours,
            offer=timedelta(minutes=settings.offer_minutes),
            first_reply=timedelta(seconds=settings.first_reply_s),
            unanswered_chats=settings.unanswered_chats,
            reopen=timedelta(hours=settings.reopen_hours),
            undo=timedelta(seconds=settings.undo_s),
            away=timedelta(seconds=settings.away_s),
            attachment_bytes=settings.attachment_bytes,
            quotas=Quotas.from_settings(settings),
            sign_ins=SignInLifetimes.from_settings(settings),
            requires_second_factor=settings.requires_second_factor,
            cipher=SecretCipher(settings.encryption_keys),
            hashes=KeyedHashes(settings.secret),
        )


DEFAULT_RULES = BusinessRules()
