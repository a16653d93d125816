"""How things stand: each feed with its postings by state, what is held and why, and whether any money is lost."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.finding import Finding
from connector.store.feeds import Feed, feeds
from connector.store.findings import open_findings
from connector.store.ledger import shelves_of, unconserved
from connector.store.outbox import counts
from connector.sync.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that is in no document, with its reason."""

    key: str
    state: str
    code: str
    reason: str
    movements: int


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
                waiting=tuple(
                    Waiting(key=row.business_key, state=row.state, code=row.code, reason=row.detail, movements=count)
                    for row, count in shelves_of(tx, feed.id)
                ),
                findings=tuple(open_findings(tx, feed.id)),
                lost=tuple(unconserved(tx, feed.id)),
            )
            for feed in feeds(tx)
        ]
