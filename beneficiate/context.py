"""Dependencies shared by all handlers of a process, built once by `app`."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

import jinja2
from tornado.web import Application, RequestHandler

from beneficiate.clients.mail import MailClient
from beneficiate.clients.push import PushClient
from beneficiate.clients.wompi import WompiClient
from beneficiate.errors import Unavailable
from beneficiate.queries.catalogue import list_plans
from beneficiate.rate_limiters import RateLimiters
from beneficiate.realtime.admission import Admission
from beneficiate.realtime.board_notifier import BoardNotifier
from beneficiate.realtime.bus import Bus
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.viewers import ViewerTracker
from beneficiate.security_log import SecurityLog
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.data_copies import DataCopyService
from beneficiate.services.payments import PaymentService
from beneficiate.services.requested_checks import RequestedChecks
from beneficiate.settings import Settings
from beneficiate.store import Store
from beneficiate.telemetry import Telemetry
from beneficiate.tokens import AccessTokens, DeviceTokens, FormTokens

HASH_THREADS = 2
MAX_HEARTBEAT_AGE_S = 20.0
READY_TIMEOUT_S = 2.0


@dataclass(slots=True)
class AppContext:
    """Dependencies shared by all handlers and jobs of one process."""

    settings: Settings
    telemetry: Telemetry
    store: Store
    hub: Hub
    bus: Bus
    event_handlers: EventHandlers
    viewers: ViewerTracker
    board: BoardNotifier
    tokens: AccessTokens
    device_tokens: DeviceTokens
    form_tokens: FormTokens
    security_log: SecurityLog
    on_delivery_pending: Callable[[Connection], None]
    mail: MailClient
    push: PushClient
    wompi: WompiClient
    payments: PaymentService
    requested_checks: RequestedChecks
    attachments: AttachmentService
    data_copies: DataCopyService
    templates: jinja2.Environment
    limiters: RateLimiters
    admission: Admission = field(default_factory=Admission)
    process_id: int = 0
    is_stopping: bool = False
    started_at: float = float("-inf")
    """When this process began to serve; monotonic, in seconds."""
    last_heartbeat_at: float = float("-inf")
    """When this process last wrote its heartbeat; monotonic, in seconds."""
    # Argon2 releases the GIL while it hashes; two at a time leave one core to the event loop.
    hash_pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HASH_THREADS, "hasher"))
    # One file at a time: an XLSX may take 512 MB and half a minute.
    spreadsheet_pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "spreadsheets"))

    async def check_ready(self) -> None:
        """Raise Unavailable unless the process writes, reads and receives from the bus. Takes 2 s at most."""
        age_s = time.monotonic() - self.last_heartbeat_at
        # The heartbeat changes a row: a database that is read-only or full refuses it, whatever it answers to reads.
        if self.is_stopping or age_s > MAX_HEARTBEAT_AGE_S or self.store.last_outage_at > self.last_heartbeat_at:
            raise Unavailable
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self.store.read(list_plans)
                await self.bus.ping()
        except TimeoutError as problem:
            raise Unavailable from problem

    def client_address(self, remote_ip: str | None, forwarded: str) -> str:
        """Return the client's address: behind n trusted proxies the n-th entry from the right of `X-Forwarded-For`.

        Entries further left, and `X-Real-Ip`, may be forged by the client and are ignored.
        """
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        trusted_proxies = self.settings.trusted_proxies or 0
        return hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else remote_ip or ""


class ContextApplication(Application):
    """A Tornado application that knows the context of its process."""

    context: AppContext


def get_context(handler: RequestHandler) -> AppContext:
    """Return the context of the application that a handler belongs to."""
    return cast(ContextApplication, handler.application).context
