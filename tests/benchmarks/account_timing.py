"""Whether the time of an answer tells who has an account.

`python -m tests.benchmarks.account_timing [sqlite|postgresql]`

Requests in turns, one at a time: about an account, and about none. Of each the median of the milliseconds, and the
area under the curve of both samples (Mann-Whitney): the part of all pairs in which the answer about an account took
longer. 0.5 is a guess. With an interval of 99 % that leaves it out the two can be told apart.

The server has its usual hashes. Each request is from a network of its own and about an account of its own, so that no
limit is reached.
"""

import math
import platform
import random
import statistics
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from urllib.parse import urlencode

from beneficiate.models.base import write_transaction
from beneficiate.passwords import hash_password
from tests import servers
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.domain.test_registrations import TYPED
from tests.factories import Person, member
from tests.handlers.test_registration import PASSWORD
from tests.http_client import XSRF_TOKEN
from tests.server_process import process_environment, start_command

ROUNDS, WARM_UP, Z_99 = 300, 20, 2.576
SERVER_LIMIT_S = 60
WRONG = "no es la clave que puso"
_networks, _strangers = count(), count()


class Visitor:
    """A connection to the server, with the cookie and the token of its forms."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SERVER_LIMIT_S)
        self._cookie, self._token = "", ""

    def open_form(self, path: str) -> None:
        """Read a page with a form. Its cookie and its token are good for all forms after it."""
        answer, text = self._send("GET", path)
        found = XSRF_TOKEN.search(text)
        if found is None:
            raise AssertionError(f"{path} has no token")
        self._token = found[1]
        self._cookie = "; ".join(one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie", []))

    def post(self, path: str, expected: int, fields: dict[str, str]) -> float:
        """Send a form and return the seconds until the whole answer was there. Its status has to be `expected`."""
        body = urlencode({**fields, "_xsrf": self._token})
        began = time.perf_counter()
        answer, text = self._send("POST", path, body)
        took = time.perf_counter() - began
        if answer.status != expected:
            raise AssertionError(f"{path}: {answer.status} {text[:400]}")
        return took

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, str]:
        number = next(_networks)
        headers = {
            "Cookie": self._cookie,
            "X-Forwarded-For": f"10.{number // 250 % 250}.{number % 250}.{number // 62_500 + 1}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer, answer.read().decode()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A form, the status of its answers, and its fields for the person of an account, or for nobody."""

    name: str
    form: str
    path: str
    expected: int
    fields: Callable[[Person | None], dict[str, str]]


def new_address() -> str:
    """Return an address without an account, as long as those of the accounts."""
    return f"nadie{next(_strangers):05}@example.com"


def register(email: str, document: str) -> dict[str, str]:
    return {**TYPED, "password": PASSWORD, "correo": email, "numero": document}


def new_document() -> str:
    return str(1_020_000_000 + next(_strangers))


def sign_in(who: Person | None) -> dict[str, str]:
    return {"email": who.user.email if who else new_address(), "password": WRONG}


COMPARISONS = (
    Comparison("sign-in", "/login", "/login", 200, sign_in),
    Comparison(
        "recovery",
        "/recuperar",
        "/recuperar",
        303,
        lambda who: {"email": who.user.email if who else new_address()},
    ),
    Comparison(
        "registration, document",
        "/registro",
        "/registro",
        303,
        lambda who: register(new_address(), who.user.document_number if who else new_document()),
    ),
    Comparison(
        "registration, address",
        "/registro",
        "/registro",
        303,
        lambda who: register(who.user.email if who else new_address(), new_document()),
    ),
    Comparison("sign-in, also registered", "/login", "/login", 200, sign_in),
)
"""The last one is about accounts with whose address somebody has registered since, by the one before."""


def compare(known: list[float], unknown: list[float]) -> tuple[float, float]:
    """Return the area under the curve, and half of its interval of 99 %, as for two samples that are alike."""
    ordered = sorted(unknown)
    below = sum((bisect_left(ordered, one) + bisect_right(ordered, one)) / 2 for one in known)
    sizes = len(known) * len(unknown)
    return below / sizes, Z_99 * math.sqrt((len(known) + len(unknown) + 1) / (12 * sizes))


def measure(port: int, comparison: Comparison, people: list[Person]) -> None:
    """Send the requests of a comparison in turns, and print what their times tell."""
    visitor = Visitor(port)
    visitor.open_form(comparison.form)
    chance = random.Random(1)
    took: dict[bool, list[float]] = {True: [], False: []}
    for who in people:
        turns = [who, None]
        chance.shuffle(turns)
        for person in turns:
            fields = comparison.fields(person)
            took[person is not None].append(1000 * visitor.post(comparison.path, comparison.expected, fields))
    known, unknown = took[True][WARM_UP:], took[False][WARM_UP:]
    area, half = compare(known, unknown)
    medians = f"with {statistics.median(known):7.1f} ms   without {statistics.median(unknown):7.1f} ms"
    verdict = "cannot be told apart" if abs(area - 0.5) <= half else "CAN BE TOLD APART"
    print(f"{comparison.name:<28} {medians}   area {area:.3f} ± {half:.3f}   {verdict}", flush=True)


def create_people() -> list[Person]:
    """Create the members, whose addresses and documents are as long as those of nobody."""
    hashed = hash_password(PASSWORD)
    with write_transaction():
        return [
            member(
                "Iris",
                email=f"algun{number:05}@example.com",
                document_number=str(1_010_000_000 + number),
                password_hash=hashed,
            )
            for number in range(ROUNDS + WARM_UP)
        ]


def benchmark(backend: str) -> None:
    with bench_database(backend) as (folder, url):
        people, port = create_people(), servers.free_port()
        environment = process_environment(url, BENEFICIATE_PROXIES=1)
        server = start_command(["serve", "--port", str(port)], environment, folder / "server.log")
        try:
            servers.wait_for_port(port)
            for comparison in COMPARISONS:
                measure(port, comparison, people)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    print(f"Python {platform.python_version()}; {ROUNDS} requests of each kind, one after the other, in turns")
    for name in requested_backends():
        print(name, flush=True)
        benchmark(name)
