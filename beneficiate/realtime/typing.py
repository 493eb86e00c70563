"""Typing notices are relayed once per change."""

import time
from collections.abc import Callable

LAPSES_S = 6.0
"""Readers clear the notice after 8 s by themselves; one that is repeated after 6 s is news again and keeps it alive."""


class Typing:
    """In which chats the person of one session is typing, as far as the others have been told."""

    __slots__ = ("_clock", "_told")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._told: dict[int, tuple[bool, float]] = {}
        self._clock = clock

    def is_news(self, chat_id: int, *, is_typing: bool) -> bool:
        """Whether the others have to be told; the first notice of a chat always is, so that it is looked at."""
        was_typing, until = self._told.get(chat_id, (None, 0.0))
        return was_typing is not is_typing or (is_typing and self._clock() >= until)

    def note(self, chat_id: int, *, is_typing: bool) -> None:
        """The others are being told."""
        self._told[chat_id] = (is_typing, self._clock() + LAPSES_S)

    def forget(self, chat_id: int) -> None:
        """They could not be told."""
        self._told.pop(chat_id, None)

    def left_open(self) -> list[int]:
        """The chats in which the others still see somebody typing."""
        now = self._clock()
        return [chat_id for chat_id, (is_typing, until) in self._told.items() if is_typing and until > now]
