"""Pull: records as received, their facts and the moved cursor, committed together, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.domain.facts import Fact, period_name, sums_by_kind
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.faults import fault_point
from connector.sources.contract import Page, PullOrder, Received, Source, Stream
from connector.store import facts as stored
from connector.store.database import Transaction
from connector.store.feeds import Connection, keep_locations, locations
from connector.store.pages import CHUNK, PageWriter, open_page, page_with
from connector.sync.house import House

MAX_PAGES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull did: calls answered, records seen, and how many of them were new or changed."""

    pages: int = 0
    seen: int = 0
    new: int = 0

    def __add__(self, other: Pulled) -> Pulled:
        return Pulled(pages=self.pages + other.pages, seen=self.seen + other.seen, new=self.new + other.new)


def pull(house: House, connection: Connection, progress: Callable[[str], None] = lambda stream: None) -> Pulled:
    """Reads everything that is new at a source, reference streams first."""
    source = house.source(connection)
    is_for_files = source.file is not None and not house.has_token(connection)
    if source.pull is None or source.translate is None or source.shop is None or is_for_files:
        raise Unreadable(f"{source.title} is pulled from files: connector pull {connection.name} FILE…")
    access = house.access(connection, source.consent)
    if source.identify is not None:
        identity = source.identify(access)
        with house.database.transaction() as tx:
            keep_locations(tx, connection.id, identity.locations)
    whole = Pulled()
    for stream in sorted(source.streams, key=lambda stream: not stream.is_reference):
        for location in _places(house, connection, stream):
            progress(f"{stream.name} {location}".strip())
            whole += _pull_stream(house, connection, stream, location)
    return whole


def pull_file(house: House, connection: Connection, path: Path, zone: str = "") -> Pulled:
    """Takes in one file: its bytes, its record and its fact, in one transaction; the same bytes again are no work.

    Raises Unreadable, with nothing kept, where the file has no structure."""
    source = house.source(connection)
    reader = source.file
    if reader is None:
        raise Unreadable(f"{source.title} is not read from files.")
    try:
        digest = _digest(path)
        with house.database.transaction() as tx:
            if page_with(tx, connection.id, reader.stream, digest) is not None:
                return Pulled(pages=1, seen=1)
            with path.open("rb") as stream:
                fact = reader.read(stream, zone)
            if _is_known(tx, connection, fact, path.name):
                return Pulled(pages=1, seen=1)
            page_id = _kept_file(tx, house, connection, path, digest)
            new = stored.keep_records(tx, connection.id, reader.stream, page_id, [(fact.source_id, digest.encode())])
            for made in new:
                stored.keep_fact(tx, connection.id, made.record_id, fact)
            return Pulled(pages=1, seen=1, new=len(new))
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None
    except Unreadable as error:
        raise Unreadable(str(error).replace("The file ", f"{path.name} ", 1)) from None


def shop_of(tx: Transaction, source: Source, connection: Connection) -> Shop:
    """The shop as its reference streams describe it, with the owner's own closing hours."""
    described = source.shop(_reference_records(tx, source, connection), "") if source.shop else Shop()
    kept = {place.source_id: place for place in locations(tx, connection.id)}
    return Shop(locations={**described.locations, **kept}, categories=described.categories, zone=described.zone)


def _pull_stream(house: House, connection: Connection, stream: Stream, location: str) -> Pulled:
    source = house.source(connection)
    assert source.pull is not None  # pull() looked
    with house.database.transaction() as tx:
        position = stored.position(tx, connection.id, location, stream.name)
        shop = shop_of(tx, source, connection)
    order = PullOrder(stream=stream.name, location=location, position=position, now=house.now())
    whole = Pulled()
    for number, page in enumerate(source.pull(house.access(connection, source.consent), order)):
        if number >= MAX_PAGES:
            raise Unreadable(
                f"{source.title} lists more than {MAX_PAGES} pages of {stream.name}; it was stopped there."
            )
        fault_point("fetch.page_received")
        with house.database.transaction() as tx:
            whole += _keep(tx, house, connection, stream, page, shop)
            stored.move_cursor(tx, connection.id, location, stream.name, page.position)
        fault_point("stage.committed")
    return whole


def _keep(tx: Transaction, house: House, connection: Connection, stream: Stream, page: Page, shop: Shop) -> Pulled:
    if not page.records and not page.body:
        return Pulled(pages=1)
    source = house.source(connection)
    bodies = [(record.source_id, record.body) for record in page.records]
    page_id = stored.keep_page(tx, connection.id, stream.name, page.body, house.now())
    new = stored.keep_records(tx, connection.id, stream.name, page_id, bodies)
    by_id = {record.source_id: record for record in page.records}
    for made in new:
        if not stream.is_reference and source.translate is not None:
            fact = source.translate(by_id[made.source_id], shop)
            if source.file and stream.name == source.file.stream:
                _is_known(tx, connection, fact, "What was pulled")
            stored.keep_fact(tx, connection.id, made.record_id, fact)
    return Pulled(pages=1, seen=len(bodies), new=len(new))


def _is_known(tx: Transaction, connection: Connection, fact: Fact, name: str) -> bool:
    """Whether the same money was taken in before, from another file. One that failed its own identity is replaced;
    one that is sound is never overwritten by different numbers."""
    for known in stored.facts(tx, connection.id, period_name(fact)):
        if known.source_id != fact.source_id or known.problems:
            continue
        if sums_by_kind(known) == sums_by_kind(fact):
            return True
        raise Unreadable(
            f"{name} holds {fact.source_id} again, with other amounts than the file that was taken in before; "
            "nothing was changed. Find out which of the two is right."
        )
    return False


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


def _places(house: House, connection: Connection, stream: Stream) -> Sequence[str]:
    if not stream.per_location:
        return ("",)
    with house.database.transaction() as tx:
        return [place.source_id for place in locations(tx, connection.id)]


def _reference_records(tx: Transaction, source: Source, connection: Connection) -> list[Received]:
    records: list[Received] = []
    for stream in source.streams:
        if stream.is_reference:
            records += _records_of(tx, source, connection, stream.name)
    return records


def _records_of(tx: Transaction, source: Source, connection: Connection, stream: str) -> list[Received]:
    assert source.unpack is not None  # a source that is pulled can unpack its pages
    pages: dict[int, tuple[Received, ...]] = {}
    found = []
    for place in stored.current_records(tx, connection.id, stream):
        if place.page_id not in pages:
            with open_page(tx, place.page_id) as body:
                pages[place.page_id] = source.unpack(stream, body.read())
        found.append(pages[place.page_id][place.ordinal])
    return found


def _digest(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            hashed.update(piece)
    return hashed.hexdigest()
