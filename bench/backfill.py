"""Two years of daily documents into both books: calls and time, against the least that their limits allow.

The station, the clients and the stand-ins are the real ones; only the time is virtual, and each call is on its way for
a part of a second of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import requests

from bench.virtual import VirtualClock
from connector.bootstrap import house as open_house
from connector.domain.document import Document, Line
from connector.domain.keys import canonical, digest
from connector.sandbox.town import Town, open_town
from connector.settings import Settings
from connector.store.budgets import StoredBudget
from connector.store.feeds import Connection, Feed
from connector.store.tables import DocumentRow, LineRow, PeriodRow, PostingRow
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.post import post
from connector.targets.contract import Rendered
from connector.transport.budget import Budget, Limit
from connector.transport.oauth import Grant

DAYS = 730
FIRST = date(2024, 11, 20)
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRAVEL = timedelta(milliseconds=500)  # a call and its answer
GOAL_CALLS = "1.05"
GOAL_TIME = "1.20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the least is computed from: records a call may hold, calls in flight, and so many calls in a window."""

    target: str
    account: str
    a_call: int
    at_once: int
    windows: tuple[tuple[int, timedelta], ...]
    debit: str
    credit: str
    tax_code: str


BOOKS = (
    Books(
        target="quickbooks",
        account="9341452000000001",
        a_call=1,
        at_once=10,
        windows=((10, timedelta(seconds=1)), (500, timedelta(minutes=1))),
        debit="Undeposited Funds",
        credit="Services",
        tax_code="",
    ),
    Books(
        target="xero",
        account="",
        a_call=50,
        at_once=5,
        windows=((60, timedelta(minutes=1)),),
        debit="Inventory",
        credit="Other Revenue",
        tax_code="NONE",
    ),
)


def main() -> None:
    """Prints the figures of both books."""
    for books in BOOKS:
        calls = -(-DAYS // books.a_call)
        least = least_time(calls, books)
        made, took = _backfill(books)
        print(f"{books.target}: {DAYS} daily documents, {TRAVEL.total_seconds()} s a call, virtual time")
        print(f"  calls {made:5} of {calls:6} at least   ratio {made / calls:5.2f}   goal at most {GOAL_CALLS}")
        seconds, ratio = took.total_seconds(), took / least
        print(
            f"  took {seconds:6.1f} of {least.total_seconds():5.1f} s     ratio {ratio:5.2f}   goal at most {GOAL_TIME}"
        )


def least_time(calls: int, books: Books) -> timedelta:
    """How long so many calls take at least: each goes as soon as every window and the calls in flight let it."""
    starts: list[timedelta] = []
    for n in range(calls):
        after = [starts[n - most] + window for most, window in (*books.windows, (books.at_once, TRAVEL)) if n >= most]
        starts.append(max(after, default=timedelta(0)))
    return starts[-1] + TRAVEL


class _Travelling:
    """A budget whose calls are on their way for a while: the wait before one is longer by that."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.taken = 0

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta:
        wait = self._budget.take(limits, now)
        self.taken += 1
        return wait + TRAVEL

    def learn(self, left: Sequence[tuple[Limit, int]], now: datetime) -> None:
        self._budget.learn(left, now)

    def stop(self, limit: Limit, until: datetime) -> None:
        raise SystemExit(f"{limit.name} were exceeded: the books refused a call until {until}")


def _backfill(books: Books) -> tuple[int, timedelta]:
    """The calls made and the time taken, once set-up is done and a quiet hour has passed."""
    clock = VirtualClock(START)
    with tempfile.TemporaryDirectory() as folder, _open(Path(folder), clock) as (town, house, budget):
        feed = _joined(house, town, books)
        _fill(house, feed, books)
        clock.sleep(3600)
        taken, began = budget.taken, clock.now()
        done = post(house, feed.target)
        calls, took = budget.taken - taken, clock.now() - began
        held = requests.get(f"{town.houses[books.target].base_url}/_sandbox/documents", timeout=60).json()
        if (done.posted, len(held)) != (DAYS, DAYS):
            raise SystemExit(f"{books.target} holds {len(held)} documents after {done}")
        return calls, took


@contextmanager
def _open(folder: Path, clock: VirtualClock) -> Iterator[tuple[Town, House, _Travelling]]:
    (folder / "town").mkdir()
    with (
        open_town(folder / "town", clock=clock.now, paced=True) as town,
        open_house(Settings(home=folder / "data", settle_seconds=300), clock.now) as house,
    ):
        budget = _Travelling(StoredBudget(house.database))
        yield town, replace(house, budget=lambda address: budget, sleep=clock.sleep), budget


def _joined(house: House, town: Town, books: Books) -> Feed:
    source = Wanted(organisation="Main Street", provider="amazon")
    address = town.houses[books.target].base_url
    target = Wanted(organisation="Main Street", provider=books.target, base_url=address, account=books.account)
    grant = Grant(access_token=town.personal_token(books.target))
    return join(house, "backfill", connect(house, source, None), connect(house, target, grant), "clearing")


def _fill(house: House, feed: Feed, books: Books) -> None:
    """Two years of planned postings, as the station finds them."""
    opened = house.books(feed.target)
    chart = opened.books()
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    made = {document: opened.render(document, chart) for document in (_document(day, books) for day in days)}
    with house.database.transaction() as tx:
        for document, rendered in made.items():
            period = PeriodRow(feed_id=feed.id, name=document.period)
            tx.add(period)
            tx.flush()
            row = DocumentRow(
                feed_id=feed.id,
                period_id=period.id or 0,
                business_key=document.key,
                mark=document.mark,
                kind=document.kind,
                date=document.date,
                currency=document.currency,
                narration=document.narration,
                source_ref=document.source_ref,
            )
            tx.add(row)
            tx.flush()
            tx.add_all(_lines(row.id or 0, document))
            tx.add_all(_posting(feed.target, row.id or 0, each) for each in rendered)


def _lines(document_id: int, document: Document) -> Iterator[LineRow]:
    for n, line in enumerate(document.lines, 1):
        yield LineRow(
            document_id=document_id,
            n=n,
            role=line.role,
            account=line.account,
            amount_minor=line.amount,
            tax_code=line.tax_code,
        )


def _document(day: date, books: Books) -> Document:
    cents = 40_000 + 7 * day.timetuple().tm_yday
    return Document(
        key=f"square|ML1|L1|adjustment|{day}",
        mark=f"SQ-{day:%Y%m%d}-BENCH2",
        date=day,
        currency="USD",
        kind="adjustment",
        narration="Square · Main St · sales",
        source_ref=str(day),
        lines=(
            Line(role="clearing", account=books.debit, amount=cents, tax_code=books.tax_code),
            Line(role="adjustment", account=books.credit, amount=-cents, tax_code=books.tax_code),
        ),
        period=f"day|L1|{day}|USD",
    )


def _posting(target: Connection, document_id: int, rendered: Rendered) -> PostingRow:
    payload = canonical(rendered.payload)
    hashed = digest(payload)
    return PostingRow(
        document_id=document_id,
        connection_id=target.id,
        part=rendered.part,
        target_kind=rendered.kind,
        day=rendered.day,
        payload=payload,
        digest=hashed,
        key=f"p1{hashed[:40]}",
        mark=rendered.mark,
    )


if __name__ == "__main__":
    main()
