"""What a step of the dialogue is made of: its question, an answer to it, the result, the way back."""

from collections.abc import Callable
from typing import NamedTuple

from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.parsing import Option
from beneficiate.domain.bot.turns import BookingLookups
from beneficiate.search import MAX_HITS, SearchHit

_MAX_ECHOED_CHARS = 40


class Question(NamedTuple):
    """A question and its buttons. With `is_first`, other sentences come after it and not before (the summary)."""

    message: str
    options: tuple[Option, ...] = ()
    is_list: bool = False
    is_first: bool = False


class ParsedAnswer(NamedTuple):
    """An answer: the key and the label of a button, or what was typed."""

    key: str
    text: str

    @property
    def id(self) -> str:
        """Return the part of the key after its kind."""
        return self.key.partition(":")[2]


class StepResult(NamedTuple):
    """The result of a step. A sentence without a new draft is a failure."""

    draft: BookingDraft | None
    sentence: str = ""
    is_booking: bool = False


class Step(NamedTuple):
    """One step of the booking: ask a question, handle its answer, go back to it."""

    ask: Callable[[BookingDraft, BookingLookups], Question]
    handle: Callable[[BookingDraft, ParsedAnswer, BookingLookups], StepResult]
    step_back: Callable[[BookingDraft, BookingLookups], BookingDraft]


def list_question(kind: str, hits: list[SearchHit], message: str) -> Question | None:
    """Return a question with a button for each hit, as a list; None without hits."""
    options = tuple(Option(f"{kind}:{hit.id}", hit.label) for hit in hits[:MAX_HITS])
    return Question(message, options, is_list=True) if options else None


def shorten_echo(text: str) -> str:
    """Return what was typed as one short line, to repeat it in a reply."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_ECHOED_CHARS else f"{line[:_MAX_ECHOED_CHARS]}…"
