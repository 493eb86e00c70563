"""Figures of the reports: `python -m tests.benchmarks.reports [sqlite|postgresql] [CHATS]`.

A year of 1,000,000 chats in PostgreSQL and of 100,000 in SQLite unless another number is given, 14 facts each. How
long it takes to write and roll it up, and to make the roll-ups again. The milliseconds of each report as a query takes
them: the median and the 95th percentile by the clock, and how long this process and the server's had a processor, which
other load on the machine does not change. Then how long the page, the API and the download of a year take over HTTP,
from the request to the last byte, and how late messages arrive without reports and beside them.
"""

import asyncio
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from beneficiate.actions.rollup_rebuilds import rebuild_next_day
from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.demo.history import FIRST_AGENT_ID, load_history
from beneficiate.models.base import database, is_postgresql, write_transaction
from beneficiate.models.call_centre import Topic
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.queries.rollups import find_fold_bound
from beneficiate.services.rollups import FACTS_PER_LARGE_FOLD
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.reports import TypedReport
from tests.benchmarks import load
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.factories import PASSWORD, Person, supervisor
from tests.http_client import CookieClient, HttpAnswer, call_api
from tests.server_process import ROOT, AppProcess, process_environment

CHATS = {"sqlite": 100_000, "postgresql": 1_000_000}
DAYS, PAIRS, LINES_PER_S, SECONDS, TURNS, ROUNDS = 365, 50, 200, 10, 3, 40
STEPS = {"day": "dia", "week": "semana", "month": "mes"}
SUPERVISORS = 15
"""Who ask in turn over HTTP: one person may ask 60 times a minute."""


def fill(chats: int, now: datetime) -> None:
    """Write the year and roll it up."""
    began = time.perf_counter()
    facts = load_history(chats, DAYS, now)
    print(f"{facts} facts written in {time.perf_counter() - began:.0f} s", flush=True)
    began, uow = time.perf_counter(), UnitOfWork(SYSTEM, now)
    command = FoldFacts(find_fold_bound(uow).fact_id, FACTS_PER_LARGE_FOLD)
    folded = FACTS_PER_LARGE_FOLD
    while folded == FACTS_PER_LARGE_FOLD:
        with write_transaction():
            folded = fold_facts(uow, command)
    print(f"rolled up in {time.perf_counter() - began:.0f} s", flush=True)
    began, is_last = time.perf_counter(), False
    while not is_last:
        with write_transaction():
            is_last = rebuild_next_day(uow).is_last
    print(f"rolled up again, day by day, in {time.perf_counter() - began:.0f} s", flush=True)
    if is_postgresql():
        database.execute_sql("SET statement_timeout = 0")
        database.execute_sql("VACUUM ANALYZE")
    else:
        database.execute_sql("ANALYZE")


def choose_year() -> dict[str, str]:
    return {"periodo": "rango", "desde": str(datetime.now(UTC).date() - timedelta(days=365))}


def list_reports() -> dict[str, TypedReport]:
    """Return the reports that are measured, by name."""
    year = choose_year()
    agent = {"agente": str(FIRST_AGENT_ID + 7)}
    return {
        "today": TypedReport(periodo="hoy"),
        "month": TypedReport(periodo="mes"),
        "year": TypedReport(**year),
        "year, not compared": TypedReport(**year, comparar="no"),
        **{f"year by {step}": TypedReport(**year, por=name) for step, name in STEPS.items()},
        "year, first response by hour": TypedReport(**year, cifra="first_response"),
        "year of an agent": TypedReport(**year, **agent),
        "year of a topic": TypedReport(**year, tema="pagos"),
        "year of an agent and a topic": TypedReport(**year, **agent, tema="pagos"),
    }


def measure_queries(uow: UnitOfWork) -> None:
    for name, typed in list_reports().items():
        print_times(name, lambda typed=typed: load_typed_report(uow, typed))
    report = load_typed_report(uow, list_reports()["year"])
    for code in ("opened", "first_response_p90", "rated_share"):
        texts = dict.fromkeys(LIST_PARAMETERS, "") | {"figura": code} | report.filters.parameters()
        print_times(f"list of a year: {code}", lambda texts=texts: load_report_list(uow, texts))


def print_times(name: str, run: Callable[[], object]) -> None:
    run()
    taken: list[float] = []
    used, used_by_server = time.process_time(), _server_time()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        taken.append((time.perf_counter() - began) * 1000)
    of_processor = 1000 * (time.process_time() - used + _server_time() - used_by_server) / ROUNDS
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(f"{name:32} median {statistics.median(taken):6.0f}  p95 {p95:6.0f}  of a processor {of_processor:6.0f} ms",
          flush=True)  # fmt: skip


