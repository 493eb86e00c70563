"""Typing notices are relayed once per change."""

import time
from collections.abc import Callable

TYPING_REPEAT_S = 6.0
"""Readers clear the notice after 8 s by themselves; one that is repeated after 6 s is news again and keeps it alive."""


class TypingState:
    """In which chats the person of one session is typing, as far as the others have been told."""

    __slots__ = ("_announced", "_clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._announced: dict[int, tuple[bool, float]] = {}
        self._clock = clock

    def is_change(self, chat_id: int, *, is_typing: bool) -> bool:
        """Whether the others have to be told; the first notice of a chat always is, so that it is looked at."""
        was_typing, until = self._announced.get(chat_id, (None, 0.0))
        return was_typing is not is_typing or (is_typing and self._clock() >= until)

    def record(self, chat_id: int, *, is_typing: bool) -> None:
        """The others are being told."""
        self._announced[chat_id] = (is_typing, self._clock() + TYPING_REPEAT_S)

    def discard(self, chat_id: int) -> None:
        """They could not be told."""
        self._announced.pop(chat_id, None)

    def still_typing(self) -> list[int]:
        """The chats in which the others still see somebody typing."""
        now = self._clock()
        return [chat_id for chat_id, (is_typing, until) in self._announced.items() if is_typing and until > now]
