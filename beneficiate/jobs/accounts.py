"""What is forgotten of sign-ins."""

from beneficiate.actions import accounts
from beneficiate.context import AppContext

SIGN_IN_CLEANUP_INTERVAL_S = 600.0


async def clean_up_sign_ins(context: AppContext) -> None:
    """Drop throttles and sign-ins that say nothing any more."""
    await context.store.run(accounts.delete_expired_sign_ins)
