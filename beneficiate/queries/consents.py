"""What members have consented to, and what depends on it."""

from collections.abc import Iterable

from beneficiate.models.consents import Consent
from beneficiate.views.account import ConsentView

PERSONAL_DATA, HEALTH_DATA = "personal_data", "health_data"
"""What one consents to. Health data are sensitive, and nobody has to consent to them (Ley 1581 de 2012, article 6)."""
CONSENT_TEXT_VERSION = "1"
"""Of the text in `templates/account/consent_v1.html`; a changed text needs another file, with another version."""
CHAT_TEXT_VERSION, PHONE_TEXT_VERSION = "1-chat", "1-phone"
"""Of what members are told where they are asked for a reason: by the bot, or by one of the staff on the telephone.

Their texts are files beside that one. What comes before the dash is the version of the whole text.
"""


def find_consent(user_id: int, kind: str) -> ConsentView | None:
    """Return the last consent of a member to this kind of data, withdrawn or not; None without any."""
    query = Consent.select(Consent.version, Consent.given_at, Consent.withdrawn_at)
    row = query.where(Consent.user == user_id, Consent.kind == kind).order_by(Consent.id.desc()).tuples().first()
    return None if row is None else ConsentView(*row)


def may_ask_reason(user_id: int) -> bool:
    """Return whether a member may be asked for the reason of an appointment, which is health data.

    Those who decided about their data and did not consent to this are not asked. Those who never decided are: they are
    told that they need not answer, and whoever answers consents (`actions.consents.consent_to_reason`).
    """
    return find_reason_consents([user_id])[user_id] is not False


def find_reason_consents(user_ids: Iterable[int]) -> dict[int, bool | None]:
    """Return whether each member lets us store the reasons of appointments; None for who never decided on any data."""
    ids = list(user_ids)
    decided: dict[int, bool | None] = dict.fromkeys(ids)
    rows = Consent.select(Consent.user, Consent.kind, Consent.withdrawn_at).where(Consent.user.in_(ids)).tuples()
    for user_id, kind, ended in rows:
        decided[user_id] = bool(decided[user_id]) or (kind == HEALTH_DATA and ended is None)
    return decided
