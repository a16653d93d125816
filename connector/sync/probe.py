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
from connector.store.looks import Known, Read, remember_answer
from connector.store.probes import has_open_postings, known_pages, known_records
from connector.sync.house import House
from connector.sync.journalize import is_behind
from connector.transport.access import Access
from connector.transport.oauth import Grant

MOST_PAGES = 5  # of one stream; a longer answer is read by a pull


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a stream answered in a place, and the digest of all of its bytes."""

    stream: str
    location: str
    pages: tuple[Page, ...]
    digest: str

    def is_as_before(self, read: Read) -> bool:
        return self.digest == read.answer and all(page.position == read.position for page in self.pages[-1:])


def has_news(house: House, known: Known, grant: Grant | None) -> bool:
    """Asks a source whether it has anything that is not here yet; raises what a pull raises.

    The first stream that may have news ends it, for a pull reads them all. Streams that only describe the shop are not
    asked. A source that is read from files never has news by itself. `grant` is its grant, where one is good."""
    connection = known.connection
    source = house.source(connection)
    if source.pull is None or (source.reads_files and grant is None and not house.has_token(connection)):
        return False
    if not known.reads:
        return True
    access, fresh = house.access(connection, source.consent, grant), list[Answer]()
    for stream, location in _asked(source, known):
        read = known.reads.get((stream.name, location), Read())
        order = PullOrder(stream=stream.name, location=location, position=read.position, now=house.now())
        answer = _answer(source, access, order, is_optional=stream.is_optional)
        if answer is None:
            return True
        if not answer.is_as_before(read):
            fresh.append(answer)
    return bool(fresh) and not _is_all_known(house, connection, fresh)


def has_work(house: House, feed: Feed) -> bool:
    """Whether something of a feed waits that may go on: facts not journalized yet, a day that is over by now, or
    postings for its books. Nobody is asked."""
    with house.database.transaction() as tx:
        return has_open_postings(tx, feed.target.id) or is_behind(tx, house, feed)


def _asked(source: Source, known: Known) -> Iterator[tuple[Stream, str]]:
    for stream in source.streams:
        if not stream.is_reference:
            for location in known.locations if stream.per_location else ("",):
                yield stream, location


def _answer(source: Source, access: Access, order: PullOrder, *, is_optional: bool) -> Answer | None:
    """What a stream answers; None where it goes on and on. A stream that the consent does not reach answers nothing."""
    assert source.pull is not None  # has_news() looked
    try:
        pages = tuple(islice(source.pull(access, order), MOST_PAGES + 1))
    except NeedsScope:
        if not is_optional:
            raise
        pages = ()
    if len(pages) > MOST_PAGES:
        return None
    return Answer(stream=order.stream, location=order.location, pages=pages, digest=_digest(pages))


def _is_all_known(house: House, connection: Connection, answers: Sequence[Answer]) -> bool:
    """Whether all records of some answers are here. If so they are known at a glance from now on, their pages are kept
    and the positions move on, as a pull would have done."""
    with house.database.transaction(of=connection.id) as tx:
        if not all(_is_known(tx, connection, each) for each in answers):
            return False
        for each in answers:
            for page in each.pages:
                if page.records or page.body:
                    stored.keep_page(tx, connection.id, each.stream, page.body, house.now())
                stored.move_cursor(tx, connection.id, each.location, each.stream, page.position)
            remember_answer(tx, connection.id, (each.stream, each.location), each.digest)
    return True


def _is_known(tx: Transaction, connection: Connection, answer: Answer) -> bool:
    """Whether each record of an answer is here as it is. A page that is a record of its own is not, nor is one whose
    records could not be told apart."""
    full = [page for page in answer.pages if page.records or page.body]
    digests = [(answer.stream, hashlib.sha256(page.body).hexdigest()) for page in full]
    seen = known_pages(tx, connection.id, digests) if full else set()
    fresh = [page for page, digest in zip(full, digests, strict=True) if digest not in seen]
    records = [record for page in fresh for record in page.records]
    known = known_records(tx, connection.id, answer.stream, [each.source_id for each in records])
    return all(page.records for page in fresh) and all(
        known.get(each.source_id) == hashlib.sha256(each.body).hexdigest() for each in records
    )


def _digest(pages: Sequence[Page]) -> str:
    """The digest of an answer; empty where nothing came."""
    bodies = [page.body for page in pages if page.body]
    return hashlib.sha256(b"".join(hashlib.sha256(body).digest() for body in bodies)).hexdigest() if bodies else ""
