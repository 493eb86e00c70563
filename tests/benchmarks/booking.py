"""Figures of booking: `python -m tests.benchmarks.booking [sqlite|postgresql]`.

Complete bookings a second: many members talk to the bot at once over sockets, each from the document to the ticket,
with a time of a professional of their own or without. The server is a process of its own. And the free slots of one
professional for 60 days, half of them taken, in milliseconds. `cpu` is what a process worked for it, which hardly
depends on what else the machine has to do.
"""

import asyncio
import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beneficiate.domain.booking.slots import BOGOTA
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import write_transaction
from beneficiate.models.professionals import Professional
from beneficiate.queries.slots import SlotQuery, list_professional_slots
from beneficiate.unit_of_work import UnitOfWork
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.factories import Person, add_hours_soon, member_with_plan, professional, specialty, township
from tests.server_process import AppProcess
from tests.ws_client import RawWebSocket, open_raw_websocket

MEMBERS, SECONDS, ROUNDS = 40, 6, 50
ALL_DAY = tuple((day, 7 * 60, 19 * 60) for day in range(6))


class BookingClient:
    """A member who books repeatedly."""

    def __init__(self, who: Person, whom: Professional | None) -> None:
        self.who, self.professional = who, whom
        self.bookings = self.answers = 0
        self._socket: RawWebSocket | None = None
        self._frames: asyncio.Queue[dict] = asyncio.Queue()

    async def connect(self, port: int) -> None:
        self._socket = await open_raw_websocket(port, self.who.token, self._on_frame)

    async def book_until(self, end: float) -> None:
        while time.perf_counter() < end:
            await self.book()
            self.bookings += 1

    def cut(self) -> None:
        self._socket.cut()

    def _on_frame(self, text: bytes) -> None:
        if b'"chatbot_message"' in text:
            self._frames.put_nowait(json.loads(text))

    async def _send(self, **frame: object) -> dict:
        self._socket.send_text(json.dumps(frame).encode())
        self.answers += 1
        return await asyncio.wait_for(self._frames.get(), 30)

    async def _press(self, frame: dict, label: str) -> dict:
        button = next(one["id"] for one in frame["choices"] if one["label"].startswith(label))
        return await self._send(source="chatbot", option=button)

    async def book(self) -> None:
        """Book an appointment, with a professional or without a time."""
        chosen = {"professionalId": self.professional.id} if self.professional else {}
        await self._send(event="chatbot_init", **chosen)
        frame = await self._send(source="chatbot", message=self.who.user.document_number)
        if self.professional is None:
            await self._press(frame, "En ")
            await self._send(source="chatbot", message="dermatologia")
        await self._send(source="chatbot", message="control")
        frame = await self._send(source="chatbot", message="Dolor de rodilla desde hace dos semanas")
        if self.professional is not None:
            frame = await self._press(frame, frame["options"][0])
        frame = await self._press(frame, "Sí")
        if frame["state"] != "completed":
            raise AssertionError(frame["message"])
        if self.professional is None:
            await self._press(frame, "Pedir otra cita")


async def measure_bookings(folder: Path, database_url: str, bookers: list[BookingClient]) -> dict[str, float]:
    server = AppProcess(folder, database_url)
    try:
        await server.start()
        await asyncio.gather(*(booker.connect(server.port) for booker in bookers))
        begun, worked = time.perf_counter(), process_cpu_s(server.pid)
        await asyncio.gather(*(booker.book_until(begun + SECONDS) for booker in bookers))
        took, worked = time.perf_counter() - begun, process_cpu_s(server.pid) - worked
        for booker in bookers:
            booker.cut()
    finally:
        server.kill()
    done, answers = (sum(getattr(one, what) for one in bookers) for what in ("bookings", "answers"))
    return {
        "bookings_per_s": done / took,
        "answers_per_s": answers / took,
        "ms_per_answer": 1000 * took * len(bookers) / answers,
        "cpu_ms_per_booking": 1000 * worked / done,
    }


def process_cpu_s(pid: int) -> float:
    """Return the processor time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_slots() -> dict[str, float]:
    """Measure the slots of a professional who works six days a week, with every second slot of 60 days taken."""
    busy, who = professional(hours=ALL_DAY, duration_minutes=20), member_with_plan()
    now = datetime.now(UTC)
    first = now.astimezone(BOGOTA).date()
    span, uow = SlotQuery(busy.id, first, first + timedelta(days=59)), UnitOfWork(who.actor, now)
    with write_transaction():
        columns = {"user": who.id, "specialty": specialty().id, "township": township().id, "professional": busy.id,
                   "status": "CONFIRMED", "first_time": True, "notes": "", "duration_minutes": 20,
                   "created_at": now, "updated_at": now}  # fmt: skip
        for n, slot in enumerate(list_professional_slots(uow, span)[::2]):
            Appointment.create(ticket_number=f"APT-BENCH-{n:04}", starts_at=slot["starts_at"], **columns)
    took, worked = [], []
    for _ in range(ROUNDS):
        begun, begun_cpu = time.perf_counter(), time.thread_time()
        found = list_professional_slots(uow, span)
        took.append(1000 * (time.perf_counter() - begun))
        worked.append(1000 * (time.thread_time() - begun_cpu))
    return {"ms_median": statistics.median(took), "cpu_ms": statistics.median(worked), "free": len(found)}


def run_benchmark(backend: str) -> None:
    with bench_database(backend) as (folder, url):
        with write_transaction():
            people = [member_with_plan() for _ in range(MEMBERS)]
            whoms = [add_hours_soon(professional(hours=()), days=50) for _ in range(MEMBERS)]
        print_figures(backend, "60 days of slots", measure_slots())
        for setting, own in (("booking without a time", [None] * MEMBERS), ("booking with a time", whoms)):
            bookers = [BookingClient(who, whom) for who, whom in zip(people, own, strict=True)]
            print_figures(backend, setting, asyncio.run(measure_bookings(folder, url, bookers)))


def print_figures(backend: str, setting: str, figures: dict[str, float]) -> None:
    print(f"{backend:<11}{setting:<24}" + "".join(f"{name:>20} {value:>8.1f}" for name, value in figures.items()))


if __name__ == "__main__":
    print(f"Python {platform.python_version()}; {MEMBERS} members talk at once for {SECONDS} s")
    for name in requested_backends():
        run_benchmark(name)
