"""How often a serving process looks for garbage."""

import gc

import pytest

from beneficiate.garbage import YOUNG_OBJECTS, settle_heap


@pytest.fixture(autouse=True)
def usual_thresholds():
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


def test_objects_of_the_start_are_in_no_later_collection():
    lasting = [object() for _ in range(10)]
    holder = [lasting]
    settle_heap()
    assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert not any(one is holder for generation in range(3) for one in gc.get_objects(generation))


def test_cycle_that_is_made_later_is_collected():
    settle_heap()

    class Node:
        pass

    node = Node()
    node.itself = node
    del node
    assert gc.collect() >= 1
