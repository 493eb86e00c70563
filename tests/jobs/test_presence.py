"""The heartbeat names the open connections; the sweep uses the times of the settings."""

import asyncio
import time
from types import SimpleNamespace

from beneficiate.actions import presence as actions
from beneficiate.jobs.presence import NEVER_S, send_heartbeat, sweep_presence
from beneficiate.settings import Settings
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import Actor
from tests.factories import SECRET


def run(job, *connections, age_s=60.0):
    runs = []

    async def run_action(action, command):
        runs.append((action, command))

    context = SimpleNamespace(
        process_id=5,
        started_at=time.monotonic() - age_s,
        settings=Settings(secret=SECRET, process_expiry_s=9, presence_grace_s=4),
        hub=SimpleNamespace(connections=connections),
        store=SimpleNamespace(run=run_action),
    )
    asyncio.run(job(context))
    return runs


def connection(connection_id, user_id, sign_in_id=None):
    claims = TokenClaims(user_id, 0, sign_in_id)
    return SimpleNamespace(connection_id=connection_id, actor=Actor(user_id, "member"), claims=claims)


def test_heartbeat_names_registered_connections_only():
    runs = run(send_heartbeat, connection(3, 31), connection(0, 32), connection(4, 33, 7))
    assert runs == [(actions.record_heartbeat, actions.ProcessHeartbeat(5, 9, ((3, 31, None), (4, 33, 7))))]


def test_sweep_uses_expiry_and_grace_of_the_settings():
    assert run(sweep_presence, age_s=8.1) == [(actions.sweep_connections, actions.SweepConnections(5, 9, 4))]


def test_process_that_has_just_started_takes_nobody_for_gone():
    assert run(sweep_presence, age_s=7) == [(actions.sweep_connections, actions.SweepConnections(5, 9, NEVER_S))]
