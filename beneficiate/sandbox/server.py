"""The local Wompi as a server. Several can run in one process and on one event loop."""

import errno
import socket
from collections import Counter, deque
from functools import cache
from pathlib import Path

import jinja2
from tornado.httpserver import HTTPServer
from tornado.web import Application

from beneficiate.sandbox import checkout, gateway, tools
from beneficiate.sandbox.account import MerchantAccount
from beneficiate.sandbox.background_tasks import BackgroundTasks
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.events import EventSender, SandboxEvent
from beneficiate.sandbox.handlers import UnknownPathHandler
from beneficiate.sandbox.keys import TEST_KEYS, WompiKeys
from beneficiate.sandbox.payments import PaymentProcessor
from beneficiate.sandbox.wompi import LocalWompi

PROJECT_ROOT = Path(__file__).parents[2]
MAX_SANDBOX_BODY_BYTES = 256 * 1024
API_ROUTES = (
    ("/v1/payment_links", gateway.LinksHandler),
    ("/v1/payment_links/{id}", gateway.LinkByIdHandler),
    ("/v1/transactions", gateway.TransactionSearchHandler),
    ("/v1/transactions/{id}", gateway.TransactionByIdHandler),
    ("/v1/transactions/{id}/void", gateway.VoidTransactionHandler),
    ("/v1/merchants/info", gateway.MerchantInfoHandler),
)
PAGE_ROUTES = (
    (r"/l/([A-Za-z0-9_]+)", checkout.CheckoutPage),
    (checkout.PAY_PATH, checkout.PayHandler),
    (r"/l/([A-Za-z0-9_]+)/payments/([A-Za-z0-9-]+)", checkout.ResultPage),
    (checkout.STEP_PATH, checkout.NextStepHandler),
    (r"/_sandbox/behaviour", tools.BehaviourHandler),
    (r"/_sandbox/transactions", tools.CreateTransactionHandler),
    (r"/_sandbox/transactions/([A-Za-z0-9-]+)", tools.TransactionHandler),
    (r"/_sandbox/events", tools.EventLogHandler),
    (r"/_sandbox/requests", tools.RequestCountsHandler),
)


class Sandbox:
    """The gateway of one merchant. Its port is bound at once; it answers from `start` to `stop`.

    If `port` is in use, a free one is taken. Wompi retries an event after 30 minutes, 3 hours and 24 hours
    (docs.wompi.co/docs/colombia/eventos/), the sandbox after each pause of `retry_s` seconds. A payment is settled
    after `settle_s` seconds.
    """

    def __init__(
        self,
        events_url: str,
        *,
        port: int = 0,
        address: str = "127.0.0.1",
        keys: WompiKeys = TEST_KEYS,
        retry_s: tuple[float, ...] = (2.0, 10.0, 60.0),
        settle_s: float = 0.3,
    ) -> None:
        self._socket = _bind_port(port, address)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/v1"
        self._background_tasks = BackgroundTasks()
        self._account = MerchantAccount(keys, events_url)
        self._events = EventSender(self._account, self._background_tasks, retry_s)
        payments = PaymentProcessor(self._account, self._events, self._background_tasks, settle_s)
        self._wompi = LocalWompi(self._account, self._events, payments, _templates(), self.url)
        self._http = HTTPServer(_application(self._wompi), max_body_size=MAX_SANDBOX_BODY_BYTES)

    @property
    def keys(self) -> WompiKeys:
        return self._account.keys

    @property
    def events_url(self) -> str:
        """The URL that events are posted to; it may change at any time."""
        return self._account.events_url

    @events_url.setter
    def events_url(self, url: str) -> None:
        self._account.events_url = url

    @property
    def behaviour(self) -> Behaviour:
        """The current faults; they can be changed or replaced."""
        return self._account.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._account.behaviour = behaviour

    @property
    def requests(self) -> Counter[str]:
        """The number of API requests, by `METHOD /path/{id}`."""
        return self._wompi.requests

    @property
    def events(self) -> deque[SandboxEvent]:
        """The events that were sent, oldest first."""
        return self._events.log

    async def start(self) -> None:
        """Start to answer requests."""
        self._events.start()
        self._http.add_socket(self._socket)

    async def stop(self) -> None:
        """Drop undelivered events and unsettled payments, and close all connections."""
        self._wompi.stopping.set()
        self._http.stop()
        self._socket.close()
        await self._background_tasks.cancel_all()
        await self._http.close_all_connections()
        self._events.stop()


def _bind_port(port: int, address: str) -> socket.socket:
    """Return a listening socket. Tornado's `bind_sockets` leaves one open when the port is in use."""
    try:
        bound = socket.create_server((address, port), backlog=128)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        bound = socket.create_server((address, 0), backlog=128)
    bound.setblocking(False)
    return bound


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(PROJECT_ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _application(wompi: LocalWompi) -> Application:
    api_routes = [
        (pattern.replace("{id}", r"([^/]+)"), handler_class, {"wompi": wompi, "pattern": pattern})
        for pattern, handler_class in API_ROUTES
    ]
    page_routes = [(pattern, page, {"wompi": wompi}) for pattern, page in PAGE_ROUTES]
    return Application(
        [*api_routes, *page_routes],
        default_handler_class=UnknownPathHandler,
        default_handler_args={"wompi": wompi, "pattern": "*"},
        static_path=str(PROJECT_ROOT / "static"),
        log_function=lambda handler: None,
    )
