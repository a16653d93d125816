"""Pull: records as received, their facts and the moved cursor, committed together, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import msgspec

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.shop import Shop
from connector.errors import Broken, NeedsScope, Unreadable
from connector.faults import fault_point
from connector.sources.contract import Page, PullOrder, Received, Source, Stream
from connector.store import facts as stored
from connector.store.backfills import first_day
from connector.store.connection_findings import SCOPE, keep_connection_findings
from connector.store.database import Transaction
from connector.store.feeds import Connection, keep_locations, locations
from connector.store.pages import CHUNK, PageWriter, page_with, pages_without_record
from connector.store.probes import newest_map
from connector.store.schedules import mark_read
from connector.sync.house import House
from connector.sync.reports import digest_of, is_known, keep_report, read_archive
from connector.sync.shops import seen_shop, shop_of
from connector.sync.unread import held_fact

MAX_PAGES = 10_000
MARGIN = timedelta(days=1)  # a shop's day begins earlier than that of UTC, or later


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull did: calls answered, records seen, and how many of them were new or changed."""

    pages: int = 0
    seen: int = 0
    new: int = 0

    def __add__(self, other: Pulled) -> Pulled:
        return Pulled(pages=self.pages + other.pages, seen=self.seen + other.seen, new=self.new + other.new)


Described = tuple[Shop, int]
"""A shop, and the newest map by which its products were told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where the reading of a stream begins, who remembers, with each page that is kept, how far it got, and the shop as
    it was described with the newest map of then (None: it is looked up)."""

    begin: str
    move: Callable[[Transaction, Page, Pulled], None]
    shop: Described | None = None


def pull(house: House, connection: Connection, progress: Callable[[str], None] = lambda stream: None) -> Pulled:
    """Reads everything that is new at a source, reference streams first.

    An optional stream that the consent does not reach stops nothing else: it becomes a finding."""
    source = house.source(connection)
    if source.pull is None or source.translate is None or source.shop is None or comes_by_files(house, connection):
        raise Unreadable(f"{source.title} is pulled from files: connector pull {connection.name} FILE…")
    whole, unseen, shop = Pulled(), [], None
    for stream in sorted(source.streams, key=lambda stream: not stream.is_reference):
        if shop is None and not stream.is_reference:  # what describes the shop is read by now
            shop = _seen(house, connection)
        try:
            for location in places_of(house, connection, stream):
                progress(f"{stream.name} {location}".strip())
                whole += _pull_stream(house, connection, stream, location, shop)
        except NeedsScope as lacking:
            if not stream.is_optional:
                raise
            unseen.append(_unseen(connection, stream, lacking))
    with house.database.transaction(of=connection.id) as tx:
        keep_connection_findings(tx, connection.id, SCOPE, unseen, house.now())
        mark_read(tx, connection.id, house.now())
    return whole + Pulled(new=read_archive(house, connection))


def reference(house: House, connection: Connection) -> None:
    """Reads what describes the shop: its places, and the streams that hold no money."""
    _read_places(house, connection)
    for stream in house.source(connection).streams:
        if stream.is_reference:
            for location in places_of(house, connection, stream):
                _pull_stream(house, connection, stream, location)


def _read_places(house: House, connection: Connection) -> None:
    source = house.source(connection)
    if source.identify is not None:
        identity = source.identify(house.access(connection, source.consent))
        with house.database.transaction() as tx:
            keep_locations(tx, connection.id, identity.locations)


def comes_by_files(house: House, connection: Connection) -> bool:
    """Whether a source is not asked but given files."""
    source = house.source(connection)
    return source.pull is None or (source.reads_files and not house.has_token(connection))


