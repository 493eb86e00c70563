"""The composition root: builds the database, bus, hub, store and Tornado application from the settings."""

import asyncio
import contextlib
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog
from tornado.httpserver import HTTPServer

from beneficiate import openapi
from beneficiate.actions import messages, presence
from beneficiate.clients.files import FolderFileStore
from beneficiate.clients.mail import FolderMailClient, SmtpMailClient
from beneficiate.clients.push import PushClient
from beneficiate.clients.wompi import WompiClient
from beneficiate.context import AppContext, ContextApplication
from beneficiate.data_files import OUTBOX
from beneficiate.database_startup import prepare_database
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.errors import Problem
from beneficiate.garbage import settle_heap
from beneficiate.handlers.assets import Assets
from beneficiate.handlers.base import HttpCompression
from beneficiate.handlers.board import draw_board
from beneficiate.handlers.early_refusals import BodyLimitApplication
from beneficiate.handlers.http_server import EdgeServer
from beneficiate.handlers.request_log import log_request
from beneficiate.handlers.signed_in import XSRF_COOKIE, name_cookie
from beneficiate.handlers.templating import create_environment
from beneficiate.jobs.payments import check_wompi_credentials
from beneficiate.jobs.periodic import PeriodicJob
from beneficiate.jobs.schedule import start_jobs
from beneficiate.listening import ListeningSockets, WorkerSockets, bind_listening_sockets
from beneficiate.logs import log_loop_exception
from beneficiate.models.base import database, open_database
from beneficiate.protocol import channels
from beneficiate.protocol.events import ChatClosed, ChatInitiated, MessageSent
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.rate_limiters import RateLimiters
from beneficiate.realtime.board_notifier import BoardNotifier
from beneficiate.realtime.bus import Bus, MemoryBus
from beneficiate.realtime.coalescing import DeliveryTracker, PresenceNotifier, QueuePositionNotifier
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.publisher import Publisher
from beneficiate.realtime.redis_buckets import RedisBuckets
from beneficiate.realtime.redis_bus import RedisBus
from beneficiate.realtime.viewers import ViewerTracker
from beneficiate.routes import ROUTES, TELEMETRY_ROUTES, url_specs
from beneficiate.sandbox.keys import WompiKeys
from beneficiate.sandbox.server import Sandbox
from beneficiate.security_log import SecurityLog
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.data_copies import DataCopyService
from beneficiate.services.payments import PaymentService
from beneficiate.services.requested_checks import RequestedChecks
from beneficiate.settings import MAX_TRANSPORT_FRAME_BYTES, InvalidSettings, Settings
from beneficiate.settings_checks import choose_sandbox_port
from beneficiate.store import Store
from beneficiate.telemetry import Telemetry
from beneficiate.tokens import AccessTokens, DeviceTokens, FormTokens
from beneficiate.unit_of_work import Actor
from beneficiate.websockets.tornado_internals import check_tornado

log = structlog.get_logger(__name__)

CLOSE_CONNECTIONS_S = 3.0
UNREGISTER_S = 1.5
COMMIT_QUEUED_S = 1.5
CLOSE_BUS_S = 1.5
CLOSE_HTTP_S = 0.5
"""How long each step of a stop may take, in seconds: 9.5 in all, with one for what is cut; service managers give 10."""
WEBHOOK_PATH = "/api/v1/payments/webhook/wompi"
WOMPI_RETRY_FACTORS = (1, 6, 48)
"""Wompi sends an event again after 30 minutes, 3 hours and 24 hours."""


