"""Post: the outbox into the books. Named before it is tried; after any doubt the books are asked before it repeats."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.domain.drift import Difference, texts
from connector.domain.keys import posting_key
from connector.errors import ConnectorError, OutcomeUnknown, RetryLater, Unsent
from connector.faults import fault_point
from connector.store import outbox
from connector.store.account_maps import keep_books
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed, feeds
from connector.store.ledger import document_of
from connector.store.outbox import Posting
from connector.store.postings import rejected
from connector.store.quarantine import released_at
from connector.store.setup import inactive_feeds
from connector.sync.attach import attach_rows
from connector.sync.check import require_sound
from connector.sync.deposits import refuse_second_deposits
from connector.sync.house import House
from connector.sync.journalize import connection_name, is_decided_otherwise, read_books
from connector.sync.retry import Decision, after_attempt
from connector.targets.contract import OpenBooks, Outgoing, Receipt, Rendered

MAX_ROUNDS = 10_000
LOOK_UPS = 2  # negative ones, before an unknown posting is sent again
BETWEEN_LOOK_UPS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a run of posting did; `wait_until` where the books asked to be left alone until then; `not_active` are the
    feeds that may not post yet, of which nothing was sent."""

    posted: int = 0
    adopted: int = 0
    rejected: int = 0
    waiting: int = 0
    verified: int = 0
    drifted: int = 0
    wait_until: datetime | None = None
    not_active: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many postings came out how."""
        words = ("posted", "adopted", "rejected", "waiting", "verified", "drifted")
        return {word: getattr(self, word) for word in words}


def post(
    house: House,
    connection: Connection,
    progress: Callable[[int], None] = lambda count: None,
    only: frozenset[str] | None = None,
) -> Posted:
    """Sends what is planned (of it `only` these keys, where some are named) and resolves what is unknown; all of one
    target connection. What was planned before the map or the policies of its feed changed waits for the feed to be
    journalized. Raises Rejected, and nothing is sent, while a rule that must always hold is broken there."""
    require_sound(house, connection)
    opened = house.books(connection)
    with house.database.transaction(of=connection.id) as tx:
        outbox.abandoned(tx, connection.id, now=house.now(), alone=house.alone(), dead=house.dead())
        late = frozenset(
            each.id for each in feeds(tx) if each.target.id == connection.id and is_decided_otherwise(tx, each)
        )
    rounds = _Rounds(house=house, connection=connection, opened=opened, only=only, late=late, progress=progress)
    done = rounds.send(_resolve_all(house, connection, opened, Posted()))
    resolved = done
    for _ in range(LOOK_UPS):
        resolved = _resolve_all(house, connection, opened, resolved)
    done = resolved if resolved == done else rounds.send(resolved)  # what waited for them can go now
    if done.rejected:
        chart = opened.books()  # what was refused may be due to a change of theirs: read them before the next run
        with house.database.transaction(of=connection.id) as tx:
            keep_books(tx, connection.id, chart, house.now())
    attach_rows(house, connection, opened)
    with house.database.transaction() as tx:
        inactive = sorted(inactive_feeds(tx, connection.id).values())
        return replace(done, waiting=outbox.waiting(tx, connection.id), not_active=tuple(inactive))


@dataclass(frozen=True, kw_only=True)
class _Rounds:
    """Batch after batch of what is planned for a connection."""

    house: House
    connection: Connection
    opened: OpenBooks
    only: frozenset[str] | None
    late: frozenset[int]
    progress: Callable[[int], None]

    def send(self, done: Posted) -> Posted:
        """Until nothing is left that may go now, or the books say "later": then what is left waits as well, and no
        attempt is spent on it."""
        for _ in range(MAX_ROUNDS):
            batch = [] if done.wait_until else self._claimed()
            if not batch:
                break
            fault_point("lease.committed")
            done = _send(self.house, self.opened, _undoubted(self.house, self.connection, batch), done)
            self.progress(len(batch))
        if done.wait_until:
            with self.house.database.transaction(of=self.connection.id) as tx:
                outbox.postpone(tx, self.connection.id, done.wait_until)
        return done

    def _claimed(self) -> list[Posting]:
        limit = self.house.target(self.connection).batch
        with self.house.database.transaction(of=self.connection.id) as tx:
            but = self.late | frozenset(inactive_feeds(tx, self.connection.id))
            wanted = outbox.Claim(owner=self.house.owner, now=self.house.now(), limit=limit, only=self.only, but=but)
            return outbox.claim(tx, self.connection.id, wanted)


def post_again(house: House, feed: Feed) -> int:
    """Plans what the books refused once more, after they were asked and have none of it; gives how many.

    For after the cause is gone: a period opened again, an account restored."""
    opened = house.books(feed.target)
    read_books(house, feed, opened, afresh=True)
    with house.database.transaction() as tx:
        refused = rejected(tx, feed.target.id)
    planned = 0
    for posting in refused:
        if opened.find(rendered(posting)):
            _decide(house, posting, Decision(state="unknown", reason="The books hold it after all."))
            continue
        with house.database.transaction(of=feed.target.id) as tx:
            plan_again(tx, feed, posting)
        planned += 1
    return planned


def plan_again(tx: Transaction, feed: Feed, posting: Posting) -> None:
    """The same record once more, under the key of its next epoch."""
    document = document_of(tx, posting.document_id)
    key = posting_key(
        organisation=feed.organisation,
        connection=connection_name(feed),
        key=f"{document.business_key}|{posting.part}" if posting.part else document.business_key,
        version=document.version,
        digest=posting.digest,
        epoch=posting.epoch + 1,
    )
    outbox.plan_again(tx, posting, key)


def _undoubted(house: House, connection: Connection, batch: Sequence[Posting]) -> list[Posting]:
    """What can be sent at once. After a restore the books may hold what this database forgot: a posting of the days
    until then is first looked up, as one whose outcome is unknown."""
    with house.database.transaction() as tx:
        released = released_at(tx, connection.id)
    doubted = [each for each in batch if released and each.day <= released.date().isoformat()]
    for posting in doubted:
        reason = "The database was restored: the books are asked first whether they hold it."
        _decide(house, posting, Decision(state="unknown", reason=reason))
    return [each for each in batch if each not in doubted]


def _send(house: House, opened: OpenBooks, batch: Sequence[Posting], done: Posted, *, is_again: bool = False) -> Posted:
    with house.database.transaction() as tx:
        batch = outbox.still_held(tx, batch)  # one that stood still for long may have been taken for dead
    fault_point("send.before")
    there = refuse_second_deposits(house, opened, batch)
    free = [posting for posting in batch if posting.id not in there]
    outcomes = opened.post([Outgoing(rendered=rendered(posting), key=posting.key) for posting in free])
    fault_point("send.after")
    for posting in (each for each in batch if each.id in there):
        done = _settled(house, posting, Unsent(there[posting.id]), done)
    for posting, outcome in zip(free, outcomes, strict=True):
        done = _settled(house, posting, _read(opened, posting, outcome) if is_again else outcome, done)
    return done


def _read(opened: OpenBooks, posting: Posting, outcome: Receipt | ConnectorError) -> Receipt | ConnectorError:
    """To a key that they know, books repeat their first answer, whatever became of the record since: it is read."""
    if not isinstance(outcome, Receipt):
        return outcome
    try:
        return replace(outcome, differences=tuple(opened.read_back(rendered(posting), outcome)))
    except ConnectorError as error:
        return OutcomeUnknown(f"The books took {posting.mark}, and it could not be read: {error}")


def _settled(house: House, posting: Posting, outcome: Receipt | ConnectorError, done: Posted) -> Posted:
    if isinstance(outcome, Receipt):
        _confirm(house, posting, outcome)
        return _compared(outcome.differences, replace(done, posted=done.posted + 1))
    decision = after_attempt(outcome, posting.attempts, house.now())
    with house.database.transaction(of=posting.connection_id) as tx:
        if isinstance(outcome, Unsent):
            outbox.not_sent(tx, posting)
        outbox.settle_as(tx, posting, decision.state, decision.reason, decision.not_before)
    error = outcome.because if isinstance(outcome, Unsent) else outcome
    if isinstance(error, RetryLater) and error.after:
        done = replace(done, wait_until=max(filter(None, (error.after, done.wait_until))))
    return replace(done, rejected=done.rejected + 1) if decision.state == "rejected" else done


def _resolve_all(house: House, connection: Connection, opened: OpenBooks, done: Posted) -> Posted:
    with house.database.transaction() as tx:
        postings = outbox.unknown(tx, connection.id)
    for posting in postings:
        if house.now() >= _may_be_looked_up(house, posting):
            done = _resolve(house, opened, posting, done)
    return done


def _may_be_looked_up(house: House, posting: Posting) -> datetime:
    """A request may still be acted on for a while after its sender gave up, and a list may show it late: the first
    look waits until it has settled, the second at least a minute more (or as long as the first, if that is less)."""
    if posting.looked_at is not None:
        return posting.looked_at + min(BETWEEN_LOOK_UPS, house.settle)
    return (posting.last_sent_at or house.now()) + house.settle


def _resolve(house: House, opened: OpenBooks, posting: Posting, done: Posted) -> Posted:
    """The books are asked for the mark: one found is adopted; none, twice, sends again with the same key; two alarm."""
    try:
        found = opened.find(rendered(posting))
    except ConnectorError as error:
        _decide(house, posting, Decision(state="unknown", reason=f"The books could not be asked: {error}"))
        return done
    if len(found) > 1:
        reason = f"The books hold {len(found)} documents marked {posting.mark}: look at them, void one."
        return _alarm(house, posting, reason, done)
    if found:
        return _adopt(house, opened, posting, found[0], done)
    with house.database.transaction(of=posting.connection_id) as tx:
        if posting.negatives + 1 < LOOK_UPS:
            outbox.not_found(tx, posting, house.now())
            return done
        again = outbox.resend(tx, posting, owner=house.owner, now=house.now())
    return _send(house, opened, [again], done, is_again=True) if again else done


def _adopt(house: House, opened: OpenBooks, posting: Posting, receipt: Receipt, done: Posted) -> Posted:
    differences = opened.read_back(rendered(posting), receipt)
    if differences and not any(difference.kind == "gone" for difference in differences):
        reason = (
            f"The books hold another document marked {posting.mark}: {' '.join(texts(differences))} If it is ours and "
            f"somebody changed it, take it with connector drift adopt {posting.mark}."
        )
        return _alarm(house, posting, reason, done)
    # One that a person has deleted meanwhile was ours: it drifted, and the owner decides.
    _confirm(house, posting, replace(receipt, differences=tuple(differences)))
    return _compared(differences, replace(done, adopted=done.adopted + 1))


def _alarm(house: House, posting: Posting, reason: str, done: Posted) -> Posted:
    """It stays unknown, so that nothing is sent or built anew under this mark until a person has looked."""
    _decide(house, posting, Decision(state="unknown", reason=reason))
    return done


def _compared(differences: Sequence[Difference], done: Posted) -> Posted:
    if differences:
        return replace(done, drifted=done.drifted + 1)
    return replace(done, verified=done.verified + 1)


def _confirm(house: House, posting: Posting, receipt: Receipt) -> None:
    """The receipt, and what comparing it with what was sent said, in one transaction: nothing has to be read again."""
    fault_point("confirm.before")
    at_birth = not any(difference.kind == "gone" for difference in receipt.differences)  # that was a person
    with house.database.transaction(of=posting.connection_id) as tx:
        answer = {"version": receipt.version, "trace_id": receipt.trace_id, "rate": receipt.rate}
        outbox.confirm(tx, posting, target_id=receipt.target_id, **answer)
        outbox.verify(tx, posting, receipt.differences, at_birth=at_birth)
    fault_point("confirm.committed")


def _decide(house: House, posting: Posting, decision: Decision) -> None:
    with house.database.transaction(of=posting.connection_id) as tx:
        outbox.settle_as(tx, posting, decision.state, decision.reason, decision.not_before)


def rendered(posting: Posting) -> Rendered:
    """A posting as its target takes it."""
    return Rendered(
        part=posting.part,
        kind=posting.target_kind,
        mark=posting.mark,
        day=posting.day,
        payload=json.loads(posting.payload),
        rate=posting.rate,
    )
