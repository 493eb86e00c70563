"""The payment service: creates links at Wompi, reads transactions from it and settles them in the store."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.actions import payment_checks, payments, settlements, wompi_events
from beneficiate.clients.wompi import LinkRefused, LinkStatusUnknown, WompiClient
from beneficiate.deferred_problems import DeferredProblems
from beneficiate.domain.billing.outcome import advance_transaction_status
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.errors import Internal, NotFound, PaymentBeingPrepared, PaymentInDoubt, Problem, Unavailable
from beneficiate.logs import log_failure
from beneficiate.queries.payments import find_unknown_links
from beneficiate.queries.wompi_events import PendingEvent, find_events_to_replay
from beneficiate.store import Store
from beneficiate.telemetry import Telemetry
from beneficiate.unit_of_work import Actor

log = structlog.get_logger(__name__)

OUTCOME_NOT_FOUND, OUTCOME_NOT_YET = "NOT_FOUND", "NOT_YET"
RECENT_PAYMENT_AGE = timedelta(days=1)
MAX_FAILURES_IN_A_ROW = 3
LINK_REFUSED = "No pudimos preparar el pago. No se le cobró nada; intente en unos minutos."
MAX_LINKS_PER_REFERENCE = 4
EVENT_TIMEOUT_S = 4.0
"""Wompi does not document how long it waits for the answer to an event: well under five seconds is safe."""
WAIT_TIMEOUT_S, WAIT_POLL_S = 4.0, 0.25
"""How long one of two tabs waits for the link that the other one makes, and between two looks, in seconds."""
MAX_LINK_LOOKUPS = 20
"""Unknown links that one reconciliation looks up because they may belong to a payment in doubt."""


@dataclass(frozen=True, slots=True)
class CheckoutLink:
    """A payment and the link where it is paid."""

    payment_id: str
    link_id: str


class PaymentService:
    """The payments of one merchant in one Wompi environment. Wompi is never called inside a database transaction."""

    def __init__(self, store: Store, wompi: WompiClient, environment: str, telemetry: Telemetry | None = None) -> None:
        self._telemetry = telemetry or Telemetry()
        self._store = store
        self._wompi = wompi
        self._environment = environment
        self._in_progress: set[int] = set()
        self._foreign_links: set[str] = set()
        # Links whose look-up failed, the one that failed longest ago first. They come after the others.
        self._failing_links: dict[str, None] = {}

    async def create_checkout(self, purchase: payments.Purchase, actor: Actor) -> CheckoutLink:
        """Return the link where the actor can pay for a plan: the open one, or a new one.

        Raises what `payments.open_payment` raises, PaymentInDoubt when it is unknown whether Wompi made the link, and
        Unavailable when Wompi certainly did not.
        """
        opened = await self._open_payment(purchase, actor)
        await self.close_retired_link(opened.retired_link_id)
        if opened.link_id is not None and await self._is_link_gone(opened.link_id):
            await self._store.run(payments.close_link, opened.payment_id)
            opened = await self._open_payment(purchase, actor)
        if opened.link_order is None:
            return CheckoutLink(opened.payment_id, opened.link_id or "")
        try:
            link_id = await self._wompi.create_link(opened.link_order)
        except LinkStatusUnknown as problem:
            log.warning("link_status_unknown", payment_id=opened.payment_id, why=problem.reason)
            await self._store.run(
                payments.mark_link_unknown, payments.MarkLinkUnknown(opened.payment_id, problem.reason, problem.link_id)
            )
            raise PaymentInDoubt from problem
        except LinkRefused as problem:
            log.warning("link_refused", payment_id=opened.payment_id, why=str(problem))
            await self._store.run(payments.record_link_refusal, (opened.payment_id, str(problem)))
            raise Unavailable(LINK_REFUSED, retry_after_s=120) from problem
        await self._store.run(payments.store_link, (opened.payment_id, link_id))
        return CheckoutLink(opened.payment_id, link_id)

    async def process_event_in_time(self, event: PendingEvent) -> None:
        """Process a new event while Wompi waits for the answer; after `EVENT_TIMEOUT_S` the retry job takes over."""
        try:
            async with asyncio.timeout(EVENT_TIMEOUT_S):
                await self.process_event(event)
        except (TimeoutError, Problem) as problem:
            log.warning("event_processing_deferred", event_id=event.event_id, why=type(problem).__name__)

    async def process_event(self, event: PendingEvent) -> str:
        """Read the transaction of an event, settle it and return the outcome. Raises Unavailable when that must wait.

        Return "" at once for a copy of an event that is being processed.
        """
        if event.event_id in self._in_progress:
            return ""
        self._in_progress.add(event.event_id)
        try:
            return await self._telemetry.count_webhook_event(self._settle_event(event))
        finally:
            self._in_progress.discard(event.event_id)

    async def retry_events(self) -> Counter[str]:
        """Process the events that are due; return how many had which outcome.

        Only a few are claimed at a time: when Wompi does not answer, the others stay due and are first in the next run,
        before those that failed.
        """
        outcomes: Counter[str] = Counter()
        for _ in range(0, wompi_events.MAX_EVENTS_PER_RUN, MAX_FAILURES_IN_A_ROW):
            batch = await self._store.run(wompi_events.claim_due_events, MAX_FAILURES_IN_A_ROW)
            found = await self._process_events(batch)
            outcomes += found
            if not batch or found[Unavailable.code] == MAX_FAILURES_IN_A_ROW:
                break
        return outcomes

    async def replay_events(self, *, only_failed: bool) -> Counter[str]:
        """Process all stored events again, or only the failed ones; what is settled does not change."""
        return await self._process_events(await self._store.read(find_events_to_replay, only_failed))

    async def reconcile_with_wompi(self, *, everything: bool = False) -> Counter[str]:
        """Search Wompi for payments whose event did not arrive; return how many transactions had which outcome.

        Raises Unavailable when a search was not complete: then no payment that it was for is recorded as checked. What
        was found is settled all the same.
        """
        batch: payment_checks.PaymentCheckBatch = await self._store.run(payment_checks.claim_due_checks, everything)
        recently = datetime.now(UTC) - RECENT_PAYMENT_AGE
        outcomes: Counter[str] = Counter()
        problems = DeferredProblems()
        # Recent payments are searched separately: an old one needs a search over a week, and members wait for these.
        for is_recent in (True, False):
            due_checks = [check for check in batch.checks if (check.created_at > recently) == is_recent]
            if due_checks:
                with problems.defer():
                    outcomes += await self._reconcile_checks(due_checks, batch.known_transactions)
        outcomes["EXPIRED"] += await self._store.run(payments.expire_payments)
        problems.raise_first()
        return +outcomes

    async def _reconcile_checks(
        self, due_checks: list[payment_checks.PaymentCheck], known: set[tuple[str, str]]
    ) -> Counter[str]:
        since = min(check.created_at for check in due_checks).astimezone(UTC).date() - timedelta(days=1)
        transactions = await self._wompi.search_transactions(since, datetime.now(UTC).date() + timedelta(days=1))
        changed = [one for one in transactions if (one.id, one.status) not in known]
        links = {check.link_id for check in due_checks if check.link_id}
        outcomes = await self._settle_those_of(links, changed)
        checked = [check.payment_id for check in due_checks if check.link_id]
        in_doubt = [check.payment_id for check in due_checks if not check.link_id]
        # Those in doubt last: they need look-ups that may fail, and the others must not wait for them.
        problem = None
        if in_doubt:
            claimed, problem = await self._claim_unknown_links(transactions)
            outcomes += await self._settle_those_of(claimed - links, changed)
        await self._store.run(payment_checks.record_check, checked if problem else checked + in_doubt)
        if problem is not None:
            raise problem
        return outcomes

    async def _settle_those_of(self, links: set[str], transactions: list[WompiTransaction]) -> Counter[str]:
        """Settle the transactions of these links; return how many had which outcome."""
        wanted = [one for one in transactions if links & set(one.possible_link_ids)]
        results = await asyncio.gather(*(self._run_settlement(one) for one in wanted), return_exceptions=True)
        # One that cannot be settled is logged by the store and must not keep the others from being checked.
        return Counter(one.code if isinstance(one, Problem) else str(one) for one in results)

    async def _settle_event(self, event: PendingEvent) -> str:
        try:
            transaction = await self._wompi.get_transaction(event.transaction_id)
        except NotFound:
            return await self._record_outcome(event, OUTCOME_NOT_FOUND, is_over=False)
        is_behind = (
            advance_transaction_status(transaction.status, event.status) != transaction.status and event.is_recent
        )
        event_id = None if is_behind else event.event_id
        result = await self._run_settlement(transaction, event_id)
        if result == settlements.UNKNOWN_LINK and await self._claim_link_of(transaction):
            result = await self._run_settlement(transaction, event_id)
        if result == settlements.UNKNOWN_LINK:
            return await self._record_outcome(event, result, is_over=True)
        # Wompi's API may lag behind its own event: a voided transaction can still read APPROVED.
        return await self._record_outcome(event, OUTCOME_NOT_YET, is_over=False) if is_behind else result

    async def _record_outcome(self, event: PendingEvent, outcome: str, *, is_over: bool) -> str:
        await self._store.run(
            wompi_events.record_event_outcome, wompi_events.EventOutcome(event.event_id, outcome, is_over)
        )
        return outcome

    async def _run_settlement(self, transaction: WompiTransaction, event_id: int | None = None) -> str:
        command = settlements.SettleTransaction(transaction, self._environment, event_id)
        result: str = await self._store.run(settlements.settle_transactions, command)
        if result not in (settlements.RECORDED, settlements.UNKNOWN_LINK):
            log.info("payment_settled", transaction_id=transaction.id, status=transaction.status, outcome=result)
        return result

    async def _claim_link_of(self, transaction: WompiTransaction) -> bool:
        """Return whether the link of a transaction belongs to a payment of ours that does not know it yet.

        Raises Unavailable when it belongs to none and one could not be looked up.
        """
        problem = None
        for link_id in transaction.possible_link_ids[:MAX_LINKS_PER_REFERENCE]:
            try:
                if await self._claim_link(link_id):
                    return True
            except Problem as raised:
                problem = raised
        if problem is not None:
            raise problem
        return False

    async def _claim_link(self, link_id: str) -> bool:
        """Ask Wompi for which payment a link was made and store it there; return whether it is one of ours."""
        sku = await self._wompi.find_sku(link_id)
        return sku is not None and await self._store.run(payments.attach_found_link, (link_id, sku))

    async def _claim_unknown_links(self, transactions: list[WompiTransaction]) -> tuple[set[str], Problem | None]:
        """Look for the links of payments in doubt among the unknown links; return those that were claimed.

        A foreign link is looked up once: the company may make links by hand. One whose look-up fails keeps no other
        from its own, and the last problem is returned as well; after `MAX_FAILURES_IN_A_ROW` Wompi is probably down.
        """
        links = {one.link_id for one in transactions if one.link_id} - self._foreign_links
        turns = {link_id: turn for turn, link_id in enumerate(self._failing_links)}
        unknown = await self._store.read(find_unknown_links, links)
        claimed, problem, failures = set(), None, 0
        for link_id in sorted(unknown, key=lambda one: (turns.get(one, -1), one))[:MAX_LINK_LOOKUPS]:
            self._failing_links.pop(link_id, None)
            try:
                is_ours = await self._claim_link(link_id)
            except Problem as raised:
                self._failing_links[link_id] = None
                problem, failures = raised, failures + 1
                if failures == MAX_FAILURES_IN_A_ROW:
                    break
                continue
            failures = 0
            if is_ours:
                claimed.add(link_id)
            else:
                self._foreign_links.add(link_id)
        # A link that is no longer among those of the search is forgotten.
        self._failing_links = {link_id: None for link_id in self._failing_links if link_id in unknown}
        return claimed, problem

    async def _open_payment(self, purchase: payments.Purchase, actor: Actor) -> payments.CheckoutState:
        """Open the payment. Of two tabs one makes the link; the other waits for it or raises PaymentBeingPrepared."""
        deadline = asyncio.get_running_loop().time() + WAIT_TIMEOUT_S
        while True:
            try:
                opened: payments.CheckoutState = await self._store.run(payments.open_payment, purchase, actor)
            except PaymentBeingPrepared:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(WAIT_POLL_S)
            else:
                return opened

    async def close_retired_link(self, link_id: str | None) -> None:
        """Close a link that must not be paid any more; if that fails, a payment over it is settled like any other."""
        if link_id is not None:
            with contextlib.suppress(Problem):
                await self._wompi.close_link(link_id)

    async def _is_link_gone(self, link_id: str) -> bool:
        """Return whether Wompi does not know a link (any more). One that is only closed may have been paid."""
        try:
            return not await self._wompi.link_exists(link_id)
        except Problem:
            return False

    async def _process_events(self, events: list[PendingEvent]) -> Counter[str]:
        """Process events one by one; stop when Wompi did not answer `MAX_FAILURES_IN_A_ROW` times: it is probably down.

        An event that fails by itself stops nothing, however many of them there are.
        """
        outcomes: Counter[str] = Counter()
        failures = 0
        for event in events:
            try:
                outcomes[await self.process_event(event)] += 1
                failures = 0
            except Problem as problem:
                outcomes[problem.code] += 1
                failures += isinstance(problem, Unavailable)
            except Exception as problem:  # noqa: BLE001  logged
                log_failure("event_processing_failed", problem, {"event_id": event.event_id})
                outcomes[Internal.code] += 1
            if failures == MAX_FAILURES_IN_A_ROW:
                break
        return outcomes
