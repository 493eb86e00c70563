"""What the demo promises to members, in general and for some topics, and since when."""

from datetime import datetime, timedelta

from beneficiate.actions.chat_updates import store_clocks
from beneficiate.domain.service_levels.clocks import move_deadlines
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.service_levels import load_calendar, load_clocks, promised_times
from beneficiate.unit_of_work import SYSTEM, UnitOfWork

MINUTE, HOUR = 60, 3600
LEVELS = {
    None: (2 * MINUTE, 20 * MINUTE, 8 * HOUR, 6 * MINUTE, 80),
    "citas": (1 * MINUTE, 5 * MINUTE, 4 * HOUR, 60 * MINUTE, 85),
    "pagos": (2 * MINUTE, 10 * MINUTE, 8 * HOUR, 60 * MINUTE, 80),
    "beneficiarios": (3 * MINUTE, 15 * MINUTE, None, 5 * MINUTE, 75),
}
"""First and next response, resolution, warning before them, in working seconds; the share to keep, in percent."""
PROMISED_WAITS = timedelta(minutes=30)
"""Who waits for longer came before anything was promised."""


def add_service_levels(now: datetime) -> None:
    """Save the service levels, unless there are some, and let the clocks of those who wait run from when they wrote."""
    if ServiceLevel.select().exists():
        return
    topics = dict(Topic.select(Topic.code, Topic.id).tuples())
    for code, (first_s, next_s, resolution_s, warn_s, goal) in LEVELS.items():
        if code is None or code in topics:
            ServiceLevel.create(
                topic=topics.get(code),
                version=1,
                first_response_s=first_s,
                next_response_s=next_s,
                resolution_s=resolution_s,
                warn_s=warn_s,
                goal=goal,
                saved_at=now - PROMISED_WAITS,
            )
    general = ServiceLevel.get(ServiceLevel.topic.is_null())
    calendar = load_calendar(UnitOfWork(SYSTEM, now))
    waits = (Chat.kind == SUPPORT) & (Chat.status == ACTIVE) & (Chat.awaiting_since > now - PROMISED_WAITS)
    Chat.update(replied_span=Chat.span).where(waits).execute()
    for chat_id, of_chat in load_clocks(waits & Chat.service_level.is_null()).items():
        since = of_chat.clocks.awaiting_since or now
        store_clocks({chat_id: move_deadlines(of_chat.clocks, promised_times(general), since, calendar)})
        Chat.update(service_level=general).where(Chat.id == chat_id).execute()
