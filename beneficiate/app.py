"""The composition root: settings become a database, a bus, a hub, a store, and the Tornado application over them."""

import asyncio
import contextlib
import signal
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import structlog
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from beneficiate import openapi
from beneficiate.actions import lines, presence
from beneficiate.clocks.payments import introduce
from beneficiate.clocks.rota import start_clocks
from beneficiate.errors import Problem
from beneficiate.gateways.archive import Archive
from beneficiate.gateways.cashier import Cashier
from beneficiate.gateways.files import FolderFiles
from beneficiate.gateways.mail import FolderMail, SmtpMail
from beneficiate.gateways.wompi import Wompi
from beneficiate.house import House
from beneficiate.limits import Buckets
from beneficiate.logs import log_loop_problem
from beneficiate.migrations import migrate
from beneficiate.models.base import database, open_database
from beneficiate.pages.assets import Assets
from beneficiate.pages.base import Compression
from beneficiate.pages.drawing import environment
from beneficiate.protocol import topics
from beneficiate.protocol.events import ChatClosed, ChatInitiated
from beneficiate.queries.routing import places
from beneficiate.realtime.bus import Bus, MemoryBus
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.notices import Deliveries, PresenceNotices, QueueNotices
from beneficiate.realtime.publisher import Publisher
from beneficiate.realtime.reactions import Reactions
from beneficiate.realtime.redis_bus import RedisBus
from beneficiate.realtime.viewers import ViewerNotices
from beneficiate.routes import ROUTES, url_specs
from beneficiate.sandbox.keys import Keys
from beneficiate.sandbox.server import Sandbox
from beneficiate.scheduling.rules import Rules
from beneficiate.settings import TRANSPORT_BYTES, BadSettings, Settings
from beneficiate.store import Actor, Store
from beneficiate.tokens import Tokens

log = structlog.get_logger(__name__)

LARGEST_BODY = 1024 * 1024
"""What the server reads at all; the doors themselves take less."""
GOODBYE_S = 3.0
STATIC_PATHS = ("/static/", "/favicon.ico")
WEBHOOK = "/api/v1/payments/webhook/wompi"
WOMPI_RETRIES = (1, 6, 48)
"""Wompi sends an event again after 30 minutes, 3 hours and 24 hours."""


class Server:
    """One process of Beneficiate: `start` it, `stop` it."""

    def __init__(self, settings: Settings, sandbox: Sandbox | None = None) -> None:
        self.settings = settings if sandbox is None else with_keys(settings, sandbox.keys, sandbox.url)
        self.sandbox = sandbox
        self.house = compose(self.settings)
        self.application = make_application(self.house)
        self._http = HTTPServer(self.application, max_body_size=LARGEST_BODY, max_buffer_size=2 * LARGEST_BODY)
        self._clocks: list[PeriodicCallback] = []
        self.port = 0

    async def start(self) -> None:
        """Listen, once the database is up to date and the bus is heard."""
        house = self.house
        await asyncio.get_running_loop().run_in_executor(None, migrate, database)
        house.process_id = await house.store.run(presence.register, uuid.uuid4().hex)
        await house.bus.start(house.hub.deliver, partial(house.hub.end_all, reason="missed parcels"))
        sockets = bind_sockets(self.settings.port, self.settings.address or None)
        self._http.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        if self.sandbox is not None:
            self.sandbox.events_url = f"http://127.0.0.1:{self.port}{WEBHOOK}"
            await self.sandbox.start()
        self._clocks = start_clocks(house)
        self._introduction = asyncio.create_task(introduce(house))
        log.info("started", port=self.port, database=type(database.obj).__name__, bus=type(house.bus).__name__)

    async def stop(self) -> None:
        """Take nobody in any more, say 1012 to those inside, commit what waits, and leave."""
        house = self.house
        house.is_stopping = True
        self._http.stop()
        for clock in self._clocks:
            clock.stop()
        self._introduction.cancel()
        if self.sandbox is not None:
            await self.sandbox.stop()
        await house.hub.hang_up(GOODBYE_S)
        with contextlib.suppress(Problem):
            # With the database away the others notice by the expiry.
            await house.store.run(presence.retire, house.process_id)
        await house.store.close()
        await house.bus.stop()
        await self._http.close_all_connections()
        house.hashers.shutdown()
        house.archive.close()
        house.wompi.close()
        log.info("stopped")


