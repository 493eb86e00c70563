"""What members are told about their plans because time passes, and the letters about plans."""

from beneficiate.actions import plans
from beneficiate.errors import Unavailable
from beneficiate.house import House
from beneficiate.pages.letters import draw_plan

ANNOUNCE_S, POST_S = 60.0, 5.0


async def announce(house: House) -> None:
    """Say of plans that they end."""
    await house.store.run(plans.announce)


async def post(house: House) -> None:
    """Send the letters that are due; what the mail server does not take is tried again in five minutes."""
    for letter in await house.store.run(plans.claim_letters):
        try:
            await house.mail.send(draw_plan(house.templates, house.settings, letter))
        except Unavailable:
            continue
        await house.store.run(plans.note_sent, letter.letter_id)
