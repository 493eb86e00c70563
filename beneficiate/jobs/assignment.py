"""What happens to chats because time passes: an agent who does not say a first word loses the chat."""

from beneficiate.actions import assignment
from beneficiate.context import AppContext

UNANSWERED_CHATS_INTERVAL_S = 1.0


async def process_unanswered_chats(context: AppContext) -> None:
    """Take back what nobody answered."""
    await context.store.run(assignment.return_unanswered_chats)
