"""A database with one feed, and plans of a trading day for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.domain.document import Document, Held, Line, Share
from connector.domain.facts import BucketKey
from connector.store.database import Database, open_database, sqlite_url
from connector.store.feeds import NewConnection, Side, add_feed, keep_connection
from connector.store.plans import FeedPlace, PeriodPlan, PlannedDocument, PlannedPosting
from connector.store.schema import upgrade
from tests.postgresql import address_in

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = "day|L1|2026-11-20|USD"
FOOD = BucketKey(kind="sale", code="Food", currency="USD", period="2026-11-20", location="L1")
DRINKS = BucketKey(kind="sale", code="Drinks", currency="USD", period="2026-11-20", location="L1")


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """The database of a folder, with the newest schema; empty at first. On PostgreSQL where the test says so."""
    file = folder / "connector.db"
    if not address_in(folder) and not file.exists():
        file.write_bytes(empty())
    opened = open_database(address_in(folder) or sqlite_url(folder))
    try:
        yield opened
    finally:
        opened.close()


@lru_cache
def empty() -> bytes:
    """The file as the migrations leave it; made once, since they take a while."""
    with TemporaryDirectory() as folder:
        upgrade(sqlite_url(Path(folder)))
        return (Path(folder) / "connector.db").read_bytes()


def feed_in(opened: Database) -> FeedPlace:
    """A feed from a shop into books; made at the first call."""
    with opened.transaction() as tx:
        source, target = (keep_connection(tx, new(name, side)) for name, side in SIDES)
        feed = add_feed(tx, name="shop", source=source, target=target, style="clearing")
    return FeedPlace(feed_id=feed.id, target_connection_id=target.id, map_version=1)


SIDES: tuple[tuple[str, Side], ...] = (("square", "source"), ("quickbooks", "target"))


def new(name: str, side: Side) -> NewConnection:
    return NewConnection(organisation="Main Street", name=name, side=side, provider=name, external_id=f"{name}-1")


def sales(*shares: Share, key: str = "sales", account: str = "Sales", day: date = date(2026, 11, 20)) -> Document:
    """A document of what was sold, by bucket; clearing takes the other side."""
    lines = [Line(role="sales", account=account, amount=-share.amount, shares=(share,)) for share in shares]
    balance = Line(role="clearing", account="Square Balance", amount=sum(share.amount for share in shares))
    return Document(
        key=f"square|ML1|L1|{key}|{day}",
        mark=f"SQ-{day:%Y%m%d}-{hashlib.sha256(key.encode()).hexdigest()[:6].upper()}",
        date=day,
        currency="USD",
        kind="sales",
        narration="Square · Main St · sales",
        source_ref=str(day),
        lines=(*lines, balance),
        period=DAY,
    )


def deposit(amount: int) -> Document:
    """The transfer to the bank: it has no movements of its own."""
    return Document(
        key="square|ML1|L1|transfer|1",
        mark="SQ-20261121-BBBBBB",
        date=date(2026, 11, 21),
        currency="USD",
        kind="transfer",
        narration="Square · Main St · deposit",
        source_ref="1",
        lines=(
            Line(role="bank", account="Checking", amount=amount),
            Line(role="clearing", account="Square Balance", amount=-amount),
        ),
        period=DAY,
    )


def share(amount: int, count: int = 1, of: BucketKey = FOOD) -> Share:
    return Share(bucket=of, amount=amount, count=count)


def plan(*documents: Document, held: tuple[Held, ...] = (), parts: tuple[str, ...] = ("",)) -> PeriodPlan:
    """A day that calls for some documents, each sent in the given parts."""
    planned = [
        PlannedDocument(document=each, postings=tuple(posting(each, part) for part in parts)) for each in documents
    ]
    return PeriodPlan(name=DAY, documents=tuple(planned), held=held, ignored=())


def posting(document: Document, part: str = "") -> PlannedPosting:
    payload = f"{document.key} {part} {[(line.account, line.amount) for line in document.lines]}".encode()
    hashed = hashlib.sha256(payload).hexdigest()
    return PlannedPosting(
        part=part,
        target_kind="JournalEntry",
        day=document.date.isoformat(),
        payload=payload,
        digest=hashed,
        key=f"p1{hashed[:40]}",
        mark=f"{document.mark}-{part}".strip("-"),
    )
