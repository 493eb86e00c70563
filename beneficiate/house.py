"""What a door finds in the house: composed once by `app`, handed to every handler."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import jinja2

from beneficiate.gateways.archive import Archive
from beneficiate.gateways.cashier import Cashier
from beneficiate.gateways.mail import Mail
from beneficiate.gateways.wompi import Wompi
from beneficiate.limits import Buckets
from beneficiate.realtime.bus import Bus
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.reactions import Reactions
from beneficiate.realtime.session import Session
from beneficiate.realtime.viewers import ViewerNotices
from beneficiate.settings import Settings
from beneficiate.store import Store
from beneficiate.tokens import Tokens

HASHERS = 2


@dataclass(slots=True)
class House:
    """Everything that is shared by the doors of one process."""

    settings: Settings
    store: Store
    hub: Hub
    bus: Bus
    reactions: Reactions
    viewers: ViewerNotices
    tokens: Tokens
    on_marked: Callable[[Session], None]
    mail: Mail
    wompi: Wompi
    cashier: Cashier
    archive: Archive
    templates: jinja2.Environment
    lines: Buckets
    typing: Buckets
    commands: Buckets
    handshakes: Buckets
    uploads: Buckets
    process_id: int = 0
    is_stopping: bool = False
    # Argon2 lets the interpreter go while it works; two at a time leave the loop its core.
    hashers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HASHERS, "hasher"))

    def address_of(self, remote_ip: str | None, forwarded: str) -> str:
        """Who really calls: behind n trusted proxies the n-th entry from the right of `X-Forwarded-For`.

        What stands further left a client may have invented, and `X-Real-Ip` too, so neither is believed.
        """
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        trusted = self.settings.proxies
        return hops[-trusted] if 0 < trusted <= len(hops) else remote_ip or ""
