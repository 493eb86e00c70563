"""The heartbeat of this process, and the removal of expired presence."""

import time

from beneficiate.actions import presence
from beneficiate.context import AppContext

SETTLING_GRACES = 2
"""So many grace periods after its start a process takes for gone who has not come back."""
NEVER_S = 86_400.0


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
    """Delete connections whose grace period has passed, and those of processes without a heartbeat.

    A process that has just started deletes none: perhaps none was there to come back to, and clients wait up to 30 s
    between two tries. Agents would lose their chats by a restart.
    """
    settings = context.settings
    has_settled = time.monotonic() - context.started_at >= SETTLING_GRACES * settings.presence_grace_s
    grace_s = settings.presence_grace_s if has_settled else NEVER_S
    await context.store.run(
        presence.sweep_connections,
        presence.SweepConnections(context.process_id, settings.process_expiry_s, grace_s),
    )
