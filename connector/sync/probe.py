"""Probe: is anything new at a source? One call to each of its streams in each place, and nothing is started."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from connector.errors import NeedsScope
from connector.sources.contract import Page, PullOrder, Source, Stream
from connector.store import facts as stored
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed
from connector.store.probes import ReadSoFar, has_open_postings, known_pages, known_records, read_so_far
from connector.sync.house import House
from connector.sync.journalize import is_behind
from connector.transport.access import Access

MOST_PAGES = 5  # of one stream; a longer answer is read by a pull


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of a stream in a place, and the digest of its bytes."""

    stream: str
    location: str
    page: Page
    digest: str


def has_news(house: House, connection: Connection) -> bool:
    """Asks a source whether it has anything that is not here yet; raises what a pull raises.

    The first stream that may have news ends it, for a pull reads them all. Streams that only describe the shop are not
    asked. A source that is read from files never has news by itself."""
    source = house.source(connection)
    if source.pull is None or (source.reads_files and not house.has_token(connection)):
        return False
    with house.database.transaction() as tx:
        so_far = read_so_far(tx, connection.id)
    if not so_far.positions:
        return True
    access, answers = house.access(connection, source.consent), list[Answer]()
    for stream, location in _asked(source, so_far):
        position = so_far.positions.get((stream.name, location), "")
        order = PullOrder(stream=stream.name, location=location, position=position, now=house.now())
        found = _answers(source, access, order, is_optional=stream.is_optional)
        if found is None:
            return True
        answers += found
    return not _is_all_known(house, connection, answers, so_far)


def has_work(house: House, feed: Feed) -> bool:
    """Whether something of a feed waits that may go on: facts not journalized yet, a day that is over by now, or
    postings for its books. Nobody is asked."""
    with house.database.transaction() as tx:
        return has_open_postings(tx, feed.target.id) or is_behind(tx, house, feed)


def _asked(source: Source, so_far: ReadSoFar) -> Iterator[tuple[Stream, str]]:
    for stream in source.streams:
        if not stream.is_reference:
            for location in so_far.locations if stream.per_location else ("",):
                yield stream, location


def _answers(source: Source, access: Access, order: PullOrder, *, is_optional: bool) -> list[Answer] | None:
    """What a stream answers; None where it goes on and on. A stream that the consent does not reach answers nothing."""
    assert source.pull is not None  # has_news() looked
    try:
        pages = list(islice(source.pull(access, order), MOST_PAGES + 1))
    except NeedsScope:
        if not is_optional:
            raise
        return []
    if len(pages) > MOST_PAGES:
        return None
    return [
        Answer(stream=order.stream, location=order.location, page=page, digest=hashlib.sha256(page.body).hexdigest())
        for page in pages
    ]


def _is_all_known(house: House, connection: Connection, answers: Sequence[Answer], so_far: ReadSoFar) -> bool:
    """Whether all records of some answers are here. If so their pages are kept, by which the next probe knows them at
    a glance, and the positions move on; both are what a pull would have done."""
    full = [each for each in answers if each.page.records or each.page.body]
    moved = [each for each in answers if each.page.position != so_far.positions.get((each.stream, each.location), "")]
    if not full and not moved:
        return True
    with house.database.transaction(of=connection.id) as tx:
        seen = known_pages(tx, connection.id, [(each.stream, each.digest) for each in full]) if full else set()
        fresh = [each for each in full if (each.stream, each.digest) not in seen]
        if not all(_is_known(tx, connection, each) for each in fresh):
            return False
        for each in fresh:
            stored.keep_page(tx, connection.id, each.stream, each.page.body, house.now())
        for each in moved:
            stored.move_cursor(tx, connection.id, each.location, each.stream, each.page.position)
    return True


def _is_known(tx: Transaction, connection: Connection, answer: Answer) -> bool:
    """Whether each record of an answer is here as it is. A page that is a record of its own is not, nor is one whose
    records could not be told apart."""
    records = answer.page.records
    known = known_records(tx, connection.id, answer.stream, [each.source_id for each in records])
    return bool(records) and all(known.get(each.source_id) == hashlib.sha256(each.body).hexdigest() for each in records)
