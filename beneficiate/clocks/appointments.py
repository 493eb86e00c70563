"""What happens to appointments because time passes: expiry, reminders, offers that nobody answered, letters."""

from beneficiate.actions import appointments, reminders, waits
from beneficiate.clocks.letters import send
from beneficiate.house import House
from beneficiate.pages.letters import draw

EVERY_S = 5.0


async def look(house: House) -> None:
    """Carry out what is due. Each action claims its rows, so that several processes may do it at once."""
    await house.store.run(appointments.expire)
    await house.store.run(waits.pass_on_expired)
    await house.store.run(reminders.remind)


async def post(house: House) -> None:
    """Send the letters about appointments that are due."""
    await send(house, reminders.claim_letters, draw, reminders.note_sent)
