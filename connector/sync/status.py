"""How things stand: each feed with its postings by state, what is held and why, and whether any money is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.finding import Finding
from connector.store.connection_findings import connection_findings
from connector.store.database import Transaction
from connector.store.feeds import Feed, feeds
from connector.store.findings import open_findings
from connector.store.ledger import shelves_of, unconserved
from connector.store.postings import counts, unsettled
from connector.sync.house import House
from connector.sync.in_time import OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that is in no document, or whose document the books refused or do not confirm, with its reason.

    `amount` is what waits, in minor units of `currency`, where that is known; `waits_for` names what nobody decided."""

    key: str
    state: str
    code: str
    reason: str
    movements: int
    amount: int = 0
    currency: str = ""
    waits_for: tuple[str, ...] = ()

    @property
    def is_trouble(self) -> bool:
        """Whether it waits for more than that its day is over."""
        return self.state != "ignored" and self.code != OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """One feed. `lost` names what is in no place or in two; it must be empty."""

    feed: Feed
    postings: dict[str, int]
    waiting: tuple[Waiting, ...]
    findings: tuple[Finding, ...]
    lost: tuple[str, ...]


def status(house: House) -> list[FeedStatus]:
    """Every feed as it stands."""
    with house.database.transaction() as tx:
        return [
            FeedStatus(
                feed=feed,
                postings=counts(tx, feed.id),
                waiting=(*_on_shelves(tx, feed), *_unsettled(tx, feed)),
                findings=(
                    *connection_findings(tx, feed.source.id, feed.target.id),
                    *open_findings(tx, feed.id),
                ),
                lost=tuple(unconserved(tx, feed.id)),
            )
            for feed in feeds(tx)
        ]


def _on_shelves(tx: Transaction, feed: Feed) -> Iterator[Waiting]:
    for row, count in shelves_of(tx, feed.id):
        yield Waiting(
            key=row.business_key,
            state=row.state,
            code=row.code,
            reason=row.detail,
            movements=count,
            amount=row.amount_minor,
            currency=row.currency,
            waits_for=tuple(json.loads(row.waits_for)),
        )


def _unsettled(tx: Transaction, feed: Feed) -> Iterator[Waiting]:
    for key, posting, count in unsettled(tx, feed.id):
        reason = f"{posting.mark}: {posting.reason}"
        yield Waiting(key=key, state=posting.state, code=posting.state, reason=reason, movements=count)
