"""What a pull does: the marketplaces once a day, the new settlement reports, each as its own bytes, and what Amazon
holds back."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from connector.domain.facts import Fact
from connector.errors import Broken, NeedsReconnect, NeedsScope, Unreadable
from connector.sources.amazon.answers import (
    DEFERRED,
    RELEASED,
    Named,
    Participation,
    Report,
    Transaction,
    read,
    written,
)
from connector.sources.amazon.client import Api, calling
from connector.sources.amazon.files import STREAM as SETTLEMENTS
from connector.sources.amazon.files import read as read_report
from connector.sources.amazon.marketplaces import places
from connector.sources.amazon.positions import MarketplacesRead, ReportsRead, TransactionsRead, opened
from connector.sources.contract import Identity, Page, PullOrder, Received
from connector.sources.spoilt import spoilt
from connector.transport.access import Access

MARKETPLACES, TRANSACTIONS = "marketplaces", "transactions"
WINDOW = timedelta(days=179)  # Amazon answers nothing at all for more than 180
BEHIND = timedelta(minutes=3)  # and nothing that is younger than two minutes


def identify(access: Access) -> Identity:
    """The seller, as the connection names it, and the marketplaces; these only where the application may read them.

    Raises Unreadable where nobody said who the seller is: Amazon does not tell."""
    if not access.external_id:
        raise Unreadable("Amazon does not tell whose account this is: say the seller id with --account ID.")
    with calling(access) as api:
        try:
            found = api.marketplaces()
        except NeedsReconnect:
            next(api.reports(access.now()), None)  # another role; without this one nothing can be pulled
            found = ()
    name = next((each.store_name for each in found if each.store_name), access.external_id)
    return Identity(external_id=access.external_id, name=name, locations=places(found))


def pull(access: Access, order: PullOrder, sleep: Callable[[float], None] = time.sleep) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is."""
    streams = {MARKETPLACES: _pull_marketplaces, SETTLEMENTS: _pull_settlements, TRANSACTIONS: _pull_transactions}
    if order.stream not in streams:
        raise Broken(f"Amazon has no stream {order.stream!r}")
    with calling(access, sleep) as api:
        yield from streams[order.stream](api, order)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page: of settlements the report itself, to the byte."""
    if stream == SETTLEMENTS:
        return (_settlement(read_report(io.BytesIO(body), ""), body),)
    if stream == MARKETPLACES:
        return tuple(_marketplace(each) for each in read(body, tuple[Participation, ...]))
    return tuple(_again(each) for each in read(body, tuple[msgspec.Raw, ...]))


def _pull_marketplaces(api: Api, order: PullOrder) -> Iterator[Page]:
    """The marketplaces, once a day; none where the application has no role to read them: it is connected without."""
    if not MarketplacesRead.of(order.position).is_due(order.now):
        return
    try:
        found = api.marketplaces()
    except NeedsScope:
        found = ()
    position = MarketplacesRead(read_at=order.now).text
    yield Page(body=written(found), records=tuple(_marketplace(each) for each in found), position=position)


def _marketplace(found: Participation) -> Received:
    return Received(stream=MARKETPLACES, source_id=found.marketplace.name, spelled=written(found))


def _pull_settlements(api: Api, order: PullOrder) -> Iterator[Page]:
    """Each report once, oldest first, its bytes as a page. The page has no record where the settlement came before,
    under another report id, and where the bytes cannot be read: whoever keeps them reads them again and says so.

    A report whose bytes Amazon does not give stops no other; it is told at the end, and asked for by the next pull."""
    position = ReportsRead.of(order.position)
    listed = sorted(api.reports(position.begin(order.now)), key=lambda each: (each.created_time, each.report_id))
    waiting = [report for report in listed if report.report_id not in position.taken]
    missing: dict[Report, str] = {}
    for number, report in enumerate(waiting, start=1):
        try:
            body = api.document(report)
        except Unreadable as error:
            missing[report] = str(error)
            continue
        fact = _fact_in(body)
        records = (_settlement(fact, body),) if fact and not position.money_of(fact.source_id) else ()
        position = position.after(report, fact, [*missing, *waiting[number:]])
        yield Page(body=body, records=records, position=position.text)
    if missing:
        raise Unreadable(" ".join(missing.values()))


def _settlement(fact: Fact, body: bytes) -> Received:
    return Received(stream=SETTLEMENTS, source_id=fact.source_id, spelled=body)


def _fact_in(body: bytes) -> Fact | None:
    try:
        return read_report(io.BytesIO(body), "")
    except Unreadable:
        return None


def _pull_transactions(api: Api, order: PullOrder) -> Iterator[Page]:
    """What is held back since the last pull; once a day all of it, for a release, and a transaction that Amazon lists
    late, show only then."""
    position = TransactionsRead.of(order.position)
    if position.is_due(order.now):
        yield from _all_held(api, order, position)
    elif position.read_to < order.now - BEHIND:
        yield from _held_since(api, order, position)


def _held_since(api: Api, order: PullOrder, position: TransactionsRead) -> Iterator[Page]:
    before, new = order.now - BEHIND, dict[str, datetime]()
    for found in _listed(api, DEFERRED, position.read_to, before):
        new |= _opened(found)
        yield from _kept(found, order.position)
    if new:
        yield _moved(msgspec.structs.replace(position, open=position.open | new, read_to=before))


def _all_held(api: Api, order: PullOrder, position: TransactionsRead) -> Iterator[Page]:
    """All that is held back now, and what has been released of that which was held at the last pull."""
    before, after = order.now - BEHIND, order.now - WINDOW
    held: dict[str, datetime] = {}
    for found in _listed(api, DEFERRED, after, before):
        held |= _opened(found)
        yield from _kept(found, order.position)
    gone = {name: posted for name, posted in position.open.items() if name not in held and posted >= after}
    if gone:
        for found in _listed(api, RELEASED, min(gone.values()), before):
            ours = [each for each in found if each.source_id in gone]
            gone = {name: posted for name, posted in gone.items() if name not in _opened(ours)}
            yield from _kept(ours, order.position)
    yield _moved(TransactionsRead(open=held | gone, swept_at=order.now, read_to=before))


def _moved(position: TransactionsRead) -> Page:
    return Page(body=b"", records=(), position=position.text)


def _listed(api: Api, status: str, after: datetime, before: datetime) -> Iterator[list[Received]]:
    for found in api.transactions(status, after, before):
        yield [_received(each) for each in found]


def _opened(found: Sequence[Received]) -> dict[str, datetime]:
    return opened(each.record for each in found if isinstance(each.record, Transaction))


def _kept(found: Sequence[Received], position: str) -> Iterator[Page]:
    """A page of the transactions as they are kept; none of none. The position moves when all of them are in."""
    if found:
        body = b"[%s]" % b",".join(record.body for record in found)
        yield Page(body=body, records=tuple(found), position=position)


def _received(raw: msgspec.Raw) -> Received:
    """A transaction as it is kept; of one that cannot be read, what names it and when it was."""
    try:
        found = read(raw, Transaction)
    except Broken as error:
        return spoilt(TRANSACTIONS, raw, ("transactionId",), error)
    return Received(stream=TRANSACTIONS, source_id=found.transaction_id, spelled=written(found), record=found)


def _again(raw: msgspec.Raw) -> Received:
    """A record of a kept page, to the byte."""
    name = read(raw, Named).transaction_id
    return Received(stream=TRANSACTIONS, source_id=name, spelled=bytes(raw))
