"""What a pull does: the new settlement reports, each as its own bytes, and the transactions that Amazon holds back."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from connector.domain.facts import Fact
from connector.domain.shop import Location
from connector.errors import Broken, NeedsReconnect, Unreadable
from connector.sources.amazon.answers import Participation, Report, Transaction, read, written
from connector.sources.amazon.client import Api, calling
from connector.sources.amazon.files import STREAM as SETTLEMENTS
from connector.sources.amazon.files import read as read_report
from connector.sources.amazon.marketplaces import is_site, site_of
from connector.sources.amazon.positions import ReportsRead, TransactionsRead, opened
from connector.sources.contract import Identity, Page, PullOrder, Received
from connector.transport.access import Access

TRANSACTIONS = "transactions"
WINDOW = timedelta(days=179)  # Amazon answers nothing at all for more than 180
BEHIND = timedelta(minutes=3)  # and nothing that is younger than two minutes
DEFERRED, RELEASED = "DEFERRED", "DEFERRED_RELEASED"


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
    return Identity(external_id=access.external_id, name=name, locations=_places(found))


def pull(access: Access, order: PullOrder, sleep: Callable[[float], None] = time.sleep) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is."""
    streams = {SETTLEMENTS: _pull_settlements, TRANSACTIONS: _pull_transactions}
    if order.stream not in streams:
        raise Broken(f"Amazon has no stream {order.stream!r}")
    with calling(access, sleep) as api:
        yield from streams[order.stream](api, order)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page: of settlements the report itself, to the byte."""
    if stream == SETTLEMENTS:
        return (_settlement(read_report(io.BytesIO(body), ""), body),)
    return tuple(_received(each) for each in read(body, tuple[Transaction, ...]))


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
    """All that is held back now, and what has been released of that which was held at the last pull."""
    before, after = order.now - BEHIND, order.now - WINDOW
    position = TransactionsRead.of(order.position)
    held: dict[str, datetime] = {}
    for found in api.transactions(DEFERRED, after, before):
        held |= opened(found)
        yield from _kept(found, order.position)
    gone = {name: posted for name, posted in position.open.items() if name not in held and posted >= after}
    if gone:
        for found in api.transactions(RELEASED, min(gone.values()), before):
            ours = [each for each in found if each.transaction_id in gone]
            gone = {name: posted for name, posted in gone.items() if name not in opened(ours)}
            yield from _kept(ours, order.position)
    now_open = TransactionsRead(open=held | gone)
    if now_open != position:
        yield Page(body=b"", records=(), position=now_open.text)


def _kept(found: Sequence[Transaction], position: str) -> Iterator[Page]:
    """A page of the transactions as they are kept; none of none. The position moves when all of them are in."""
    if found:
        records = tuple(_received(each) for each in found)
        yield Page(body=b"[%s]" % b",".join(record.body for record in records), records=records, position=position)


def _received(transaction: Transaction) -> Received:
    return Received(stream=TRANSACTIONS, source_id=transaction.transaction_id, spelled=written(transaction))


def _places(found: Sequence[Participation]) -> tuple[Location, ...]:
    """The Amazon sites among the marketplaces, by the name that settlements have them under."""
    sites = [
        site_of([each.marketplace.name], each.marketplace.default_currency_code)
        for each in found
        if is_site(each.marketplace.name)
    ]
    return tuple(
        Location(source_id=site.title, name=site.title, zone=site.zone, currency=site.currency) for site in sites
    )
