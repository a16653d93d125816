"""Post: the outbox into the books. Named before it is tried; after any doubt the books are asked before it repeats."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from connector.domain.keys import posting_key
from connector.errors import ConnectorError
from connector.faults import fault_point
from connector.store import outbox
from connector.store.account_maps import keep_books
from connector.store.feeds import Connection, Feed
from connector.store.ledger import document_of
from connector.store.outbox import Posting
from connector.sync.house import House
from connector.sync.journalize import connection_name, read_books
from connector.sync.retry import Decision, after_attempt
from connector.targets.contract import OpenBooks, Outgoing, Receipt, Rendered

MAX_ROUNDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a run of posting did."""

    posted: int = 0
    adopted: int = 0
    rejected: int = 0
    waiting: int = 0
    verified: int = 0
    drifted: int = 0


def post(house: House, connection: Connection, progress: Callable[[int], None] = lambda count: None) -> Posted:
    """Sends what is planned, resolves what is unknown, reads back what was posted; all of one target connection."""
    opened = house.books(connection)
    with house.database.transaction() as tx:
        outbox.abandoned(tx, connection.id, now=house.now(), alone=house.alone)
    done = _resolve_all(house, connection, opened, Posted())
    limit = house.target(connection).batch
    for _ in range(MAX_ROUNDS):
        with house.database.transaction() as tx:
            batch = outbox.claim(tx, connection.id, owner=house.owner, now=house.now(), limit=limit)
        if not batch:
            break
        fault_point("lease.committed")
        done = _send(house, opened, batch, done)
        progress(len(batch))
    done = _resolve_all(house, connection, opened, done)
    if done.rejected:
        chart = opened.books()  # what was refused may be due to a change of theirs: read them before the next run
        with house.database.transaction() as tx:
            keep_books(tx, connection.id, chart, house.now())
    return _read_back(house, connection, opened, done)


def post_again(house: House, feed: Feed) -> int:
    """Plans what the books refused once more, after they were asked and have none of it; gives how many.

    For after the cause is gone: a period opened again, an account restored."""
    opened = house.books(feed.target)
    read_books(house, feed, opened, afresh=True)
    with house.database.transaction() as tx:
        refused = outbox.rejected(tx, feed.target.id)
    planned = 0
    for posting in refused:
        if opened.find(_rendered(posting)):
            _decide(house, posting, Decision(state="unknown", reason="The books hold it after all."))
            continue
        with house.database.transaction() as tx:
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
        planned += 1
    return planned


def _send(house: House, opened: OpenBooks, batch: Sequence[Posting], done: Posted) -> Posted:
    fault_point("send.before")
    outcomes = opened.post([Outgoing(rendered=_rendered(posting), key=posting.key) for posting in batch])
    fault_point("send.after")
    for posting, outcome in zip(batch, outcomes, strict=True):
        done = _settled(house, posting, outcome, done)
    return done


def _settled(house: House, posting: Posting, outcome: Receipt | ConnectorError, done: Posted) -> Posted:
    if isinstance(outcome, Receipt):
        _confirm(house, posting, outcome)
        return replace(done, posted=done.posted + 1)
    decision = after_attempt(outcome, posting.attempts, house.now())
    _decide(house, posting, decision)
    if decision.state == "rejected":
        return replace(done, rejected=done.rejected + 1)
    return replace(done, waiting=done.waiting + 1) if decision.state == "planned" else done


def _resolve_all(house: House, connection: Connection, opened: OpenBooks, done: Posted) -> Posted:
    with house.database.transaction() as tx:
        postings = outbox.unknown(tx, connection.id)
    for posting in postings:
        if posting.last_sent_at is not None and house.now() < posting.last_sent_at + house.settle:
            done = replace(done, waiting=done.waiting + 1)
        else:
            done = _resolve(house, opened, posting, done)
    return done


def _resolve(house: House, opened: OpenBooks, posting: Posting, done: Posted) -> Posted:
    """The books are asked for the mark: one found is adopted, none is sent again with the same key, two alarm."""
    try:
        found = opened.find(_rendered(posting))
    except ConnectorError as error:
        _decide(house, posting, Decision(state="unknown", reason=f"The books could not be asked: {error}"))
        return replace(done, waiting=done.waiting + 1)
    if len(found) > 1:
        reason = f"The books hold {len(found)} documents marked {posting.mark}: look at them, void one."
        return _alarm(house, posting, reason, done)
    if found:
        return _adopt(house, opened, posting, found[0], done)
    with house.database.transaction() as tx:
        again = outbox.resend(tx, posting, owner=house.owner, now=house.now())
    return _send(house, opened, [again], done) if again else done


def _adopt(house: House, opened: OpenBooks, posting: Posting, receipt: Receipt, done: Posted) -> Posted:
    differences = opened.read_back(_rendered(posting), receipt)
    if differences:
        reason = f"The books hold another document marked {posting.mark}: {' '.join(differences)}"
        return _alarm(house, posting, reason, done)
    _confirm(house, posting, receipt)
    return replace(done, adopted=done.adopted + 1)


def _alarm(house: House, posting: Posting, reason: str, done: Posted) -> Posted:
    """It stays unknown, so that nothing is sent or built anew under this mark until a person has looked."""
    _decide(house, posting, Decision(state="unknown", reason=reason))
    return replace(done, waiting=done.waiting + 1)


def _read_back(house: House, connection: Connection, opened: OpenBooks, done: Posted) -> Posted:
    with house.database.transaction() as tx:
        postings = outbox.posted(tx, connection.id)
    for posting in postings:
        receipt = Receipt(target_id=posting.target_id, version=posting.target_version)
        try:
            differences = opened.read_back(_rendered(posting), receipt)
        except ConnectorError:
            done = replace(done, waiting=done.waiting + 1)  # it stays posted, and is read back in the next run
            continue
        with house.database.transaction() as tx:
            outbox.verify(tx, posting, differences)
        field = "drifted" if differences else "verified"
        done = replace(done, **{field: getattr(done, field) + 1})
    return done


def _confirm(house: House, posting: Posting, receipt: Receipt) -> None:
    fault_point("confirm.before")
    with house.database.transaction() as tx:
        outbox.confirm(tx, posting, target_id=receipt.target_id, version=receipt.version, trace_id=receipt.trace_id)
    fault_point("confirm.committed")


def _decide(house: House, posting: Posting, decision: Decision) -> None:
    with house.database.transaction() as tx:
        outbox.settle_as(tx, posting, decision.state, decision.reason, decision.not_before)


def _rendered(posting: Posting) -> Rendered:
    return Rendered(
        part=posting.part,
        kind=posting.target_kind,
        mark=posting.mark,
        day=posting.day,
        payload=json.loads(posting.payload),
    )
