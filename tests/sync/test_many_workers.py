"""Three workers on one PostgreSQL share many merchants; two of them die, and every document is in the books once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from connector.sandbox.serving import serve
from connector.sandbox.town import Town
from connector.settings import Settings
from connector.store.account_maps import keep_map
from connector.store.credentials import keep_grant
from connector.store.feeds import NewConnection, Side, add_feed, keep_connection, set_choice
from connector.store.jobs_database import open_jobs
from connector.store.ledger import unconserved
from connector.store.runs import runs
from connector.sync.accounts import open_accounts
from connector.sync.engine import Engine
from connector.sync.house import House
from connector.sync.jobs import Job
from connector.sync.pull import pull
from connector.sync.worker import desk_of
from connector.transport.oauth import Grant
from tests.opened import house as open_house
from tests.sync.walking import MAP, NOW, REALM, balances_in, documents_in, town

MERCHANTS = int(os.environ.get("MERCHANTS", "16"))  # MERCHANTS=200 takes minutes
DOCUMENTS, IN_BALANCE = 6, 47810  # what one merchant's weekend becomes
PATIENCE = 900.0


def test_three_workers_share_many_merchants_and_two_that_are_killed_leave_nothing_undone_or_doubled(
    postgresql: str, tmp_path: Path
) -> None:
    with ExitStack() as open_until_the_end:
        shops = open_until_the_end.enter_context(town(tmp_path))
        clock = open_until_the_end.enter_context(serve(standing_clock()))
        settings = Settings(home=tmp_path / "data", database=postgresql, settle_seconds=0)
        opened = open_until_the_end.enter_context(open_house(settings, lambda: NOW))
        jobs = [merchant(opened, shops, number) for number in range(MERCHANTS)]
        engine = Engine(open_jobs(postgresql, tmp_path))
        open_until_the_end.callback(engine.close)
        desk = desk_of(engine)
        for job in jobs:
            desk.enqueue(job)
        environment = environment_of(settings, shops, clock.base_url)
        started = [open_until_the_end.enter_context(worker(environment)) for _ in range(3)]
        until(lambda: len(documents_in(shops.quickbooks.base_url)) > MERCHANTS)
        for doomed in started[:2]:
            doomed.kill()
        until(lambda: len(done(opened)) == MERCHANTS and engine.stats(10) == NOTHING_OPEN)
        assert started[2].poll() is None
        check_books(opened, shops)


NOTHING_OPEN = {"pull": {"waiting": 0, "running": 0}, "books": {"waiting": 0, "running": 0}}


def check_books(opened: House, shops: Town) -> None:
    """Every merchant's weekend is there, whole and once."""
    written = documents_in(shops.quickbooks.base_url)
    marks = Counter(mark for _, mark, _ in written)
    assert [mark for mark, times in marks.items() if times > 1] == []
    totals = Counter((kind, total) for kind, _, total in written)
    assert len(written) == MERCHANTS * DOCUMENTS and {times % MERCHANTS for times in totals.values()} == {0}
    assert balances_in(shops.quickbooks.base_url)["Square Balance"] == MERCHANTS * IN_BALANCE
    with opened.database.transaction() as tx:
        assert [number for number in range(1, MERCHANTS + 1) if unconserved(tx, number)] == []


def done(opened: House) -> list[str]:
    with opened.database.transaction() as tx:
        return [each.job_id for each in runs(tx, states=("good", "held"), limit=MERCHANTS + 1)]


def merchant(opened: House, shops: Town, number: int) -> Job:
    """An organisation with a shop of its own, the same weekend in each, and books beside the others' in one company.
    The first opens the accounts that all of them need."""
    with opened.database.transaction() as tx:
        ends = {side: keep_connection(tx, new(shops, side, number)) for side in ("source", "target")}
        for connection in ends.values():
            token = shops.personal_token("square" if connection.side == "source" else "quickbooks")
            keep_grant(tx, opened.vault, connection.id, Grant(access_token=token), NOW)
        feed = add_feed(tx, name=f"shop {number}", source=ends["source"], target=ends["target"], style="clearing")
        keep_map(tx, feed.id, MAP)
        set_choice(tx, feed.id, "deposits", "bank feed")  # of equal deposits in one bank, only one would be ours
    if number == 0:
        pull(opened, ends["source"])
        open_accounts(opened, feed)
    return Job(
        kind="sync",
        slot="2026-11-21",
        source_connection_id=feed.source.id,
        target_connection_id=feed.target.id,
        feed_id=feed.id,
    )


def new(shops: Town, side: Side, number: int) -> NewConnection:
    is_source = side == "source"
    return NewConnection(
        organisation=f"Merchant {number}",
        name=f"{side} {number}",
        side=side,
        provider="square" if is_source else "quickbooks",
        external_id=f"SHOP{number}" if is_source else REALM,
        base_url=(shops.square if is_source else shops.quickbooks).base_url,
        country="US",
        currency="USD",
    )


def environment_of(settings: Settings, shops: Town, clock: str) -> dict[str, str]:
    """The workers' own: the same database and folder, the stand-ins' clock, every provider on this machine."""
    known = {"square": shops.square.base_url, "quickbooks": shops.quickbooks.base_url, "xero": shops.xero.base_url}
    others = ("amazon", "dash", "lightspeed", "lightspeed_x", "loyverse")
    addresses = {**dict.fromkeys(others, "http://127.0.0.1:9"), **known}
    return {
        **os.environ,
        "CONNECTOR_HOME": str(settings.home),
        "CONNECTOR_DATABASE": settings.database,
        "CONNECTOR_SETTLE_SECONDS": "0",
        "CONNECTOR_TEST_CLOCK": clock,
        **{f"CONNECTOR_URL_{name.upper()}": address for name, address in addresses.items()},
    }


def standing_clock() -> Starlette:
    """A clock that stands at the end of the weekend."""
    return Starlette(routes=[Route("/", lambda request: PlainTextResponse(NOW.isoformat()))])


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "connector", "worker", "--slots", "2", "--drain", "5"]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.5)
