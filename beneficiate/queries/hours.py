"""When the call centre is open, by the rows that say so or else by the usual hours, and how one tells people."""

from typing import TypedDict

from beneficiate.models.staff import OpeningBlock, OpeningException
from beneficiate.scheduling.hours import DEFAULT_HOURS, OpeningHours, is_open, next_opening, sentence_back
from beneficiate.scheduling.slots import Block, DayException
from beneficiate.store import Work


class Opening(TypedDict):
    """Whether somebody is there now; `opens_at` (ISO 8601 UTC) and the `sentence` for people when nobody is."""

    is_open: bool
    opens_at: str | None
    sentence: str


def opening_hours() -> OpeningHours:
    """The hours of the house. Without a block they are Monday to Friday 7:00 to 19:00, Saturday 8:00 to 13:00."""
    blocks = [
        Block(*row)
        for row in OpeningBlock.select(OpeningBlock.weekday, OpeningBlock.starts, OpeningBlock.ends).tuples()
    ]
    fields = (OpeningException.day, OpeningException.starts, OpeningException.ends, OpeningException.is_open)
    exceptions = [DayException(*row) for row in OpeningException.select(*fields).tuples()]
    return OpeningHours(blocks or DEFAULT_HOURS.blocks, exceptions)


def opening(work: Work, _: None = None) -> Opening:
    """Whether the house is open, and otherwise when it will be."""
    hours = opening_hours()
    if is_open(work.now, hours):
        return Opening(is_open=True, opens_at=None, sentence="")
    opens_at = next_opening(work.now, hours)
    return Opening(
        is_open=False,
        opens_at=None if opens_at is None else opens_at.isoformat().replace("+00:00", "Z"),
        sentence=sentence_back(work.now, opens_at),
    )
