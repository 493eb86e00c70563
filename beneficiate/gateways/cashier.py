"""Between Wompi and the store: links are asked for, transactions read from the one and settled in the other."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.actions import checks, payments, settlements, wompi_events
from beneficiate.billing.outcome import advance
from beneficiate.billing.wompi import WompiTransaction
from beneficiate.errors import NotFound, PaymentBeingPrepared, PaymentInDoubt, Problem, Unavailable
from beneficiate.gateways.wompi import LinkInDoubt, LinkRefused, Wompi
from beneficiate.store import Actor, Store

log = structlog.get_logger(__name__)

NOT_FOUND, NOT_YET = "NOT_FOUND", "NOT_YET"
RECENTLY = timedelta(days=1)
MOST_FAILURES = 3
MOST_BEGINNINGS = 4
PATIENCE_S, LOOK_AGAIN_S = 4.0, 0.25
"""Wompi does not say how long it waits for the answer to an event: well under five seconds is safe."""
MOST_ADOPTED = 20
"""Links that a look asks Wompi about because they might be of a payment in doubt."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment and the link at which it is paid."""

    payment_id: str
    link_id: str


class Cashier:
    """Asks one merchant's Wompi and tells the store, in one environment. Never asks inside of a transaction."""

    def __init__(self, store: Store, wompi: Wompi, environment: str) -> None:
        self._store = store
        self._wompi = wompi
        self._environment = environment
        self._under_way: set[int] = set()
        self._foreign: set[str] = set()

    async def checkout(self, purchase: payments.Purchase, actor: Actor) -> Checkout:
        """The link at which the actor can pay for a plan: the open one, or a new one.

        Raises what `payments.open_payment` raises, PaymentInDoubt when Wompi does not say whether it made the link, and
        Unavailable when it certainly did not.
        """
        opened = await self._open(purchase, actor)
        await self.retire(opened.retired)
        if opened.link_id is not None and await self._is_gone(opened.link_id):
            await self._store.run(payments.retire, opened.payment_id)
            opened = await self._open(purchase, actor)
        if opened.order is None:
            return Checkout(opened.payment_id, opened.link_id or "")
        try:
            link_id = await self._wompi.create_link(opened.order)
        except LinkInDoubt as problem:
            log.warning("link_in_doubt", payment_id=opened.payment_id, why=problem.why)
            await self._store.run(payments.doubt, payments.Doubt(opened.payment_id, problem.why, problem.link_id))
            raise PaymentInDoubt from problem
        except LinkRefused as problem:
            log.warning("link_refused", payment_id=opened.payment_id, why=str(problem))
            await self._store.run(payments.put_back, (opened.payment_id, str(problem)))
            raise Unavailable("No pudimos preparar el pago. No se le cobró nada; intente en unos minutos.") from problem
        await self._store.run(payments.store_link, (opened.payment_id, link_id))
        return Checkout(opened.payment_id, link_id)

    async def attempt(self, due: wompi_events.Due) -> None:
        """Carry out an event that has just come, while its sender waits; what takes too long the clock does later."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.carry_out(due)
        except (TimeoutError, Problem) as problem:
            log.warning("event_kept", event_id=due.event_id, why=type(problem).__name__)

    async def carry_out(self, due: wompi_events.Due) -> str:
        """Read the transaction of an event and settle it; the outcome. Raises Unavailable when that must wait.

        While one is being read its copies have nothing to do: they are answered at once.
        """
        if due.event_id in self._under_way:
            return ""
        self._under_way.add(due.event_id)
        try:
            return await self._carry_out(due)
        finally:
            self._under_way.discard(due.event_id)

    async def retry(self) -> Counter[str]:
        """Carry out the events whose time has come; how many had which outcome."""
        return await self._each(await self._store.run(wompi_events.claim_due))

    async def replay(self, *, only_failed: bool) -> Counter[str]:
        """Carry out all stored events again, or those that never were; harmless for what is settled."""
        return await self._each(await self._store.read(wompi_events.claim_all, only_failed))

    async def reconcile(self, *, everything: bool = False) -> Counter[str]:
        """Look at Wompi for payments whose event did not come; how many transactions had which outcome.

        Raises Unavailable when the look was not complete: nothing is written down as looked for then.
        """
        round_: checks.Round = await self._store.run(checks.claim, everything)
        recently = datetime.now(UTC) - RECENTLY
        outcomes: Counter[str] = Counter()
        # The recent ones by themselves: an old one makes a search of a week, and somebody waits for the recent ones.
        for is_recent in (True, False):
            some = [check for check in round_.checks if (check.created_at > recently) == is_recent]
            if some:
                outcomes += await self._look(some, round_.known)
        outcomes["EXPIRED"] += await self._store.run(payments.expire)
        return +outcomes

    async def _look(self, some: list[checks.Check], known: set[tuple[str, str]]) -> Counter[str]:
        since = min(check.created_at for check in some).astimezone(UTC).date() - timedelta(days=1)
        found = await self._wompi.transactions(since, datetime.now(UTC).date() + timedelta(days=1))
        links = {check.link_id for check in some if check.link_id}
        if len(links) < len(some):
            links |= await self._adopt(found)
        news = [one for one in found if (one.id, one.status) not in known and links & set(one.possible_links)]
        results = await asyncio.gather(*(self._settle(one) for one in news), return_exceptions=True)
        # One that cannot be settled is in the log of the store, and does not keep the others from being looked for.
        outcomes = Counter(one.code if isinstance(one, Problem) else str(one) for one in results)
        await self._store.run(checks.note, [check.payment_id for check in some])
        return outcomes

    async def _carry_out(self, due: wompi_events.Due) -> str:
        try:
            heard = await self._wompi.transaction(due.transaction_id)
        except NotFound:
            return await self._end(due, NOT_FOUND, is_over=False)
        is_behind = advance(heard.status, due.status) != heard.status and due.is_young
        event_id = None if is_behind else due.event_id
        result = await self._settle(heard, event_id)
        if result == settlements.UNKNOWN_LINK and await self._find_owner_of(heard):
            result = await self._settle(heard, event_id)
        if result == settlements.UNKNOWN_LINK:
            return await self._end(due, result, is_over=True)
        # What Wompi reads may be older than what it has just told: a void can still read APPROVED.
        return await self._end(due, NOT_YET, is_over=False) if is_behind else result

    async def _end(self, due: wompi_events.Due, outcome: str, *, is_over: bool) -> str:
        await self._store.run(wompi_events.end, wompi_events.Fate(due.event_id, outcome, is_over))
        return outcome

    async def _settle(self, heard: WompiTransaction, event_id: int | None = None) -> str:
        command = settlements.Settle(heard, self._environment, event_id)
        result: str = await self._store.run(settlements.settle, command)
        if result not in (settlements.RECORDED, settlements.UNKNOWN_LINK):
            log.info("payment_settled", transaction_id=heard.id, status=heard.status, outcome=result)
        return result

    async def _find_owner_of(self, heard: WompiTransaction) -> bool:
        """Whether the link of a transaction was made for a payment of ours that did not hear of it."""
        for link_id in heard.possible_links[:MOST_BEGINNINGS]:
            if await self._find_owner(link_id):
                return True
        return False

    async def _find_owner(self, link_id: str) -> bool:
        """Ask Wompi which payment a link was made for, and give it to that one."""
        sku = await self._wompi.find_sku(link_id)
        return sku is not None and await self._store.run(payments.adopt, (link_id, sku))

    async def _adopt(self, found: list[WompiTransaction]) -> set[str]:
        """With a payment in doubt: links that we do not know may be its own. Returns those that were.

        A link of somebody else is asked about once; the company may make others by hand.
        """
        links = {one.link_id for one in found if one.link_id} - self._foreign
        unknown = sorted(await self._store.read(checks.unknown_links, links))
        adopted = set()
        for link_id in unknown[:MOST_ADOPTED]:
            if await self._find_owner(link_id):
                adopted.add(link_id)
            else:
                self._foreign.add(link_id)
        return adopted

    async def _open(self, purchase: payments.Purchase, actor: Actor) -> payments.Opened:
        """Of two tabs that ask at once one makes the link, and the other waits for it."""
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                opened: payments.Opened = await self._store.run(payments.open_payment, purchase, actor)
            except PaymentBeingPrepared:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                return opened

    async def retire(self, link_id: str | None) -> None:
        """Close a link that nobody should pay any more; if it stays open after all, its money is settled as any."""
        if link_id is not None:
            with contextlib.suppress(Problem):
                await self._wompi.close_link(link_id)

    async def _is_gone(self, link_id: str) -> bool:
        """Whether Wompi does not know a link (any more). One that is only closed may have been paid."""
        try:
            return not await self._wompi.knows_link(link_id)
        except Problem:
            return False

    async def _each(self, due: list[wompi_events.Due]) -> Counter[str]:
        """One that fails does not keep the others from their turn; after a few in a row nobody is there to be asked."""
        outcomes: Counter[str] = Counter()
        failures = 0
        for one in due:
            try:
                outcomes[await self.carry_out(one)] += 1
                failures = 0
            except Problem as problem:
                outcomes[problem.code] += 1
                failures += 1
            if failures == MOST_FAILURES:
                break
        return outcomes
