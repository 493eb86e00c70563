"""What people type about requests: the texts and choices, within their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from beneficiate.domain.administration import refuse_invalid
from beneficiate.domain.data_requests.lifecycle import DECISIONS, SUBJECTS
from beneficiate.domain.data_requests.terms import CLAIM, QUERY, is_working_day
from beneficiate.domain.dates import parse_typed_date
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.formatting import format_weekday_date
from beneficiate.text_limits import MAX_REQUEST_CHARS

WHAT, TEXT, ASSIGNEE, QUESTION, REASON, UNTIL, DECISION, ANSWER = (
    "pide",
    "texto",
    "quien",
    "pregunta",
    "motivo",
    "hasta",
    "decision",
    "respuesta",
)
"""The names of the fields."""
MIN_TEXT_CHARS = 10
"""A shorter text asks for nothing that could be answered."""
CHOICES = (QUERY, *SUBJECTS)
"""What one may ask for: a query, or one of the four claims."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is asked for: the kind, of a claim its subject, and the text."""

    kind: str
    subject: str
    text: str


def parse_request(typed: Mapping[str, str]) -> NewRequest:
    """Return a request that was typed. Raises InvalidForm."""
    choice, text = typed.get(WHAT, ""), typed.get(TEXT, "").strip()
    refuse_invalid({WHAT: (choice in CHOICES, "Elija qué pide."), TEXT: (_is_text(text), _LENGTH)})
    return NewRequest(QUERY, "", text) if choice == QUERY else NewRequest(CLAIM, choice, text)


def parse_text(typed: Mapping[str, str], name: str) -> str:
    """Return a text of several lines that was typed. Raises InvalidForm."""
    text = typed.get(name, "").strip()
    refuse_invalid({name: (_is_text(text), _LENGTH)})
    return text


def parse_extension(typed: Mapping[str, str], due_on: date, latest: date) -> tuple[str, date]:
    """Return the reason of an extension and the day until which we answer. Raises InvalidForm."""
    reason, day = typed.get(REASON, "").strip(), parse_typed_date(typed.get(UNTIL, ""))
    is_day = day is not None and due_on < day <= latest and is_working_day(day)
    sentence = f"Elija un día hábil después del {format_weekday_date(due_on)} y hasta el {format_weekday_date(latest)}."
    refuse_invalid({REASON: (_is_text(reason), _LENGTH), UNTIL: (is_day, sentence)})
    return reason, day or latest


def parse_answer(typed: Mapping[str, str], kind: str) -> tuple[str, str]:
    """Return the decision, which only a claim has, and the text of an answer. Raises InvalidForm."""
    decision, answer = typed.get(DECISION, ""), typed.get(ANSWER, "").strip()
    is_decided = decision in DECISIONS or kind == QUERY
    refuse_invalid({DECISION: (is_decided, "Elija qué se decide."), ANSWER: (_is_text(answer), _LENGTH)})
    return "" if kind == QUERY else decision, answer


_LENGTH = f"Escriba de {MIN_TEXT_CHARS} a {MAX_REQUEST_CHARS} caracteres."


def _is_text(text: str) -> bool:
    return has_visible_text(text) and MIN_TEXT_CHARS <= len(text) <= MAX_REQUEST_CHARS
