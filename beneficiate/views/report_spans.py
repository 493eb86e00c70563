"""The part of a chat from its opening or reopening to its end, as a row of a download, without its member."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A span as of the cut. `end` is how it was closed, None while it is open."""

    chat_id: int
    span: int
    at: datetime
    topic: str
    agent_id: int | None
    agent_name: str
    agent_code: str
    first_reply_s: int | None
    length_s: int | None
    end: str | None
    score: int | None
