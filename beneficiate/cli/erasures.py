"""Commands about erased members: erase them again in a restored database, list them, find one by their document."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.clients.files import FolderFileStore
from beneficiate.domain.identity_documents import DOCUMENT_TYPES, describe_format, normalize_document
from beneficiate.errors import NotFound
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database
from beneficiate.queries.erasures import find_erasures_of, list_finished_erasures
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.erasures import ErasureService, ListedErasure, describe_listed, read_list
from beneficiate.settings import Settings
from beneficiate.store import Store


class ErasedAgain(NamedTuple):
    """How many were erased again, how many were erased already, and the codes of those whom the database has not."""

    again: int
    known: int
    missing: list[str]

    @property
    def sentence(self) -> str:
        """What was done, for an operator."""
        missing = f" Not found: {', '.join(self.missing)}." if self.missing else ""
        return f"{self.again} members were erased again, {self.known} were erased already.{missing}"


@click.command("erase-again")
@click.option("--from", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def erase_again(path: Path) -> None:
    """Erase the members of the list in a file, whom a restored database has again. May be stopped and run again."""
    settings = open_configured_database()
    run_migrations(database)
    listed = read_erasures(path)
    done = run_with_store(settings, lambda store: erase_all_again(store, settings, listed))
    click.echo(done.sentence)
    if done.missing:
        raise click.ClickException("Is it the right database, with the BENEFICIATE_SECRET of the list?")


@click.command("list-erasures")
def print_erasures() -> None:
    """Print the list of erased members as `erase-again` reads it, from the database."""
    settings = open_configured_database()
    run_migrations(database)
    for row in run_with_store(settings, lambda store: store.read(list_finished_erasures)):
        click.echo(msgspec.json.encode(describe_listed(row)).decode())


@click.command("find-erasure")
@click.option("--document-type", prompt="Tipo de documento", type=click.Choice(DOCUMENT_TYPES), default="CC")
@click.option("--document-number", prompt="Número de documento")
def find_erasure(document_type: str, document_number: str) -> None:
    """Print the erasures of whoever has this document, with what they had consented to."""
    number = normalize_document(document_type, document_number)
    if number is None:
        raise click.ClickException(describe_format(document_type))
    settings = open_configured_database()
    run_migrations(database)
    found = run_with_store(settings, lambda store: store.read(find_erasures_of, (document_type, number)))
    click.echo("\n".join(found) or "Nobody with this document was erased.")


def read_erasures(path: Path) -> list[ListedErasure]:
    """Return the list of a file. Raises ClickException for a file that is none."""
    try:
        return list(read_list(path))
    except (OSError, ValueError) as problem:
        raise click.ClickException(f"{path} is no list of erasures: {problem}") from problem


async def erase_all_again(store: Store, settings: Settings, listed: Iterable[ListedErasure]) -> ErasedAgain:
    """Erase those of the list whom the database has again."""
    files = AttachmentService(store, FolderFileStore(Path(settings.files_folder)))
    service = ErasureService(store, files, settings, lambda: False)
    again, known, missing = 0, 0, []
    try:
        for one in listed:
            try:
                is_again = await service.carry_out_again(one)
            except NotFound:
                missing.append(one.code)
            else:
                again, known = again + is_again, known + (not is_again)
    finally:
        files.close()
    return ErasedAgain(again, known, missing)
