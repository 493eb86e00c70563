"""The simulation of docs/scaling.md reproduces what was measured as well as the page says, and prints its tables."""

import re
from pathlib import Path

from tests.benchmarks import scaling

PAGE = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_measured_points_are_reproduced_as_well_as_the_page_says():
    table, worst = scaling.render_reproduction(scaling.calibrate(scaling.CALIBRATION))
    said = re.search(r"each within (\d+) %", PAGE)
    assert said is not None
    assert worst <= int(said[1]) / 100 == scaling.TOLERANCE
    assert f"\n{table}\n" in PAGE, table


def test_page_has_what_many_members_need():
    table = scaling.render_needs(scaling.CALIBRATION)
    assert f"\n{table}\n" in PAGE, table


def test_what_is_needed_grows_with_the_members():
    few, many = (scaling.compute_needs(scaling.CALIBRATION, members) for members in (10_000, 1_000_000))
    assert many.processes >= 50 * few.processes
    # Each message is looked up for each process.
    assert many.redis_processors > 100 * few.redis_processors
    assert many.redis_shards > few.redis_shards