class Server:
    """One process of Beneficiate. It binds its addresses itself unless it is given `sockets` that listen already."""

    def __init__(
        self, settings: Settings, sandbox: Sandbox | None = None, sockets: ListeningSockets | None = None
    ) -> None:
        self._given_sockets = sockets
        self.settings = settings if sandbox is None else with_sandbox_keys(settings, sandbox.keys, sandbox.url)
        self.sandbox = sandbox
        self.context = build_context(self.settings)
        self.application = build_application(self.context)
        self._http = EdgeServer(self.application, self.settings, lambda: len(self.context.hub.connections))
        self._telemetry_http = HTTPServer(build_telemetry_application(self.context))
        self._jobs: list[PeriodicJob] = []
        self.port = 0
        self.telemetry_port = 0

    async def start(self) -> None:
        """Migrate the database, join the bus, then listen for requests. Raises UnknownTornado, InvalidSettings."""
        check_tornado()
        context = self.context
        await asyncio.get_running_loop().run_in_executor(None, prepare_database, self.settings)
        # Before anything runs that would have to be stopped when an address is taken.
        sockets, telemetry_sockets = self._bind()
        context.process_id = await context.store.run(presence.register_process, uuid.uuid4().hex)
        context.started_at = context.last_heartbeat_at = time.monotonic()
        await context.bus.start(context.hub.deliver, context.hub.close_after_gap)
        self._http.add_sockets(sockets)
        self._telemetry_http.add_sockets(telemetry_sockets)
        if self.sandbox is not None:
            self.sandbox.events_url = f"http://127.0.0.1:{self.port}{WEBHOOK_PATH}"
            await self.sandbox.start()
        self._jobs = start_jobs(context)
        self._credentials_check = asyncio.create_task(check_wompi_credentials(context))
        log.info("started", port=self.port, database=type(database.obj).__name__, bus=type(context.bus).__name__)

    def _bind(self) -> ListeningSockets:
        """Return the sockets to listen on, and note their ports. Raises InvalidSettings."""
        sockets = self._given_sockets or bind_listening_sockets(self.settings)
        self.port = sockets.pages[0].getsockname()[1]
        if sockets.metrics:
            self.telemetry_port = sockets.metrics[0].getsockname()[1]
        return sockets

    async def stop(self) -> None:
        """Stop listening, close all connections with 1012, commit what is queued, and release all resources.

        Each step has a limit, so that a database or a bus that does not answer delays the end by seconds only.
        """
        context = self.context
        context.is_stopping = True
        self._http.stop()
        self._telemetry_http.stop()
        for job in self._jobs:
            job.stop()
        self._credentials_check.cancel()
        if self.sandbox is not None:
            await self.sandbox.stop()
        await context.requested_checks.stop()
        await context.hub.close_and_wait(CLOSE_CONNECTIONS_S)
        with contextlib.suppress(Problem, TimeoutError):
            # Without the database, other processes notice when the heartbeat expires.
            unregistered = context.store.run(presence.unregister_process, context.process_id)
            await asyncio.wait_for(unregistered, UNREGISTER_S)
        await context.store.close(COMMIT_QUEUED_S)
        for job in self._jobs:
            await job.cancel()
        for closing, timeout_s in (
            (context.bus.stop(), CLOSE_BUS_S),
            (context.limiters.close(), CLOSE_HTTP_S),
            (self._http.close_all_connections(), CLOSE_HTTP_S),
            (self._telemetry_http.close_all_connections(), CLOSE_HTTP_S),
        ):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closing, timeout_s)
        context.hash_pool.shutdown()
        context.spreadsheet_pool.shutdown(cancel_futures=True)
        context.attachments.close()
        context.wompi.close()
        context.push.close()
        log.info("stopped")


def build_context(settings: Settings) -> AppContext:
    """Choose the parts by the settings and connect them."""
    database.initialize(open_database(settings.database_url, settings.database_pooler))
    telemetry = Telemetry()
    bus, event_handlers = build_bus(settings, telemetry), EventHandlers()
    hub = Hub(bus)
    rules = BusinessRules.from_settings(settings)
    store = Store(database.obj, Publisher(bus, event_handlers), rules, telemetry=telemetry)
    files = FolderFileStore(Path(settings.files_folder))
    wompi, viewers = WompiClient(settings), ViewerTracker(hub, bus)
    payments = PaymentService(store, wompi, settings.wompi_environment, telemetry)
    hub.intercept(channels.PRESENCE_CHANNEL, PresenceNotifier(hub))
    hub.intercept(channels.QUEUE_CHANNEL, QueuePositionNotifier(hub, partial(store.read, list_queue_positions)))
    templates, assets = create_environment(), Assets(is_watched=not settings.is_production)
    board = BoardNotifier(hub, partial(draw_board, store, templates, assets))
    hub.intercept(channels.BOARD_CHANNEL, board)
    event_handlers.register(ChatInitiated, lambda event: log.info("chat_opened", chat_id=event.chat.id))
    event_handlers.register(ChatClosed, _log_chat_closed)
    event_handlers.register(MessageSent, lambda event: telemetry.count_message(event.message.sender_type))
    return AppContext(
        settings=settings,
        telemetry=telemetry,
        store=store,
        hub=hub,
        bus=bus,
        event_handlers=event_handlers,
        viewers=viewers,
        board=board,
        tokens=AccessTokens(settings.secret, settings.access_token_s, store.timestamp),
        device_tokens=DeviceTokens(settings.secret),
        form_tokens=FormTokens(settings.secret),
        security_log=SecurityLog(settings.secret),
        on_delivery_pending=DeliveryTracker(partial(_mark_delivered, store)),
        mail=SmtpMailClient(settings.smtp_url) if settings.smtp_url else FolderMailClient(OUTBOX),
        push=PushClient(settings),
        wompi=wompi,
        payments=payments,
        requested_checks=RequestedChecks(store, payments.reconcile_with_wompi),
        attachments=AttachmentService(store, files),
        data_copies=DataCopyService(store, files, templates),
        templates=templates,
        limiters=RateLimiters.from_settings(settings, RedisBuckets(settings.redis_url) if settings.redis_url else None),
    )


