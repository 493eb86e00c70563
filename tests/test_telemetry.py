"""What a process measures of itself."""

import pytest

from beneficiate.telemetry import Telemetry


@pytest.fixture
def telemetry():
    return Telemetry()


def value(telemetry, sample, **labels):
    return telemetry.registry.get_sample_value(sample, labels)


def test_unit_is_measured_by_its_name_and_outcome(telemetry):
    with telemetry.measure_unit("send_message"):
        pass
    with pytest.raises(KeyError), telemetry.measure_unit("send_message"):
        raise KeyError
    counts = {
        outcome: value(telemetry, "beneficiate_unit_seconds_count", name="send_message", outcome=outcome)
        for outcome in ("ok", "problem")
    }
    assert counts == {"ok": 1, "problem": 1}


def test_batches_are_counted_by_their_size(telemetry):
    for size in (1, 7):
        telemetry.count_batch("send_message", size)
    assert value(telemetry, "beneficiate_batch_size_sum", action="send_message") == 8
    assert value(telemetry, "beneficiate_batch_size_bucket", action="send_message", le="4.0") == 1


def test_role_without_connections_disappears(telemetry):
    telemetry.set_load({"agent": 2, "member": 5}, 3)
    telemetry.set_load({"member": 4}, 0)
    assert value(telemetry, "beneficiate_connections", role="agent") is None
    assert value(telemetry, "beneficiate_connections", role="member") == 4
    assert value(telemetry, "beneficiate_queued_commands") == 0


def test_unknown_queue_is_no_number(telemetry):
    telemetry.set_queue(None, None)
    assert "beneficiate_waiting_chats NaN" in telemetry.render().decode()
    telemetry.set_queue(3, 40)
    assert value(telemetry, "beneficiate_longest_wait_seconds") == 40


def test_processes_of_one_machine_do_not_share_their_measures(telemetry):
    telemetry.count_message("USER")
    assert value(telemetry, "beneficiate_messages_total", sender="user") == 1
    assert value(Telemetry(), "beneficiate_messages_total", sender="user") is None
