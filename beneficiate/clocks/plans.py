"""What members are told about their plans because time passes, and the letters about plans."""

from beneficiate.actions import plans
from beneficiate.clocks.letters import send
from beneficiate.house import House
from beneficiate.pages.letters import draw_plan

ANNOUNCE_S, POST_S = 60.0, 5.0


async def announce(house: House) -> None:
    """Say of plans that they end."""
    await house.store.run(plans.announce)


async def post(house: House) -> None:
    """Send the letters about plans that are due."""
    await send(house, plans.claim_letters, draw_plan, plans.note_sent)
