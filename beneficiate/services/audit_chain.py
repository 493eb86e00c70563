"""Verifies the chain of the audit log, in parts, beside what else the database does."""

import re
from collections.abc import Sequence

from beneficiate.actions.audit import VerifiedChain, store_verification
from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.errors import Conflict, Invalid
from beneficiate.formatting import format_long_date
from beneficiate.queries.audit_chain import (
    ChainCheck,
    count_unchained_entries,
    find_last_link,
    find_link,
    find_verified_links,
    load_joined_entries,
    verify_next_entries,
)
from beneficiate.store import Store
from beneficiate.text_limits import HASH_CHARS

MAX_PARTS_PER_RUN = 100
"""So many parts of 1,000 new entries are verified at a time; the next run goes on from there."""
_ANCHOR = re.compile(rf"([1-9][0-9]{{0,8}}):([0-9a-f]{{{HASH_CHARS}}})")
_BREAKS = {
    "missing": "Falta el registro {position}.",
    "changed": "El registro {position} ya no corresponde con su huella.",
    "relinked": "El registro {position} no sigue al que estaba antes de él.",
}
_LATE = " Los escribió una versión anterior; si entonces no corría ninguna, los escribió alguien en la base de datos."


def parse_anchor(text: str) -> ChainLink:
    """Return the link that a line of the log notes, written as POSITION:HASH. Raises Invalid."""
    found = _ANCHOR.fullmatch(text.strip().lower())
    if found is None:
        raise Invalid("Un ancla se escribe como posición:huella; la huella tiene 64 cifras hexadecimales.")
    return ChainLink(int(found[1]), found[2])


async def verify_chain(store: Store, anchors: Sequence[ChainLink]) -> str:
    """Return what was verified, as a sentence.

    Raises Conflict where the chain breaks, was shortened, does not have an anchor, or is not what the job has verified
    before.
    """
    # Read first: what is written meanwhile is behind it.
    head = await store.read(find_last_link)
    last, is_complete = ChainLink(), False
    while not is_complete:
        check = await store.read(verify_next_entries, last)
        if check.broken_at is not None:
            position = check.broken_at.position
            found = _BREAKS[check.broken_at.reason].format(position=position)
            raise Conflict(f"La cadena se rompe. {found} Los {max(0, position - 1)} anteriores están completos.")
        last, is_complete = check.last, check.is_complete
    known = await store.read(find_verified_links)
    for verified in (known.again, known.last):
        if await _find_break_at(store, verified) is not None:
            raise Conflict(
                f"La cadena no es la que se verificó antes: el registro {verified.position} tiene otra huella o falta."
            )
    if await _find_break_at(store, head) is not None:
        raise Conflict(f"Al final de la cadena faltan registros: se escribieron {head.position} y el último no está.")
    for anchor in anchors:
        if await _find_break_at(store, anchor) is not None:
            raise Conflict(f"La cadena no es la que se anotó: el registro {anchor.position} tiene otra huella o falta.")
    complete = f"La cadena está completa: {last.position} registros, huella {last.hash or 'ninguna'}."
    return complete + await _describe_late_entries(store)


async def _describe_late_entries(store: Store) -> str:
    """Return what to know of entries without a place in the chain, or that got it later; empty without any."""
    unchained, joined = await store.read(count_unchained_entries), await store.read(load_joined_entries)
    pending = f" Sin puesto en la cadena: {unchained}; lo reciben en un minuto." if unchained else ""
    late = (
        f" Recibieron su puesto después de escritos: {joined.count}, los últimos el {format_long_date(joined.last_at)},"
        f" como dice el registro {joined.told_by}."
        if joined
        else ""
    )
    return f"{pending}{late}{_LATE}" if pending or late else ""


async def verify_new_entries(store: Store) -> ChainBreak | None:
    """Verify the entries that were written since the last time, and 1,000 of the older ones once more; store both.

    So a run is short however long the chain is, and an old entry that was changed is found after some runs. Return
    where the chain breaks. What was known is not forgotten then, so that the next run finds the same: a chain that was
    written anew from some entry on fits together, and differs only from what was verified before.
    """
    known, head = await store.read(find_verified_links), await store.read(find_last_link)
    check = await _verify_new(store, known.last)
    broken_at, again = check.broken_at or await _find_break_at(store, head), known.again
    if broken_at is None:
        part = await store.read(verify_next_entries, again)
        broken_at, again = part.broken_at, ChainLink() if part.is_complete else part.last
    await store.run(store_verification, VerifiedChain(check.last, broken_at, again))
    return broken_at


async def _verify_new(store: Store, last: ChainLink) -> ChainCheck:
    """Verify what follows `last`, which has to be there as it was: entries may have been taken from the end."""
    if broken_at := await _find_break_at(store, last):
        return ChainCheck(last, broken_at, is_complete=False)
    check = await store.read(verify_next_entries, last)
    for _ in range(MAX_PARTS_PER_RUN - 1):
        if check.broken_at is not None or check.is_complete:
            break
        check = await store.read(verify_next_entries, check.last)
    return check


async def _find_break_at(store: Store, known: ChainLink) -> ChainBreak | None:
    """Return the break where an entry that was known is not there any more, or another one in its place."""
    found = await store.read(find_link, known.position) if known.position else known
    return None if found == known else ChainBreak(known.position, "changed" if found else "missing")
