"""Blocks of the week of a professional, in Spanish or English."""

from datetime import time

from beneficiate.domain.legacy.professionals import merge_blocks


def test_blocks_that_overlap_are_one_and_those_that_say_nothing_are_counted():
    blocks = [
        ("Lunes", time(8), time(10)),
        ("monday", time(9, 30), time(12)),
        ("lunes", time(14), time(16)),
        ("Domingo", time(0), time(23, 59, 59)),
        ("lunes", time(10), time(9)),
        ("festivos", time(8), time(9)),
        ("martes", None, time(9)),
    ]
    assert merge_blocks(blocks) == ([(0, 480, 720), (0, 840, 960), (6, 0, 1440)], 3)
