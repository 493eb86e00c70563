"""What a door finds in the house: composed once by `app`, handed to every handler."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import jinja2

from beneficiate.clients.mail import MailClient
from beneficiate.clients.wompi import WompiClient
from beneficiate.limits import RateLimiter
from beneficiate.realtime.bus import Bus
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.viewers import ViewerTracker
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.payments import PaymentService
from beneficiate.settings import Settings
from beneficiate.store import Store
from beneficiate.tokens import AccessTokens

HASH_THREADS = 2


@dataclass(slots=True)
class AppContext:
    """Everything that is shared by the doors of one process."""

    settings: Settings
    store: Store
    hub: Hub
    bus: Bus
    event_handlers: EventHandlers
    viewers: ViewerTracker
    tokens: AccessTokens
    on_delivery_pending: Callable[[Connection], None]
    mail: MailClient
    wompi: WompiClient
    payments: PaymentService
    attachments: AttachmentService
    templates: jinja2.Environment
    message_limiter: RateLimiter
    typing_limiter: RateLimiter
    command_limiter: RateLimiter
    handshake_limiter: RateLimiter
    upload_limiter: RateLimiter
    process_id: int = 0
    is_stopping: bool = False
    # Argon2 lets the interpreter go while it works; two at a time leave the loop its core.
    hash_pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HASH_THREADS, "hasher"))

    def client_address(self, remote_ip: str | None, forwarded: str) -> str:
        """Who really calls: behind n trusted proxies the n-th entry from the right of `X-Forwarded-For`.

        What stands further left a client may have invented, and `X-Real-Ip` too, so neither is believed.
        """
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        trusted_proxies = self.settings.trusted_proxies
        return hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else remote_ip or ""
