"""The heartbeat of this process, and the removal of expired presence."""

import time

from beneficiate.actions import presence
from beneficiate.context import AppContext


async def send_heartbeat(context: AppContext) -> None:
    """Record this process's heartbeat and its open connections."""
    connections = tuple(
        (connection.connection_id, connection.actor.user_id, connection.claims.sign_in_id)
        for connection in context.hub.connections
        if connection.connection_id
    )
    await context.store.run(
        presence.record_heartbeat,
        presence.ProcessHeartbeat(context.process_id, context.settings.process_expiry_s, connections),
    )
    context.last_heartbeat_at = time.monotonic()


async def sweep_presence(context: AppContext) -> None:
    """Delete connections whose grace period has passed, and those of processes without a heartbeat."""
    await context.store.run(
        presence.sweep_connections,
        presence.SweepConnections(
            context.process_id, context.settings.process_expiry_s, context.settings.presence_grace_s
        ),
    )
