"""What happens in the past of a load test: the facts that each of its chats has, as expressions of SQL.

They are written in what both databases know, over the columns of a chat: its number `i`, three numbers that look random
(`a`, `b`, `c`), `is_missed`, and the seconds of its `wait` and `length`. Times are seconds after it began.
"""

from dataclasses import dataclass
from enum import Enum

from beneficiate.domain import facts
from beneficiate.domain.billing import outcome
from beneficiate.domain.booking import lifecycle
from beneficiate.domain.bot.progress import STEP_NAMES
from beneficiate.domain.service_levels.promises import Promise, outcome_detail

_FIRST_RESPONSE_S, _NEXT_RESPONSE_S, _RESOLUTION_S = 120, 90, 900
"""What members are promised."""
_ANSWERED, _APPOINTMENT, _DIALOGUE, _PAYMENT = "NOT is_missed", "i % 10 = 0", "i % 4 = 1", "i % 20 = 7"
_END, _REOPENED = "wait + length", "wait + length + 600"
_IS_REOPENED = f"{_ANSWERED} AND b % 30 = 4"
_STARTS = "86400 * (3 + b % 15)"
_MOVED = "CASE WHEN c % 20 = 5 THEN 86400 ELSE 0 END"
_AMOUNT = "25000 * (1 + b % 20)"


class About(Enum):
    """What a fact is about."""

    CHAT = "chat"
    DIALOGUE = "dialogue"
    APPOINTMENT = "appointment"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class PastStep:
    """A fact of those chats for which `condition` is true; `starts` is when an appointment is, in seconds too."""

    kind: str
    at: str
    condition: str = _ANSWERED
    detail: str = "''"
    role: str = "agent"
    duration: str = "NULL"
    value: str = "NULL"
    starts: str = "NULL"
    span: int = 1
    has_agent: bool = True
    about: About = About.CHAT


def _text(value: str) -> str:
    return f"'{value}'"


def _outcome(
    promise: Promise, at: str, duration: str, condition: str, *, is_met: bool, has_agent: bool = True
) -> PastStep:
    detail = _text(outcome_detail(promise, is_met=is_met))
    return PastStep(facts.SERVICE_LEVEL, at, condition, detail, duration=duration, has_agent=has_agent)


def _appointment(status: str, at: str, condition: str, role: str = "agent", moved: str = "0") -> PastStep:
    return PastStep(
        facts.APPOINTMENT,
        at,
        f"{_APPOINTMENT} AND {condition}",
        _text(status),
        role,
        starts=f"{_STARTS} + {moved}",
        has_agent=role == "agent",
        about=About.APPOINTMENT,
    )


def _payment(status: str, at: str, condition: str) -> PastStep:
    is_paid = f"{_PAYMENT} AND {condition}"
    return PastStep(
        facts.PAYMENT, at, is_paid, _text(status), "system", value=_AMOUNT, has_agent=False, about=About.PAYMENT
    )


def _left_step() -> str:
    found = " ".join(f"WHEN {number} THEN '{step}'" for number, step in enumerate(STEP_NAMES))
    return f"CASE WHEN c % 3 < 2 THEN '{facts.BOOKED}' ELSE CASE c / 3 % {len(STEP_NAMES)} {found} END END"


def _reply(number: int) -> PastStep:
    waited = f"10 + (a + b * {number}) % 90"
    return PastStep(facts.REPLY, f"wait + {20 * number}", duration=waited)


