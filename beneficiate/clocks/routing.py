"""What happens to chats because time passes: an agent who does not say a first word loses the chat."""

from beneficiate.actions import routing
from beneficiate.house import House

EVERY_S = 1.0


async def look(house: House) -> None:
    """Take back what nobody answered."""
    await house.store.run(routing.no_reply)
