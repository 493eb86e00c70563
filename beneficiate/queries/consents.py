"""What members have consented to, and what depends on it."""

from collections.abc import Iterable

from beneficiate.models.consents import Consent
from beneficiate.views.account import ConsentView

PERSONAL_DATA, HEALTH_DATA = "personal_data", "health_data"
"""What one consents to. Health data are sensitive, and nobody has to consent to them (Ley 1581 de 2012, article 6)."""
CONSENT_TEXT_VERSION = "1"
"""Of the text in `templates/account/consent_v1.html`; a changed text needs another file, with another version."""


def find_consent(user_id: int, kind: str) -> ConsentView | None:
    """Return the last consent of a member to this kind of data, withdrawn or not; None without any."""
    query = Consent.select(Consent.version, Consent.given_at, Consent.withdrawn_at)
    row = query.where(Consent.user == user_id, Consent.kind == kind).order_by(Consent.id.desc()).tuples().first()
    return None if row is None else ConsentView(*row)


def may_keep_reasons(user_id: int) -> bool:
    """Return whether the reasons of a member's appointments may be stored: they are health data.

    Not without a consent to it, except for members who never decided about any of their data: they are told, each time
    that they are asked, that they need not answer.
    """
    return not find_members_without_reasons([user_id])


def find_members_without_reasons(user_ids: Iterable[int]) -> set[int]:
    """Return those of the members the reasons of whose appointments may not be stored."""
    is_theirs = Consent.user.in_(list(user_ids))
    decided = list(Consent.select(Consent.user, Consent.kind, Consent.withdrawn_at).where(is_theirs).tuples())
    agreed = {user_id for user_id, kind, ended in decided if kind == HEALTH_DATA and ended is None}
    return {user_id for user_id, _, _ in decided} - agreed