_BEGINNING = (
    PastStep(facts.OPENED, "0", "i >= 0", role="member", has_agent=False),
    PastStep(facts.HANDED_OVER, "0", "c % 3 = 0", _text(facts.TO_PERSON), "member", has_agent=False),
    PastStep(facts.QUEUED, "0", "i >= 0", _text(facts.NEW), "member", has_agent=False),
    PastStep(facts.ASSIGNED, "5", detail=_text("given"), role="system", duration="5"),
    PastStep(facts.RETURNED, "6", f"{_ANSWERED} AND b % 25 = 1", _text("returned"), duration="6"),
    PastStep(facts.TRANSFERRED, "6", f"{_ANSWERED} AND b % 25 = 2", _text("transferred"), duration="6"),
    PastStep(facts.ASSIGNED, "8", f"{_ANSWERED} AND b % 25 IN (1, 2)", _text("given"), "system", "8"),
)
_ANSWERS = (
    PastStep(facts.FIRST_REPLY, "wait", duration="wait"),
    _outcome(Promise.FIRST_RESPONSE, "wait", "wait", f"{_ANSWERED} AND wait <= {_FIRST_RESPONSE_S}", is_met=True),
    _outcome(
        Promise.FIRST_RESPONSE,
        str(_FIRST_RESPONSE_S),
        str(_FIRST_RESPONSE_S),
        f"is_missed OR wait > {_FIRST_RESPONSE_S}",
        is_met=False,
        has_agent=False,
    ),
    *(_reply(number) for number in range(1, 5)),
    *(
        _outcome(
            Promise.NEXT_RESPONSE,
            "wait + 20",
            "10 + (a + b) % 90",
            f"{_ANSWERED} AND 10 + (a + b) % 90 {sign} {_NEXT_RESPONSE_S}",
            is_met=is_met,
        )
        for is_met, sign in ((True, "<="), (False, ">"))
    ),
    PastStep(facts.RECALLED, "wait + 85", f"{_ANSWERED} AND b % 50 = 3", duration="5"),
)
_ENDING = (
    _outcome(
        Promise.RESOLUTION,
        str(_RESOLUTION_S),
        str(_RESOLUTION_S),
        f"{_END} > {_RESOLUTION_S}",
        is_met=False,
        has_agent=False,
    ),
    PastStep(facts.CLOSED, _END, detail=_text(facts.ANSWERED), duration="length"),
    PastStep(facts.CLOSED, _END, "is_missed", _text(facts.MISSED), has_agent=False),
    PastStep(facts.RESOLUTION, _END, duration=_END),
    _outcome(Promise.RESOLUTION, _END, _END, f"{_ANSWERED} AND {_END} <= {_RESOLUTION_S}", is_met=True),
    PastStep(facts.RATED, f"{_END} + 60", f"{_ANSWERED} AND b % 4 = 0", role="member",
         value="5 - CASE WHEN a % 3 = 0 THEN c % 5 ELSE 0 END"),
    PastStep(facts.REOPENED, _REOPENED, _IS_REOPENED, role="member", span=2),
    PastStep(facts.ASSIGNED, _REOPENED, _IS_REOPENED, _text("given"), "system", "0", span=2),
    PastStep(facts.FIRST_REPLY, f"{_REOPENED} + 30", _IS_REOPENED, duration="30", span=2),
    PastStep(facts.CLOSED, f"{_REOPENED} + 300", _IS_REOPENED, _text(facts.ANSWERED), duration="300", span=2),
    PastStep(facts.RESOLUTION, f"{_REOPENED} + 300", _IS_REOPENED, duration="300", span=2),
)  # fmt: skip
_OTHERS = (
    PastStep(facts.BOOKING, "120", _DIALOGUE, _left_step(), "member", has_agent=False, about=About.DIALOGUE),
    _appointment(lifecycle.TO_BE_CONFIRMED, "300", "c % 20 < 20", "member"),
    _appointment(lifecycle.CONFIRMED, "7200", "c % 20 < 17"),
    _appointment(lifecycle.RESCHEDULED, "10800", "c % 20 = 5", moved=_MOVED),
    _appointment(lifecycle.CANCELLED, "86400", "c % 20 = 13", "member"),
    _appointment(lifecycle.CANCELLED, "90000", "c % 20 = 14"),
    _appointment(lifecycle.EXPIRED, "172800", "c % 20 IN (17, 18)", "system"),
    _appointment(lifecycle.ATTENDED, f"{_STARTS} + {_MOVED} + 1800", "c % 20 < 11", moved=_MOVED),
    _appointment(lifecycle.NO_SHOW, f"{_STARTS} + 1800", "c % 20 IN (11, 12)"),
    _payment(outcome.DECLINED, "400", "c % 6 = 0"),
    _payment(outcome.APPROVED, "460", "c % 6 <> 1"),
    _payment(facts.REVOKED, "90000", "c % 40 = 3"),
)
PAST_STEPS = (*_BEGINNING, *_ANSWERS, *_ENDING, *_OTHERS)
"""Of a hundred chats four are missed, one of four that were answered is rated and one of thirty reopened; with every
tenth an appointment is asked for, with every twentieth a plan is bought, and every fourth begins with the bot."""
