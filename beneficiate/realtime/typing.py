"""Typing notices are relayed once per change."""

import time
from collections.abc import Callable

TYPING_REPEAT_S = 6.0
"""Clients clear the notice after 8 s by themselves; a repeat after 6 s is relayed again to keep it shown."""


class TypingState:
    """The chats in which the user of one connection is typing, as last relayed to the other side."""

    __slots__ = ("_announced", "_clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._announced: dict[int, tuple[bool, float]] = {}
        self._clock = clock

    def is_change(self, chat_id: int, *, is_typing: bool) -> bool:
        """Return whether the notice must be relayed. The first one of a chat always is, so that access is checked."""
        was_typing, until = self._announced.get(chat_id, (None, 0.0))
        return was_typing is not is_typing or (is_typing and self._clock() >= until)

    def record(self, chat_id: int, *, is_typing: bool) -> None:
        """Remember that the notice is being relayed."""
        self._announced[chat_id] = (is_typing, self._clock() + TYPING_REPEAT_S)

    def discard(self, chat_id: int) -> None:
        """Forget a notice that could not be relayed or that a message has ended."""
        self._announced.pop(chat_id, None)

    def still_typing(self) -> list[int]:
        """Return the chats in which the other side still shows the user as typing."""
        now = self._clock()
        return [chat_id for chat_id, (is_typing, until) in self._announced.items() if is_typing and until > now]
