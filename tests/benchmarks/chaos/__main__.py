"""`python -m tests.benchmarks.chaos [--seconds N] [--hours N] [--workers N] [--pairs N] [--seed N] [--only NAME] …`.

Prints a table, and exits with 1 when something was lost, doubled, out of order or not true at the end.
"""

import argparse
import asyncio
import random
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.__main__ import raise_file_limit
from tests.benchmarks.chaos.plan import ChaosPlan
from tests.benchmarks.chaos.report import render_figures
from tests.benchmarks.chaos.run import FaultFigures, run_chaos


def print_fault(fault: FaultFigures) -> None:
    first = "never" if fault.first_write_s is None else f"{fault.first_write_s:.1f} s"
    everybody = "never" if fault.everybody_s is None else f"{fault.everybody_s:.1f} s"
    print(
        f"{datetime.now(UTC):%H:%M:%S} {fault.name}: first write after {first}, everybody after {everybody}", flush=True
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--only", default="", help="only the faults whose name contains this")
    parser.add_argument("--logs", type=Path, default=None, help="keep the log of the service in this folder")
    asked = parser.parse_args()
    raise_file_limit()
    plan = ChaosPlan(asked.hours * 3600 or asked.seconds, asked.seed, asked.workers, asked.pairs, only=asked.only)
    with ExitStack() as stack:
        folder = asked.logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(run_chaos(plan, folder, print_fault))
    print(render_figures(plan, figures))
    return 1 if figures.violations.counts else 0


if __name__ == "__main__":
    raise SystemExit(main())
