"""When a sign-in ends by itself: after a longest life, and earlier when it is not used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.settings import Settings

EXTENDED_BY_PART = 10
"""A page session that is used is extended once a tenth of the idle time has passed, not at every request."""


@dataclass(frozen=True, slots=True)
class SignInLifetimes:
    """The longest life of a member's sign-in over the API, and of any other; how long each may be unused."""

    api: timedelta
    api_unused: timedelta
    session: timedelta
    page_unused: timedelta

    @classmethod
    def from_settings(cls, settings: Settings) -> "SignInLifetimes":
        """Return the lifetimes that the settings describe."""
        return cls(
            api=timedelta(days=settings.sign_in_max_days),
            api_unused=timedelta(days=settings.sign_in_days),
            session=timedelta(hours=settings.staff_session_hours),
            page_unused=timedelta(minutes=settings.page_idle_minutes),
        )

    def find_api_end(self, created_at: datetime, now: datetime, *, is_member: bool) -> datetime:
        """Return when a sign-in over the API ends that is used now. One of the staff lasts as long as on the pages."""
        return min(now + self.api_unused, created_at + (self.api if is_member else self.session))

    def find_page_end(self, created_at: datetime, now: datetime) -> datetime:
        """Return when a sign-in of the pages ends that is used now."""
        return min(now + self.page_unused, created_at + self.session)

    def find_extension(self, created_at: datetime, expires_at: datetime, now: datetime) -> datetime | None:
        """Return until when to extend a page session that is used now; None when that is not worth a write."""
        end = self.find_page_end(created_at, now)
        return end if end - expires_at >= self.page_unused / EXTENDED_BY_PART else None


DEFAULT_LIFETIMES = SignInLifetimes.from_settings(Settings())
