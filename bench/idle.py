"""What a sync in which nothing is new costs beyond the calls themselves, and whether many merchants cost each the same.

The source answers from memory, so that what is left is all ours: claiming, asking, comparing, moving on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import msgspec
from sqlalchemy import insert, update
from sqlmodel import SQLModel

from connector.bootstrap import house as open_house
from connector.settings import Settings
from connector.sources.contract import Page, PullOrder, Received, Source, Stream
from connector.sources.registry import source as find_source
from connector.store.database import Transaction
from connector.store.feeds import Connection, feed_by_id
from connector.store.tables import (
    ConnectionRow,
    CredentialRow,
    CursorRow,
    FeedRow,
    LocationRow,
    OrganisationRow,
    PageRow,
    ScheduleRow,
)
from connector.sync.house import House
from connector.sync.jobs import Desk, Job
from connector.sync.journalize import standing
from connector.sync.ticker import tick
from connector.transport.access import Access
from connector.transport.oauth import Grant

FEW, MANY = 1_000, 20_000
GOAL_MS, GOAL_RATIO = 1.0, 1.1
BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
STREAMS = ("orders", "payments", "payouts")
ANSWER = Received(stream="orders", source_id="o1", spelled=b'{"id": "o1", "total": 1250}')


def main() -> None:
    """Prints CPU per merchant and per call, for few merchants and for many."""
    few, many = (_per_merchant(count) for count in (FEW, MANY))
    print(f"a sync in which nothing is new, {len(STREAMS)} streams asked, one call each; CPU beyond the calls")
    for count, seconds in ((FEW, few), (MANY, many)):
        print(f"  {count:6,} merchants   {seconds * 1e3:6.2f} ms a merchant    goal at most {GOAL_MS}")
    print(f"  ratio              {many / few:6.2f}                  goal at most {GOAL_RATIO}")


def _per_merchant(count: int) -> float:
    with TemporaryDirectory() as folder, _street(Path(folder), count) as (house, clock):
        started: list[Job] = []
        desk = Desk(enqueue=started.append)
        best = float("inf")
        for _ in range(3):
            clock.now += timedelta(days=1)
            begin, done = process_time(), 0
            while found := tick(house, desk, lanes=1).claimed:
                done += found
            best = min(best, (process_time() - begin) / count)
            if done != count or started:
                raise SystemExit(f"{done} of {count} were asked, and {len(started)} had something to do")
    return best


class _Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


class _Street(House):
    """A house whose every source answers from memory, as a till does in a quiet hour: with what it listed before."""

    def source(self, connection: Connection) -> Source:
        return _SOURCE


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    access.token()
    yield Page(body=ANSWER.body, records=(ANSWER,), position="read")


_SOURCE = replace(find_source("square"), streams=tuple(Stream(name=name) for name in STREAMS), pull=_pull)


@contextmanager
def _street(folder: Path, count: int) -> Iterator[tuple[House, _Clock]]:
    """So many merchants, each with a shop read to its end, books, and a feed that is due every day."""
    clock = _Clock()
    with open_house(Settings(home=folder), clock) as opened:
        house = _Street(**{name: getattr(opened, name) for name in House.__slots__})
        with house.database.transaction() as tx:
            _fill(tx, house, count)
        yield house, clock


def _fill(tx: Transaction, house: House, count: int) -> None:
    """Rows as connecting, pulling and journalizing leave them: merchant n has source 2n - 1 and books 2n."""
    merchants = range(1, count + 1)
    _add(tx, OrganisationRow, ({"id": n, "name": f"merchant {n}"} for n in merchants))
    for side, offset, provider in (("source", 1, "square"), ("target", 0, "xero")):
        _add(tx, ConnectionRow, (
            {"id": 2 * n - offset, "organisation_id": n, "name": f"{side} {n}", "side": side, "provider": provider,
             "external_id": str(n)}
            for n in merchants
        ))  # fmt: skip
    grant = msgspec.json.encode(Grant(access_token="secret"))
    sealed = {n: house.vault.seal(grant, f"credential:{2 * n - 1}") for n in merchants}
    _add(tx, CredentialRow, ({"connection_id": 2 * n - 1, "sealed": sealed[n]} for n in merchants))
    _add(tx, LocationRow, (
        {"connection_id": 2 * n - 1, "source_id": "L1", "name": "Main St", "zone": "America/New_York", "closes_at": 0}
        for n in merchants
    ))  # fmt: skip
    _add(tx, CursorRow, (
        {"connection_id": 2 * n - 1, "location": "", "stream": stream, "position": "read"}
        for n in merchants
        for stream in STREAMS
    ))  # fmt: skip
    digest = hashlib.sha256(ANSWER.body).hexdigest()
    _add(tx, PageRow, (
        {"connection_id": 2 * n - 1, "stream": stream, "fetched_at": BEGIN, "sha256": digest}
        for n in merchants
        for stream in STREAMS
    ))  # fmt: skip
    _add(tx, FeedRow, (
        {"id": n, "name": f"feed {n}", "organisation_id": n, "source_connection_id": 2 * n - 1,
         "target_connection_id": 2 * n}
        for n in merchants
    ))  # fmt: skip
    state = standing(tx, house, feed_by_id(tx, 1), 0)  # of them all: nothing was journalized, nothing is there
    tx.connection().execute(update(FeedRow).values(journalized=state))
    _add(tx, ScheduleRow, (
        {"feed_id": n, "zone": "America/New_York", "gap_seconds": 90_000, "next_run_at": BEGIN, "enabled_at": BEGIN}
        for n in merchants
    ))  # fmt: skip


def _add(tx: Transaction, table: type[SQLModel], rows: Iterable[dict[str, object]]) -> None:
    tx.connection().execute(insert(table), list(rows))
