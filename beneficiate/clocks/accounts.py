"""What is forgotten of sign-ins."""

from beneficiate.actions import accounts
from beneficiate.house import House

FORGET_S = 600.0


async def forget(house: House) -> None:
    """Drop throttles and sign-ins that say nothing any more."""
    await house.store.run(accounts.forget_old)
