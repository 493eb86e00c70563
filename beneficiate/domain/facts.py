"""The kinds of facts that figures are counted over, and the details that tell those of one kind apart."""

OPENED = "opened"
"""A member asked for a person, or an agent opened a chat with them."""
QUEUED = "queued"
"""A chat entered the queue. Detail: `NEW` or `AGAIN`, after it was reopened."""
ASSIGNED = "assigned"
"""An agent got a chat. Detail: as the kind of its `ChatEvent`. Duration: what its member had waited until then."""
FIRST_REPLY = "first_reply"
"""The first message of an agent to a member who waited, once in each span. Duration: what the member had waited."""
REPLY = "reply"
"""A later message of an agent that ended a wait. Duration: since the first message that had no answer."""
RECALLED = "recalled"
"""An agent took back an answer, and its member waits again. Duration: what they have waited by then."""
RETURNED = "returned"
"""A chat went back from an agent to the queue. Detail: why. Duration: what its member had waited until then."""
TRANSFERRED = "transferred"
"""An agent gave a chat away, into the queue of a topic or to another agent. Duration: as for RETURNED."""
CLOSED = "closed"
"""A chat ended. Duration: since its last agent got it. Detail: `ANSWERED`, `MISSED`, none if nobody waited for one."""
RESOLUTION = "resolution"
"""A chat ended, and an agent had replied in this span. Duration: since the span began."""
REOPENED = "reopened"
"""A chat that had ended goes on: its next span begins."""
RATED = "rated"
"""A member rated a span of a chat. Value: 1 to 5."""
SERVICE_LEVEL = "service_level"
"""A promise was met, or broken when its deadline passed. Detail: which and how. Duration: in working seconds."""
HANDED_OVER = "handed_over"
"""The bot and a person took turns. Detail: `TO_PERSON` or `TO_BOT`."""
BOOKING = "booking"
"""A dialogue with the bot about a new or another appointment ended. Detail: `BOOKED`, or the step at which the member
asked for a person (`domain/bot/progress.py`)."""
APPOINTMENT = "appointment"
"""An appointment got a status, or another time. Detail: the status."""
PAYMENT = "payment"
"""A payment got a status. Detail: the status, or `REVOKED`. Value: its amount in pesos."""

MONTHS_KEPT = 13
"""Facts of so many whole months before this one are not detached: appointments may be 366 days ahead of their facts."""

NEW, AGAIN = "new", "again"
ANSWERED, MISSED = "answered", "missed"
"""Missed: the member waited for a person, and nobody had replied in this span, or only what was taken back."""
TO_PERSON, TO_BOT = "to_person", "to_bot"
REVOKED = "REVOKED"
BOOKED = "booked"

WITHOUT_TOPIC = (BOOKING, APPOINTMENT, PAYMENT)
"""These are about no chat."""
ENTERED_QUEUE = (QUEUED, RETURNED, TRANSFERRED)
"""After one of these a chat waits, until it is assigned or closed."""
FACT_KINDS = (
    OPENED,
    QUEUED,
    ASSIGNED,
    FIRST_REPLY,
    REPLY,
    RECALLED,
    RETURNED,
    TRANSFERRED,
    CLOSED,
    RESOLUTION,
    REOPENED,
    RATED,
    SERVICE_LEVEL,
    HANDED_OVER,
    BOOKING,
    APPOINTMENT,
    PAYMENT,
)