def build_bus(settings: Settings, telemetry: Telemetry) -> Bus:
    """Return a bus over Redis if it is configured, otherwise one of this process alone."""
    return RedisBus(settings.redis_url, observe_lag=telemetry.bus_lag.observe) if settings.redis_url else MemoryBus()


def build_application(context: AppContext) -> ContextApplication:
    """Return the Tornado application with all routes. Raises MissingAudience when a route has no audience."""
    application = BodyLimitApplication(
        url_specs(ROUTES),
        transforms=[HttpCompression],
        xsrf_cookies=True,
        cross_origin_protection=True,
        xsrf_cookie_name=name_cookie(XSRF_COOKIE, is_secure=context.settings.is_secure),
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Lax", "secure": context.settings.is_secure},
        websocket_max_message_size=MAX_TRANSPORT_FRAME_BYTES,
        log_function=log_request,
    )
    application.context = context
    application.settings["assets"] = Assets(is_watched=not context.settings.is_production)
    application.settings["openapi"] = openapi.encode_openapi_document()
    return application


def build_telemetry_application(context: AppContext) -> ContextApplication:
    """Return the application that Prometheus reads, on an address of its own."""
    application = ContextApplication(url_specs(TELEMETRY_ROUTES), log_function=lambda handler: None)
    application.context = context
    return application


def build_sandbox(settings: Settings) -> Sandbox | None:
    """Return a local Wompi on its port (or any free one); None when keys of the real one are configured.

    Raises InvalidSettings in production, where public test cards must not pay.
    """
    if settings.is_production:
        raise InvalidSettings("The local Wompi is for development: in production Wompi's keys must be configured.")
    if settings.wompi_environment:
        return None
    retry_delays = tuple(settings.sandbox_retry_s * times for times in WOMPI_RETRY_FACTORS)
    port = choose_sandbox_port(settings.port, settings.metrics_address) if settings.port else 0
    return Sandbox(settings.own_url + WEBHOOK_PATH, port=port, retry_s=retry_delays)


def with_sandbox_keys(settings: Settings, keys: WompiKeys, url: str) -> Settings:
    """Return the settings with the URL and the keys of a local Wompi."""
    return replace(
        settings,
        wompi_base_url=f"{url}/v1",
        wompi_checkout_url=url,
        wompi_public_key=keys.public_key,
        wompi_private_key=keys.private_key,
        wompi_events_secret=keys.events_secret,
        wompi_integrity_secret=keys.integrity_secret,
    ).validated()


async def run_server(
    settings: Settings,
    on_ready: Callable[[], None],
    sandbox: Sandbox | None = None,
    worker: WorkerSockets | None = None,
) -> None:
    """Run until SIGTERM, SIGINT or, for a worker, the end of its supervisor. `on_ready` is called once it listens."""
    server = Server(settings, sandbox, worker.listening if worker else None)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_exception)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if worker is not None:
        # A terminal or an operator who means the supervisor may reach its workers too.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        worker.call_at_end(stopping.set)
    await server.start()
    settle_heap()
    on_ready()
    with contextlib.suppress(asyncio.CancelledError):
        await stopping.wait()
    await server.stop()


def _mark_delivered(store: Store, mark: messages.MarkDelivered, actor: Actor) -> None:
    # A chat that was assigned to another agent meanwhile has nothing to mark.
    store.run(messages.mark_delivered, mark, actor).add_done_callback(lambda future: future.exception())


def _log_chat_closed(event: ChatClosed) -> None:
    log.info("chat_closed", chat_id=event.chat_id, user_id=event.closed_by)
