"""Sending letters, whatever they are about."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from beneficiate.errors import Unavailable
from beneficiate.house import House
from beneficiate.store import Action


async def send(house: House, claim: Action, draw: Callable[..., EmailMessage], note_sent: Action) -> None:
    """Send the letters that are due; what the mail server does not take is tried again in five minutes."""
    letter: Any
    for letter in await house.store.run(claim):
        try:
            await house.mail.send(draw(house.templates, house.settings, letter))
        except Unavailable:
            continue
        await house.store.run(note_sent, [letter.letter_id])
