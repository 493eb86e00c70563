"""Figures of the reports: `python -m tests.benchmarks.reports [sqlite|postgresql] [CHATS]`.

A year of 200,000 chats unless another number is given, nine facts each. The milliseconds of each report as a query
takes them: the median, the 95th percentile and the slowest; and how late messages arrive without reports and beside
them.
"""

import asyncio
import json
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.demo.history import FIRST_AGENT_ID, load_history
from beneficiate.models.base import database, is_postgresql, write_transaction
from beneficiate.models.call_centre import Topic
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_lists import LIST_PARAMETERS, load_report_list
from beneficiate.queries.rollups import find_fold_bound
from beneficiate.services.rollups import FACTS_PER_REBUILD_STEP
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.reports import TypedReport
from tests.benchmarks import load
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.benchmarks.search import print_timing
from tests.factories import PASSWORD, supervisor
from tests.http_client import CookieClient
from tests.server_process import ROOT, AppProcess, process_environment

CHATS, DAYS, PAIRS, LINES_PER_S, SECONDS = 200_000, 365, 50, 200, 10


def fill(chats: int, now: datetime) -> None:
    """Write the year and roll it up."""
    began = time.perf_counter()
    facts = load_history(chats, DAYS, now)
    print(f"{facts} facts written in {time.perf_counter() - began:.0f} s", flush=True)
    began, uow = time.perf_counter(), UnitOfWork(SYSTEM, now)
    command = FoldFacts(find_fold_bound(uow).fact_id, FACTS_PER_REBUILD_STEP)
    folded = FACTS_PER_REBUILD_STEP
    while folded == FACTS_PER_REBUILD_STEP:
        with write_transaction():
            folded = fold_facts(uow, command)
    print(f"rolled up in {time.perf_counter() - began:.0f} s", flush=True)
    if is_postgresql():
        database.execute_sql("SET statement_timeout = 0")
        database.execute_sql("VACUUM ANALYZE")
    else:
        database.execute_sql("ANALYZE")


def list_reports() -> dict[str, TypedReport]:
    """Return the reports that are measured, by name."""
    year = {"periodo": "rango", "desde": str(datetime.now(UTC).date().replace(year=datetime.now(UTC).year - 1))}
    agent = {"agente": str(FIRST_AGENT_ID + 7)}
    return {
        "today": TypedReport(periodo="hoy"),
        "month": TypedReport(periodo="mes"),
        "year": TypedReport(**year),
        "year, not compared": TypedReport(**year, comparar="no"),
        "year by week": TypedReport(**year, por="semana"),
        "year of an agent": TypedReport(**year, **agent),
        "year of a topic": TypedReport(**year, tema="pagos"),
        "year of an agent and a topic": TypedReport(**year, **agent, tema="pagos"),
    }


def measure_queries(uow: UnitOfWork) -> None:
    for name, typed in list_reports().items():
        print_timing(name, lambda typed=typed: load_typed_report(uow, typed))
    report = load_typed_report(uow, list_reports()["year"])
    for code in ("opened", "first_response_p90", "rated_share"):
        texts = dict.fromkeys(LIST_PARAMETERS, "") | {"figura": code} | report.filters.parameters()
        print_timing(f"list of a year: {code}", lambda texts=texts: load_report_list(uow, texts))


async def measure_chat(folder: Path, url: str, boss: Any, pairs: load.Pairs) -> None:
    """Print how late messages arrive, alone and while a supervisor opens one report after another."""
    server = AppProcess(folder, url)
    await server.start()
    try:
        browser = CookieClient(server.port)
        await browser.sign_in(boss, PASSWORD)
        alone = await load.measure_open_loop(server, pairs, SECONDS, LINES_PER_S)
        reading = asyncio.create_task(_read_reports(browser))
        beside = await load.measure_open_loop(server, pairs, SECONDS, LINES_PER_S)
        reading.cancel()
    finally:
        server.kill()
    for name, figures in (("chat alone", alone), ("chat beside reports", beside)):
        print(name, "  ".join(f"{key} {value:g}" for key, value in figures.items()), flush=True)


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
            boss = supervisor()
            for code in ("citas", "pagos", "afiliacion", "autorizaciones"):
                Topic.get_or_create(code=code, defaults={"name": code.capitalize(), "is_active": True})
        fill(chats, now)
        measure_queries(UnitOfWork(boss.actor, now))
        command = [sys.executable, "run.py", "load-data", "--pairs", str(PAIRS)]
        environment = process_environment(url)
        made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        asyncio.run(measure_chat(folder, url, boss, json.loads(made.stdout)))


if __name__ == "__main__":
    count = next((int(one) for one in sys.argv[1:] if one.isdecimal()), CHATS)
    print(f"Python {platform.python_version()}; {count} chats in {DAYS} days")
    for backend in requested_backends():
        benchmark(backend, count)
