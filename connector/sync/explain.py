"""Explain: from a document to the rows it came from, and from a record to the lines that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from connector.domain.account_map import AccountMap
from connector.domain.document import Document, Line
from connector.domain.facts import Bucket, Fact, period_name, positions
from connector.errors import Unreadable
from connector.mapping.lines import home_of
from connector.mapping.lookup import Missing, slot_home
from connector.mapping.restated import restated
from connector.mapping.rules import Rules
from connector.sources.contract import Source
from connector.store import facts as stored
from connector.store.account_maps import MapVersion, books, map_version, map_versions
from connector.store.database import Transaction
from connector.store.feeds import Feed, feeds
from connector.store.ledger import find_document, homes_of_period, place_of, read_document
from connector.store.outbox import Posting
from connector.store.pages import open_page
from connector.store.postings import attempts_of, postings_of
from connector.sync.house import House
from connector.sync.journalize import rules_of

MAX_ROWS = 20
MOST_ROWS = 20_000  # of one record: a settlement may have a million


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A record, or a row of one, behind a line, and what it gives to it in the source's sign (minor units)."""

    record: str
    text: str
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLine:
    """A line, how many movements it is made of, the first of the rows behind it, and why it stands on its account."""

    line: Line
    rows: tuple[Row, ...]
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPosting:
    """A posting with each of its attempts (number, when, what came of it, trace id)."""

    posting: Posting
    attempts: tuple[tuple[int, datetime, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A document with everything behind it. `made_with` is the version of the map; None where there was none."""

    feed: str
    made_with: MapVersion | None
    document: Document
    postings: tuple[ExplainedPosting, ...]
    lines: tuple[ExplainedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a piece of a record's money lives: a document's line, or a shelf."""

    feed: str
    kind: str
    code: str
    amount: int
    currency: str
    place: str


def explain(house: House, name: str, rows: int = MAX_ROWS) -> Explained:
    """A document by its mark, key, or id in the books, with at most `rows` rows a line. Raises Unreadable."""
    with house.database.transaction() as tx:
        found = find_document(tx, name)
        feed = next(feed for feed in feeds(tx) if feed.id == found.feed_id)
        document = read_document(tx, found)
        source = house.source(feed.source)
        facts = [fact for fact in facts_of(tx, source, feed) if period_name(fact) == document.period]
        rules = _rules(tx, house, feed, found.map_version)
        versions = {each.number: each for each in map_versions(tx, feed.id)}
        return Explained(
            feed=feed.name,
            made_with=versions.get(found.map_version),
            document=document,
            postings=tuple(
                ExplainedPosting(posting=posting, attempts=tuple(attempts_of(tx, posting.id)))
                for posting in postings_of(tx, found.id or 0)
            ),
            lines=tuple(
                ExplainedLine(
                    line=line,
                    rows=tuple(islice(rows_behind(tx, source, feed, line, facts, rows), rows)),
                    why=reasons(line, rules) if rules else (),
                )
                for line in document.lines
            ),
        )


def homes(house: House, record: str) -> list[Home]:
    """Where the money of a record lives, in every feed. A record is named STREAM/ID."""
    stream, _, source_id = record.partition("/")
    found: list[Home] = []
    with house.database.transaction() as tx:
        for feed in feeds(tx):
            for fact in facts_of(tx, house.source(feed.source), feed):
                if (fact.stream, fact.source_id) == (stream, source_id):
                    found += _homes(tx, feed, fact)
    if not found:
        raise Unreadable(f"No record {record!r} with money was journalized; a record is named STREAM/ID.")
    return found


def as_received(house: House, record: str) -> bytes:
    """The newest version of a record, byte for byte as its source sent it. Raises Unreadable for one that is not there,
    and for a file that is one record as a whole."""
    stream, _, source_id = record.partition("/")
    with house.database.transaction() as tx:
        for feed in feeds(tx):
            source = house.source(feed.source)
            place = stored.place_of_record(tx, feed.source.id, stream, source_id)
            if place is None:
                continue
            if source.unpack is None or (source.file and source.file.stream == stream):
                raise Unreadable(f"{record} is a file as a whole: connector explain of its document shows the rows.")
            with open_page(tx, place.page_id) as page:
                return source.unpack(stream, page.read())[place.ordinal].body
    raise Unreadable(f"There is no record {record!r}; a record is named STREAM/ID.")


def facts_of(tx: Transaction, source: Source, feed: Feed) -> Sequence[Fact]:
    """The facts of a feed as mapping sees them: a sale on the day it was paid, a refund parted like its sale."""
    return restated(tuple(stored.facts(tx, feed.source.id)), source.defaults)


def _rules(tx: Transaction, house: House, feed: Feed, version: int) -> Rules | None:
    """The rules that a document was made with; None where its books were never read."""
    kept = books(tx, feed.target.id)
    if kept is None:
        return None
    made_with = map_version(tx, feed.id, version) if version else AccountMap()
    return replace(rules_of(tx, house, feed, kept[0]), account_map=made_with, earlier=())


def reasons(line: Line, rules: Rules) -> tuple[str, ...]:
    """Why a line stands on its account: the decisions and proposals that brought its movements there."""
    if not line.shares and line.role == "bank":
        found = slot_home(_bank_of(line, rules), rules, {})
        return () if isinstance(found, Missing) else (found.why,)
    buckets = (Bucket(key=share.bucket, amount=share.amount, count=share.count) for share in line.shares)
    placed = (home_of(bucket, rules, {})[0] for bucket in buckets)
    return tuple(dict.fromkeys(home.why for home in placed if not isinstance(home, Missing)))


def _bank_of(line: Line, rules: Rules) -> str:
    """The slot that a bank line came from: one of its own where the map decides that account so."""
    own = (
        slot for slot, to in rules.account_map.slots.items() if slot.startswith("bank.") and to.account == line.account
    )
    return next(own, "bank")


def _homes(tx: Transaction, feed: Feed, fact: Fact) -> Iterator[Home]:
    own = {bucket.key: bucket for bucket in fact.buckets}
    for bucket, allocation in homes_of_period(tx, feed.id, period_name(fact)):
        mine = next((b for k, b in own.items() if (k.kind, k.code, k.tax_code, k.parent, k.period) == (
            bucket.kind, bucket.code, bucket.tax_code, bucket.parent, bucket.part)), None)  # fmt: skip
        if mine is None:
            continue
        yield Home(
            feed=feed.name,
            kind=bucket.kind,
            code=bucket.code,
            amount=mine.amount,
            currency=bucket.currency,
            place=place_of(tx, allocation),
        )


def rows_behind(
    tx: Transaction, source: Source, feed: Feed, line: Line, facts: Sequence[Fact], most: int = MOST_ROWS
) -> Iterator[Row]:
    """The records behind a line, or the rows of a file's record (of each at most `most`). `facts` are the feed's, or
    those of the line's period."""
    keys = {share.bucket for share in line.shares}
    for fact in facts:
        wanted = [bucket for bucket in fact.buckets if bucket.key in keys]
        if not wanted:
            continue
        name = f"{fact.stream}/{fact.source_id}"
        if source.file is None or fact.stream != source.file.stream:
            yield Row(record=name, text="", amount=sum(bucket.amount for bucket in wanted))
            continue
        ordinals = frozenset(islice((at for bucket in wanted for at in positions(fact, bucket.key)), most))
        place = stored.record_place(tx, feed.source.id, fact.stream, fact.source_id)
        try:
            page = open_page(tx, place.page_id)
        except Unreadable as gone:
            yield Row(record=name, text=str(gone), amount=sum(bucket.amount for bucket in wanted))
            continue
        with page:
            for ordinal, text in source.file.rows(page, ordinals):
                yield Row(record=f"{name} movement {ordinal + 1}", text=" ".join(text.split("\t")), amount=None)
