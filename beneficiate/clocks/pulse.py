"""The pulse of the open sockets: pings, silent peers, tokens that ended, roles that were taken away."""

import time
from heapq import nsmallest

from beneficiate.actions.accounts import REVOKED
from beneficiate.house import House
from beneficiate.queries.accounts import no_longer
from beneficiate.realtime.session import Session

EVERY_S = 1.0
SILENT_BEATS = 2
CHECKED_AT_ONCE = 500
TOKEN_EXPIRED, GONE = 4401, 1001
PING_FRAME = b"\x89\x00"


async def pulse(house: House) -> None:
    """Once a second: a ping to those who are due, and an end to those who are silent, expired or no longer admitted."""
    now, today = time.monotonic(), time.time()
    for session in list(house.hub.sessions):
        if today >= session.expires_at:
            session.end(TOKEN_EXPIRED, "token expired")
        elif now >= session.beat_at:
            _beat(session, now + house.settings.beat_s)
    await _end_revoked(house)


def _beat(session: Session, next_at: float) -> None:
    session.silent_beats = 0 if session.heard else session.silent_beats + 1
    if session.silent_beats >= SILENT_BEATS:
        session.end(GONE, "silent")
        return
    session.heard = False
    session.beat_at = next_at
    session.send(PING_FRAME)


async def _end_revoked(house: House) -> None:
    """The database is asked, since whoever changed a role may have done it in another process, or by hand."""
    checked = _longest_unchecked(house)
    if not checked:
        return
    now = time.monotonic()
    for session in checked:
        session.checked_at = now
    revoked = await house.store.read(no_longer, [session.actor for session in checked])
    for session in checked:
        if session.actor in revoked:
            session.end(REVOKED, "no longer admitted")


def _longest_unchecked(house: House) -> list[Session]:
    """All of them, or the 500 whose turn it is: 4,000 a second would be a twentieth of a core."""
    return nsmallest(CHECKED_AT_ONCE, house.hub.sessions, key=lambda session: session.checked_at)