def _server_time() -> float:
    """Return for how many seconds the server's process of this connection has had a processor; 0 in SQLite."""
    if not is_postgresql():
        return 0.0
    (pid,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def ask_page(browser: CookieClient, person: Person, query: str) -> HttpAnswer:
    return await browser.get(f"/supervisor/reportes?{query}")


async def ask_api(browser: CookieClient, person: Person, query: str) -> HttpAnswer:
    return await call_api(browser.port, f"reports?{query}", person)


async def ask_csv(browser: CookieClient, person: Person, query: str) -> HttpAnswer:
    return await browser.get(f"/supervisor/reportes/cifras.csv?{query}")


ANSWERS = {"page": ask_page, "API": ask_api, "CSV": ask_csv}


async def measure_answers(folder: Path, url: str, people: list[Person]) -> None:
    """Print how long the answers with a year take over HTTP: the page, the figures as JSON and as a file."""
    server = AppProcess(folder, url)
    await server.start()
    try:
        browsers = [CookieClient(server.port) for _ in people]
        for browser, person in zip(browsers, people, strict=True):
            await browser.sign_in(person, PASSWORD)
        asking = itertools.cycle(zip(browsers, people, strict=True))
        for (step, name), (kind, ask) in itertools.product({"": "", **STEPS}.items(), ANSWERS.items()):
            query, taken = TypedReport(**choose_year(), por=name).query(), []
            for _ in range(ROUNDS + 1):
                began, answer = time.perf_counter(), await ask(*next(asking), query)
                taken.append((time.perf_counter() - began) * 1000)
                assert answer.status == 200, answer.text
            p95, title = statistics.quantiles(taken[1:], n=20)[-1], f"{kind} of a year{f' by {step}' if step else ''}"
            print(f"{title:32} median {statistics.median(taken[1:]):6.0f}  p95 {p95:6.0f} ms over HTTP, "
                  f"{len(answer.text.encode()) // 1000} KB", flush=True)  # fmt: skip
    finally:
        server.kill()


async def measure_chat(folder: Path, url: str, boss: Any, pairs: load.Pairs) -> None:
    """Print how late messages arrive, alone and while a supervisor opens one report after another."""
    p99: dict[str, list[float]] = {"chat alone": [], "chat beside reports": []}
    server = AppProcess(folder, url)
    await server.start()
    try:
        browser = CookieClient(server.port)
        await browser.sign_in(boss, PASSWORD)
        # In turn, so that other load on the machine is in both.
        for _ in range(TURNS):
            for name, reads in (("chat alone", False), ("chat beside reports", True)):
                reading = asyncio.create_task(_read_reports(browser) if reads else asyncio.sleep(0))
                figures = await load.measure_open_loop(server, pairs, SECONDS, LINES_PER_S)
                reading.cancel()
                p99[name].append(figures["p99_ms"])
                print(f"{name:32}", "  ".join(f"{key} {value:g}" for key, value in figures.items()), flush=True)
    finally:
        server.kill()
    for name, found in p99.items():
        print(f"{name:32} p99 {statistics.median(found):6.0f} ms, the median of {TURNS} times", flush=True)


async def _read_reports(browser: CookieClient) -> None:
    while True:
        for typed in list_reports().values():
            await browser.get(f"/supervisor/reportes?{typed.query()}")
            # As often as the limit of one person admits.
            await asyncio.sleep(1)


def benchmark(backend: str, chats: int) -> None:
    now = datetime.now(UTC)
    with bench_database(backend) as (folder, url):
        with write_transaction():
            boss, *others = [supervisor() for _ in range(SUPERVISORS)]
            for code in ("citas", "pagos", "afiliacion", "autorizaciones"):
                Topic.get_or_create(code=code, defaults={"name": code.capitalize(), "is_active": True})
        fill(chats, now)
        measure_queries(UnitOfWork(boss.actor, now))
        asyncio.run(measure_answers(folder, url, [boss, *others]))
        command = [sys.executable, "run.py", "load-data", "--pairs", str(PAIRS)]
        environment = process_environment(url)
        made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        asyncio.run(measure_chat(folder, url, boss, json.loads(made.stdout)))


if __name__ == "__main__":
    given = next((int(one) for one in sys.argv[1:] if one.isdecimal()), None)
    print(f"Python {platform.python_version()}")
    for backend in requested_backends():
        count = given or CHATS[backend]
        print(f"{backend}: {count} chats in {DAYS} days")
        benchmark(backend, count)