def pull_file(house: House, connection: Connection, path: Path, zone: str = "") -> Pulled:
    """Takes in one file: its bytes, its records and their facts, in one transaction; the same bytes again are no work.

    Raises Unreadable, with nothing kept, where the file has no structure."""
    source = house.source(connection)
    if not source.reads_files:
        raise Unreadable(f"{source.title} is not read from files.")
    take = _pull_report if source.file is not None else _pull_pages
    try:
        return take(house, connection, path, zone)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None
    except Unreadable as error:
        raise Unreadable(str(error).replace("The file ", f"{path.name} ", 1)) from None


def _pull_report(house: House, connection: Connection, path: Path, zone: str) -> Pulled:
    """A file that is one record."""
    reader = house.source(connection).file
    assert reader is not None  # pull_file looked
    with path.open("rb") as stream:
        digest = digest_of(stream.read)
    with house.database.transaction(of=connection.id) as tx:
        page_id = page_with(tx, connection.id, reader.stream, digest)
        waiting = {waiting for waiting, _ in pages_without_record(tx, connection.id, reader.stream)}
        if page_id is not None and page_id not in waiting:
            return Pulled(pages=1, seen=1)
        with path.open("rb") as stream:
            fact = reader.read(stream, zone)
        if is_known(tx, connection, fact, path.name):
            return Pulled(pages=1, seen=1)
        page_id = page_id or _kept_file(tx, house, connection, path, digest)
        return Pulled(pages=1, seen=1, new=keep_report(tx, connection, page_id, fact, digest))


def _pull_pages(house: House, connection: Connection, path: Path, zone: str) -> Pulled:
    """A file of many records, as the pages that a pull would have brought. Such records have their own zone."""
    source, whole = house.source(connection), Pulled()
    assert source.file_pages is not None  # pull_file looked
    streams = {stream.name: stream for stream in source.streams}
    with house.database.transaction(of=connection.id) as tx, path.open("rb") as opened:
        for found in source.file_pages(opened, partial(_position, tx, connection)):
            shop = shop_of(tx, source, connection)
            whole += _keep(tx, house, connection, streams[found.stream], found.page, shop)
            stored.move_cursor(tx, connection.id, found.location, found.stream, found.page.position)
        keep_locations(tx, connection.id, tuple(shop_of(tx, source, connection).locations.values()))
    return whole


def _position(tx: Transaction, connection: Connection, stream: str, location: str) -> str:
    return stored.position(tx, connection.id, location, stream)


def _unseen(connection: Connection, stream: Stream, lacking: NeedsScope) -> Finding:
    return Finding(
        code=SCOPE,
        subject=stream.name,
        severity="warning",
        message=f"{connection.name}: {stream.unseen} {lacking}",
        fix=f"connector connect {connection.provider} --name {connection.name}",
    )


def _pull_stream(
    house: House, connection: Connection, stream: Stream, location: str, shop: Described | None = None
) -> Pulled:
    with house.database.transaction() as tx:
        position = stored.position(tx, connection.id, location, stream.name)
        begins = None if position or stream.is_reference else first_day(tx, connection.id)
        moves = count(stored.cursor_moves(tx, connection.id, location, stream.name))

    def move(tx: Transaction, page: Page, kept: Pulled) -> None:
        stored.move_cursor(tx, connection.id, location, stream.name, page.position, next(moves))

    reading = Reading(begin=begin_at(begins) if begins else position, move=move, shop=shop)
    return read_stream(house, connection, stream, location, reading)


def _seen(house: House, connection: Connection) -> Described:
    """What describes the shop; who the connection speaks for is asked only where a place is told otherwise than it is
    known."""
    with house.database.transaction() as tx:
        shop, is_other = seen_shop(tx, house.source(connection), connection)
        decided = newest_map(tx, connection.id)
    if not is_other:
        return shop, decided
    _read_places(house, connection)
    return _described(house, connection)


def _described(house: House, connection: Connection) -> Described:
    with house.database.transaction() as tx:
        return shop_of(tx, house.source(connection), connection), newest_map(tx, connection.id)


