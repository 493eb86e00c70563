"""Checks of the open connections: pings, silent clients, expired tokens, revoked roles."""

import asyncio
import time

from beneficiate.context import AppContext
from beneficiate.protocol.close_codes import CLOSE_REVOKED, CLOSE_SILENT, CLOSE_TOKEN_EXPIRED
from beneficiate.queries.accounts import find_changed_actors, find_ended_claims
from beneficiate.realtime.connection import Connection

MAX_MISSED_PINGS = 2
MAX_ROLE_CHECKS_PER_RUN = 500
"""4,000 checks a second would take a twentieth of a core."""
BUS_GRACE_S = 1.0
PING_FRAME = b"\x89\x00"


async def check_connections(context: AppContext) -> None:
    """Ping the connections that are due; close those that are silent, expired or no longer admitted."""
    monotonic_now, shared_now = time.monotonic(), context.store.timestamp()
    for connection in list(context.hub.connections):
        if shared_now >= connection.claims.expires_at:
            connection.close(CLOSE_TOKEN_EXPIRED, "token expired")
        elif monotonic_now >= connection.next_ping_at:
            _ping_or_close(connection, monotonic_now + context.settings.ping_interval_s)
    await _close_revoked(context)


def _ping_or_close(connection: Connection, next_at: float) -> None:
    connection.missed_pings = 0 if connection.has_received else connection.missed_pings + 1
    if connection.missed_pings >= MAX_MISSED_PINGS:
        connection.close(CLOSE_SILENT, "silent")
        return
    connection.has_received = False
    connection.next_ping_at = next_at
    connection.send(PING_FRAME)


async def _close_revoked(context: AppContext) -> None:
    """Compare roles and sign-ins with the database: somebody may have changed them by hand, or the bus be down."""
    checked = context.hub.take_turns(MAX_ROLE_CHECKS_PER_RUN)
    if not checked:
        return
    revoked = await context.store.read(find_changed_actors, [connection.actor for connection in checked])
    ended = await context.store.read(find_ended_claims, {connection.claims for connection in checked})
    if revoked or ended:
        # Whoever has just done it tells us over the bus, with the reason that the peer is to read.
        await asyncio.sleep(BUS_GRACE_S)
    for connection in checked:
        if connection.actor in revoked:
            connection.close(CLOSE_REVOKED, "no longer admitted")
        elif connection.claims in ended:
            connection.close(CLOSE_TOKEN_EXPIRED, "signed out")