def compose(settings: Settings) -> House:
    """Choose the parts by the settings and join them."""
    database.initialize(open_database(settings.database_url))
    bus, hub, reactions = make_bus(settings), Hub(), Reactions()
    viewers = ViewerNotices(hub, bus)
    store = Store(database.obj, Publisher(bus, reactions), make_rules(settings))
    wompi = Wompi(settings)
    hub.intercept(topics.PRESENCE, PresenceNotices(hub))
    hub.intercept(topics.VIEWING, viewers)
    hub.intercept(topics.QUEUE, QueueNotices(hub, partial(store.read, places)))
    reactions.on(ChatInitiated, _log_opened)
    reactions.on(ChatClosed, _log_closed)

    def mark_delivered(mark: lines.MarkDelivered, actor: Actor) -> None:
        # A chat that has gone to somebody else meanwhile has nothing to mark.
        store.run(lines.deliver, mark, actor).add_done_callback(lambda future: future.exception())

    return House(
        settings=settings,
        store=store,
        hub=hub,
        bus=bus,
        reactions=reactions,
        viewers=viewers,
        tokens=Tokens(settings.secret, settings.access_token_s),
        on_marked=Deliveries(mark_delivered),
        mail=SmtpMail(settings.smtp_url) if settings.smtp_url else FolderMail(Path("var/outbox")),
        wompi=wompi,
        cashier=Cashier(store, wompi, settings.wompi_environment),
        archive=Archive(store, FolderFiles(Path(settings.files))),
        templates=environment(),
        lines=Buckets(settings.lines_per_s, settings.lines_burst),
        typing=Buckets(settings.typing_per_s),
        commands=Buckets(settings.commands_per_s),
        handshakes=Buckets(settings.failed_handshakes_per_minute / 60, settings.failed_handshakes_per_minute),
        uploads=Buckets(settings.uploads_per_minute / 60, settings.uploads_per_minute),
    )


def make_rules(settings: Settings) -> Rules:
    """The numbers of booking, from the settings."""
    return Rules(
        notice=timedelta(minutes=settings.notice_minutes),
        horizon=timedelta(days=settings.horizon_days),
        hold=timedelta(minutes=settings.hold_minutes),
        change_window_hours=settings.change_window_hours,
        pending_working_hours=settings.pending_working_hours,
        offer=timedelta(minutes=settings.offer_minutes),
        first_reply=timedelta(seconds=settings.first_reply_s),
        reopen=timedelta(hours=settings.reopen_hours),
    )


def make_bus(settings: Settings) -> Bus:
    """Redis when there is one; otherwise the process talks to itself."""
    return RedisBus(settings.redis_url) if settings.redis_url else MemoryBus()


def make_application(house: House) -> Application:
    """Tornado's application over the house. Raises NoAudience when a route does not say who may pass."""
    application = Application(
        url_specs(ROUTES),
        transforms=[Compression],
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Lax", "secure": house.settings.is_secure},
        websocket_max_message_size=TRANSPORT_BYTES,
        log_function=_log_request,
    )
    application.house = house  # type: ignore[attr-defined]
    application.settings["assets"] = Assets(is_watched=not house.settings.is_production)
    application.settings["openapi"] = msgspec.json.encode(openapi.document())
    return application


def play_wompi(settings: Settings) -> Sandbox | None:
    """A local Wompi beside us, at the next port or any other; None when there are keys of a real one.

    Raises BadSettings in production, where nobody may pay with a card that everybody knows.
    """
    if settings.is_production:
        raise BadSettings("The local Wompi is for development: in production Wompi's keys must be configured.")
    if settings.wompi_environment:
        return None
    waits = tuple(settings.sandbox_retry_s * times for times in WOMPI_RETRIES)
    return Sandbox(settings.own_url + WEBHOOK, port=settings.port + 1 if settings.port else 0, retry_s=waits)


def with_keys(settings: Settings, keys: Keys, url: str) -> Settings:
    """The settings of somebody whose Wompi is the local one at this address."""
    return replace(
        settings,
        wompi_base_url=f"{url}/v1",
        wompi_checkout_url=url,
        wompi_public_key=keys.public_key,
        wompi_private_key=keys.private_key,
        wompi_events_secret=keys.events_secret,
        wompi_integrity_secret=keys.integrity_secret,
    ).checked()


async def serve(settings: Settings, on_ready: Callable[[], None], sandbox: Sandbox | None = None) -> None:
    """Run until SIGTERM or SIGINT, then stop gracefully. `on_ready` is called once we listen."""
    server = Server(settings, sandbox)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_problem)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    await server.start()
    on_ready()
    with contextlib.suppress(asyncio.CancelledError):
        await over.wait()
    await server.stop()


def _log_request(handler: RequestHandler) -> None:
    """Log method, path and outcome; never a query string, which may name somebody."""
    status = handler.get_status()
    if status == 101:
        return  # a socket that opened: its presence is a row, and a line for each is felt when a thousand come at once
    # A page loads 20 static files and more: at INFO they push the demo accounts out of the terminal.
    served = log.debug if handler.request.path.startswith(STATIC_PATHS) else log.info
    write = served if status < 400 else log.warning if status < 500 else log.error
    actor = getattr(handler, "actor", None)
    write(
        "request",
        method=handler.request.method,
        path=handler.request.path,
        status=status,
        ms=round(1000 * handler.request.request_time(), 1),
        user_id=actor.user_id if actor else 0,
        request_id=getattr(handler, "request_id", ""),
    )


def _log_opened(event: ChatInitiated) -> None:
    log.info("chat_opened", chat_id=event.chat.id)


def _log_closed(event: ChatClosed) -> None:
    log.info("chat_closed", chat_id=event.chat_id, user_id=event.closed_by)
