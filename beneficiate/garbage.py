"""How often a serving process looks for garbage in cycles of objects."""

import gc

YOUNG_OBJECTS = 10_000
"""So many new objects are looked at together. A batch of 200 messages makes some thousands, which are gone after it:
with Python's 700 they grew old while they were on their way, and all objects were looked at because of them."""


def settle_heap() -> None:
    """Leave what exists now, which lives as long as the process, out of every later collection.

    A collection of the 140,000 objects of a process that has started stops every thread for 40 to 70 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
