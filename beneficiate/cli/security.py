"""Commands about secrets, keys and second factors."""

import click

from beneficiate.actions.second_factors import MIN_REASON_CHARS, reset_second_factor_of_account
from beneficiate.actions.secret_rotation import rotate_secrets
from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database
from beneficiate.push_keys import create_push_keys
from beneficiate.store import Store


@click.command("rotate-secrets")
def rotate_stored_secrets() -> None:
    """Encrypt the secrets in the database with the first key of the settings. May be stopped and run again."""
    settings = open_configured_database()
    run_migrations(database)
    rotated, missing_keys = run_with_store(settings, _rotate_all)
    click.echo(f"{rotated} secrets were encrypted with the first key.")
    if missing_keys:
        raise click.ClickException(
            f"Some have a key that BENEFICIATE_ENCRYPTION_KEYS does not have ({', '.join(sorted(missing_keys))}): "
            "add it after the others and run this again. If it is lost, a supervisor resets their second factors."
        )


@click.command("reset-second-factor")
@click.argument("email")
@click.option("--reason", prompt="Motivo", help="Why; it stays in the audit log.")
def reset_account_second_factor(email: str, reason: str) -> None:
    """Take the second factor of an account away, whose person has lost it; their sign-ins end."""
    if len(reason.strip()) < MIN_REASON_CHARS:
        raise click.ClickException(f"The reason needs at least {MIN_REASON_CHARS} characters.")
    settings = open_configured_database()
    run_migrations(database)
    command = (email, reason.strip())
    user_id = run_with_store(settings, lambda store: store.run(reset_second_factor_of_account, command))
    click.echo(f"User {user_id} signs in with the password alone.")


@click.command("make-push-keys")
def make_push_keys() -> None:
    """Print a new pair of keys for push notifications, as lines of an environment file. Nothing is stored."""
    private, public = create_push_keys()
    click.echo(f"BENEFICIATE_PUSH_KEY={private}\nBENEFICIATE_PUSH_PUBLIC_KEY={public}")


async def _rotate_all(store: Store) -> tuple[int, set[str]]:
    rotated, missing_keys, after_id = 0, set[str](), 0
    while True:
        part = await store.run(rotate_secrets, after_id)
        rotated += part.rotated
        missing_keys |= part.missing_keys
        if part.last_id is None:
            return rotated, missing_keys
        after_id = part.last_id
