"""The local Wompi as a server: it may live beside others, in one process and on one loop."""

import errno
import socket
from collections import Counter, deque
from pathlib import Path

import jinja2
from tornado.httpserver import HTTPServer
from tornado.web import Application

from beneficiate.sandbox import checkout, gateway, tools
from beneficiate.sandbox.account import Account
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.doors import Unknown
from beneficiate.sandbox.errands import Errands
from beneficiate.sandbox.events import Event, Events
from beneficiate.sandbox.keys import TEST_KEYS, Keys
from beneficiate.sandbox.payments import Payments
from beneficiate.sandbox.wompi import Wompi

ROOT = Path(__file__).parents[2]
LARGEST_BODY = 256 * 1024
API = (
    ("/v1/payment_links", gateway.Links),
    ("/v1/payment_links/{id}", gateway.OneLink),
    ("/v1/transactions", gateway.Transactions),
    ("/v1/transactions/{id}", gateway.OneTransaction),
    ("/v1/transactions/{id}/void", gateway.Void),
    ("/v1/merchants/info", gateway.Merchant),
)
PAGES = (
    (r"/l/([A-Za-z0-9_]+)", checkout.Checkout),
    (checkout.PAY_PATH, checkout.Pay),
    (r"/l/([A-Za-z0-9_]+)/payments/([A-Za-z0-9-]+)", checkout.Result),
    (r"/_sandbox/behaviour", tools.TheBehaviour),
    (r"/_sandbox/transactions", tools.NewTransactions),
    (r"/_sandbox/transactions/([A-Za-z0-9-]+)", tools.OldTransaction),
    (r"/_sandbox/events", tools.TheEvents),
    (r"/_sandbox/requests", tools.TheRequests),
)


class Sandbox:
    """One merchant's gateway. Its port is known at once, it answers from `start` to `stop`.

    A `port` that somebody else has is not insisted on. Wompi repeats an event after 30 minutes, 3 hours and 24 hours
    (docs.wompi.co/docs/colombia/eventos/); here after each of `retry_s`. A payment is settled after `settle_s`.
    """

    def __init__(
        self,
        events_url: str,
        *,
        port: int = 0,
        address: str = "127.0.0.1",
        keys: Keys = TEST_KEYS,
        retry_s: tuple[float, ...] = (2.0, 10.0, 60.0),
        settle_s: float = 0.3,
    ) -> None:
        self._socket = _bind(port, address)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/v1"
        self._errands = Errands()
        self._account = Account(keys, events_url)
        self._events = Events(self._account, self._errands, retry_s)
        payments = Payments(self._account, self._events, self._errands, settle_s)
        self._wompi = Wompi(self._account, self._events, payments, _templates(), self.url)
        self._http = HTTPServer(_application(self._wompi), max_body_size=LARGEST_BODY)

    @property
    def keys(self) -> Keys:
        return self._account.keys

    @property
    def events_url(self) -> str:
        """Where events go; it may change at any time."""
        return self._account.events_url

    @events_url.setter
    def events_url(self, url: str) -> None:
        self._account.events_url = url

    @property
    def behaviour(self) -> Behaviour:
        """How it misbehaves; to be changed or replaced."""
        return self._account.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._account.behaviour = behaviour

    @property
    def requests(self) -> Counter[str]:
        """How often each call of the API was made, by `METHOD /path/{id}`."""
        return self._wompi.requests

    @property
    def events(self) -> deque[Event]:
        """What merchants were told, oldest first."""
        return self._events.log

    async def start(self) -> None:
        """Begin to answer."""
        self._events.start()
        self._http.add_socket(self._socket)

    async def stop(self) -> None:
        """Drop events that are not delivered yet and payments that are not settled, and hang up."""
        self._wompi.over.set()
        self._http.stop()
        self._socket.close()
        await self._errands.cancel()
        await self._http.close_all_connections()
        self._events.stop()


def _bind(port: int, address: str) -> socket.socket:
    """A socket that listens. Tornado's own `bind_sockets` leaves one open when the port is taken."""
    try:
        bound = socket.create_server((address, port), backlog=128)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        bound = socket.create_server((address, 0), backlog=128)
    bound.setblocking(False)
    return bound


def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _application(wompi: Wompi) -> Application:
    doors = [(pattern.replace("{id}", r"([^/]+)"), door, {"wompi": wompi, "pattern": pattern}) for pattern, door in API]
    pages = [(pattern, page, {"wompi": wompi}) for pattern, page in PAGES]
    return Application(
        [*doors, *pages],
        default_handler_class=Unknown,
        default_handler_args={"wompi": wompi, "pattern": "*"},
        static_path=str(ROOT / "static"),
        log_function=lambda handler: None,
    )
