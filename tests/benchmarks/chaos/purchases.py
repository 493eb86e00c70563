"""Members who book the same slots, and members who buy plans; each asks again until the answer is certain."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tornado.httpclient import HTTPClientError

from beneficiate.models.professionals import Professional
from beneficiate.queries.slots import SlotQuery, list_professional_slots
from beneficiate.sandbox.server import Sandbox
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import Person, add_hours_soon, member, member_with_plan, professional, specialty, township
from tests.flows.payment_steps import create_payment, create_plan, create_transaction
from tests.http_client import HttpAnswer, call_api

PROFESSIONALS = 10
POPULAR_SLOTS = 8
"""Everybody wants one of the first so many that nobody is known to have."""
REQUEST_S = 45
RETRY_S = 0.5
REFUSED = ("slot_taken", "rate_limited")
IN_DOUBT = "payment_in_doubt"
"""The code of a purchase whose process ended while Wompi made its link: nobody gets a second one."""
LATER = (409, 429)
"""A purchase that is being prepared by a process that may have ended meanwhile, and too many."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A slot that a member was told they have."""

    appointment_id: int
    professional_id: int
    starts_at: datetime


async def ask_until_certain(ask: Callable[[], Any]) -> HttpAnswer:
    """Ask again until there is an answer that is not about the service itself."""
    while True:
        try:
            async with asyncio.timeout(REQUEST_S):
                answer: HttpAnswer = await ask()
            if answer.status < 500 or IN_DOUBT in answer.text:
                return answer
        except (HTTPClientError, OSError):
            pass
        await asyncio.sleep(RETRY_S)


class Bookers:
    """Members with a plan who all want the first slots of a few professionals."""

    def __init__(self, port: int, count: int, seed: int) -> None:
        self.booked: list[Booked] = []
        self.refused = 0
        self.odd: list[str] = []
        self._port = port
        self._random = random.Random(seed)
        self._people = [member_with_plan(f"Paciente {number}") for number in range(count)]
        self._free = [slot for _ in range(PROFESSIONALS) for slot in self._list_slots()]
        self._keys = 0
        self._specialty_id, self._city_id = specialty().id, township().id

    def _list_slots(self) -> list[tuple[Professional, datetime]]:
        whom = add_hours_soon(professional(hours=()), days=20)
        found = list_professional_slots(UnitOfWork(self._people[0].actor, datetime.now(UTC)), SlotQuery(whom.id))
        return [(whom, slot["starts_at"]) for slot in found]

    async def book_until(self, is_over: Callable[[], bool], pause_s: float) -> None:
        """Let everybody book until it is over; returns when every request has an answer."""
        await asyncio.gather(*(self._book(who, is_over, pause_s) for who in self._people))

    async def _book(self, who: Person, is_over: Callable[[], bool], pause_s: float) -> None:
        while not is_over():
            await asyncio.sleep(self._random.uniform(0, 2 * pause_s))
            if not self._free:
                return
            slot = self._random.choice(self._free[:POPULAR_SLOTS])
            self._keys += 1
            await self._request(who, slot, f"k{self._keys}")

    async def _request(self, who: Person, slot: tuple[Professional, datetime], key: str) -> None:
        whom, starts_at = slot
        body = {
            "specialty_id": self._specialty_id, "city_id": self._city_id, "first_time": True, "notes": "Dolor",
            "professional_id": whom.id, "starts_at": starts_at.isoformat(), "request_key": key,
        }  # fmt: skip
        path = "medical-appointment/create-pending"
        answer = await ask_until_certain(lambda: call_api(self._port, path, who, body))
        if slot in self._free:
            self._free.remove(slot)
        if answer.status == 201:
            self.booked.append(Booked(answer.data["id"], whom.id, starts_at))
        elif answer.code in REFUSED:
            self.refused += 1
        else:
            self.odd.append(f"a booking was answered with {answer.status} {answer.text[:200]}")


class Buyers:
    """Members who pay for a plan at the local Wompi, again and again."""

    def __init__(self, port: int, sandbox: Sandbox, count: int, seed: int) -> None:
        self.paid: list[str] = []
        self.in_doubt = 0
        self.odd: list[str] = []
        self._port, self._sandbox = port, sandbox
        self._random = random.Random(seed)
        self._people = [member(f"Comprador {number}") for number in range(count)]
        self._plan = create_plan()

    async def buy_until(self, is_over: Callable[[], bool], pause_s: float) -> None:
        """Let everybody buy until it is over."""
        await asyncio.gather(*(self._buy(who, is_over, pause_s) for who in self._people))

    async def _buy(self, who: Person, is_over: Callable[[], bool], pause_s: float) -> None:
        own: set[str] = set()
        while not is_over():
            await asyncio.sleep(self._random.uniform(0, 2 * pause_s))
            answer = await ask_until_certain(lambda: create_payment(self._port, who, self._plan))
            if answer.status in LATER:
                continue
            if answer.status == 503:
                self.in_doubt += 1
                return
            if answer.status != 201:
                self.odd.append(f"a purchase was answered with {answer.status} {answer.text[:200]}")
                return
            payment_id = answer.data["transactionId"]
            if payment_id in own:  # it is not known yet that it was paid
                continue
            own.add(payment_id)
            link_id = urlsplit(answer.data["redirectUrl"]).path.rsplit("/", 1)[1]
            await create_transaction(self._sandbox, link_id)
            self.paid.append(payment_id)
