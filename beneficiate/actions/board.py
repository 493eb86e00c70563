"""The hint that the supervisors' board has changed."""

from beneficiate.protocol import channels
from beneficiate.protocol.board import BoardOutdated
from beneficiate.unit_of_work import UnitOfWork


def emit_board_outdated(uow: UnitOfWork) -> None:
    """Let every process compute the board again, if somebody watches it there."""
    uow.hint(BoardOutdated(), channels.BOARD_CHANNEL)