def read_stream(house: House, connection: Connection, stream: Stream, location: str, reading: Reading) -> Pulled:
    """Reads a stream of a place from a position to its end; each page is kept together with how far it reaches."""
    source = house.source(connection)
    assert source.pull is not None  # pull() looked
    shop, decided = reading.shop or _described(house, connection)
    order = PullOrder(stream=stream.name, location=location, position=reading.begin, now=house.now())
    whole = Pulled()
    for number, page in enumerate(source.pull(house.access(connection, source.consent), order)):
        if number >= MAX_PAGES:
            raise Unreadable(
                f"{source.title} lists more than {MAX_PAGES} pages of {stream.name}; it was stopped there."
            )
        fault_point("fetch.page_received")
        with house.database.transaction(of=connection.id) as tx:
            if decided != (now_decided := newest_map(tx, connection.id)):  # a product may be told apart by now
                shop, decided = shop_of(tx, source, connection), now_decided
            kept = _keep(tx, house, connection, stream, page, shop)
            reading.move(tx, page, kept)
        whole += kept
        fault_point("stage.committed")
    return whole


def begin_at(day: date) -> str:
    """The position of a stream of which nothing before a day is wanted, as every source understands it."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - MARGIN
    return msgspec.json.encode({"since": begin}).decode()


def _keep(tx: Transaction, house: House, connection: Connection, stream: Stream, page: Page, shop: Shop) -> Pulled:
    if not page.records and not page.body:
        return Pulled(pages=1)
    source = house.source(connection)
    if source.file and stream.name == source.file.stream:
        page_id = stored.keep_page(tx, connection.id, stream.name, page.body, house.now())
        return _keep_reports(tx, connection, source, page_id, page, shop)
    bodies = [(record.source_id, record.body) for record in page.records]
    new = stored.keep_answer(tx, connection.id, stream.name, page.body, bodies, house.now())
    by_id = {record.source_id: record for record in page.records}
    for made in new:
        if not stream.is_reference and source.translate is not None:
            record = by_id[made.source_id]
            fact = _translated(source, record, shop, house.now())
            stored.keep_fact(tx, connection.id, made.record_id, fact)
    return Pulled(pages=1, seen=len(bodies), new=len(new))


def _translated(source: Source, record: Received, shop: Shop, now: datetime) -> Fact:
    assert source.translate is not None  # pull() looked
    if record.spoilt:
        return held_fact(record, shop, record.spoilt, now)
    try:
        return source.translate(record, shop)
    except Broken as error:
        return held_fact(record, shop, str(error), now)


def _keep_reports(
    tx: Transaction, connection: Connection, source: Source, page_id: int, page: Page, shop: Shop
) -> Pulled:
    """A report that contradicts one taken in before stays in the archive; its sentence comes when that is read."""
    new = 0
    for record in page.records:
        assert source.translate is not None  # pull() looked
        fact = source.translate(record, shop)
        with suppress(Unreadable):
            if not is_known(tx, connection, fact, "What was pulled"):
                new += keep_report(tx, connection, page_id, fact, hashlib.sha256(record.body).hexdigest())
    return Pulled(pages=1, seen=len(page.records), new=new)


def _kept_file(tx: Transaction, house: House, connection: Connection, path: Path, digest: str) -> int:
    reader = house.source(connection).file
    assert reader is not None  # pull_file looked
    writer = PageWriter(tx, connection.id, reader.stream, house.now())
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            writer.write(piece)
    page_id, kept = writer.close()
    if kept != digest:
        raise Unreadable(f"{path.name} changed while it was read; give it again when it is complete.")
    return page_id


def places_of(house: House, connection: Connection, stream: Stream) -> Sequence[str]:
    """The places of which a stream is asked; of one that is not asked place by place, the whole shop."""
    if not stream.per_location:
        return ("",)
    with house.database.transaction() as tx:
        return [place.source_id for place in locations(tx, connection.id)]
