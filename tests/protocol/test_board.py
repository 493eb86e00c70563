"""The board over the WebSocket."""

from beneficiate.protocol.board import BoardChanged, BoardOutdated, WatchBoard
from beneficiate.protocol.reference import list_commands, list_events


def test_watching_is_a_command_and_the_hint_between_processes_is_no_event_of_clients():
    assert WatchBoard in list_commands()
    assert BoardChanged in list_events()
    assert BoardOutdated not in list_events()
