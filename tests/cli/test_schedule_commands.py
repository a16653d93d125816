"""When feeds run, what ran, and what is missing, as typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import Sale
from connector.domain.shop import Location
from connector.settings import Settings
from connector.store.feeds import add_feed, keep_connection, keep_locations
from connector.store.feeds import feed as find
from connector.store.runs import Ended, NewRun, Stage, add_stage, begin_run, end_run
from connector.sync.house import House
from tests.cli.running import done, run
from tests.opened import house as open_house
from tests.store.given import empty, new
from tests.sync.test_calendar import came, fact

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one feed, from a shop in New York into books."""
    (tmp_path / "connector.db").write_bytes(empty())
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path))
    with house(tmp_path) as opened, opened.database.transaction() as tx:
        source, target = keep_connection(tx, new("square", "source")), keep_connection(tx, new("xero", "target"))
        keep_locations(tx, source.id, [Location(source_id="L1", name="Main St", zone="America/New_York", closes_at=2)])
        add_feed(tx, name="shop", source=source, target=target, style="clearing")
    return tmp_path


@contextmanager
def house(home: Path) -> Iterator[House]:
    with open_house(Settings(home=home), lambda: NOW) as opened:
        yield opened


def test_a_feed_runs_by_itself_once_it_is_told_to_and_says_when() -> None:
    assert done("schedule", "show").out == "No feed runs by itself yet: connector schedule set FEED.\n"
    said = done("schedule", "set", "shop").out.splitlines()
    assert said[0] == "shop runs daily at 06:00 America/New_York, when yesterday is over and quiet."
    assert said[1].startswith("  next 20")
    assert done("schedule", "set", "shop", "--hour", "7").out.startswith("shop runs daily at 07:00 America/New_York.")
    changed = done("schedule", "set", "shop", "--cron", "0 9 * * 1-5", "--zone", "Europe/Berlin").out
    assert changed.startswith("shop runs cron 0 9 * * 1-5 Europe/Berlin.")
    assert done("schedule", "set", "shop", "--kind", "closure", "--start", "2026-01-01").out.startswith(
        "shop runs when a register is closed (looked for every hour), from 2026-01-01 on."
    )
    (shown,) = cast("list[dict[str, object]]", done("schedule", "show", "--json").json())
    assert (shown["feed"], shown["kind"], shown["starts_on"]) == ("shop", "closure", "2026-01-01")


def test_a_feed_and_an_organisation_are_paused_and_resumed() -> None:
    done("schedule", "set", "shop")
    done("schedule", "pause", "shop", "--because", "stocktaking")
    assert "next paused (stocktaking)" in done("schedule", "show").out
    assert done("schedule", "resume", "shop").out == "shop runs again.\n"
    said = done("schedule", "pause", "--organisation", "Main Street").out
    assert said == "Main Street: 1 feeds wait until connector schedule resume --organisation.\n"
    assert "its organisation is paused" in done("schedule", "show", "shop").out
    assert done("schedule", "resume", "--organisation", "Main Street").out == "Main Street: 1 feeds run again.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("schedule", "pause", "shop"), "The feed has no schedule yet: connector schedule set FEED."),
        (("schedule", "pause"), "Name a feed, or an organisation with --organisation."),
        (("schedule", "set", "shop", "--zone", "Mars"), "'Mars' is no time zone; they look like America/New_York."),
        (("schedule", "set", "bakery"), "There is no feed 'bakery'; there are: shop."),
        (("runs", "show", "7"), "There is no run 7; connector runs lists them."),
        (("runs", "retry", "7"), "There is no run 7; connector runs lists them."),
        (("calendar", "shop", "--closed", "2026-01-01"), "Nothing of 2026-01-01 is missing;"),
    ],
    ids=["no schedule", "nobody", "zone", "feed", "run", "retry", "nothing missing"],
)
def test_what_cannot_be_done_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    ran = run(*words)
    assert ran.status == 2
    assert ran.sentences[-1].startswith(sentence)


def test_runs_are_listed_shown_and_done_again(home: Path) -> None:
    assert done("runs").out == "Nothing ran yet.\n"
    with house(home) as opened, opened.database.transaction() as tx:
        feed = find(tx, "shop")
        number = begin_run(tx, NewRun(job_id="sync:1:2026-11-20", kind="sync", feed_id=feed.id), NOW)
        add_stage(
            tx, number, Stage(station="pull", started_at=NOW, ended_at=NOW, calls=9, records_seen=4, records_new=2)
        )
        stopped = Stage(station="post", started_at=NOW, ended_at=NOW, state="failed", error="Xero is away.")
        add_stage(tx, number, stopped)
        end_run(tx, number, Ended(state="failed", summary="Xero is away.", next_step="connector runs retry 1"), NOW)
    assert "failed             Xero is away." in done("runs", "--trouble").out
    shown = done("runs", "show", str(number)).out
    assert "  pull        good               9 calls, 4 records seen, 2 new\n" in shown
    assert "  Next: connector runs retry 1\n" in shown
    waits = run("runs", "retry", str(number))
    assert (waits.status, waits.err) == (
        2, "shop is paused or has no schedule: connector schedule resume shop, or schedule set.\n",
    )  # fmt: skip
    done("schedule", "set", "shop")
    assert done("runs", "retry", str(number)).out == "shop runs again as soon as connector serve, or a worker, looks.\n"


def test_a_missing_day_is_shown_and_one_without_trade_is_said_once(home: Path) -> None:
    today = NOW.date()
    days = [today - timedelta(days=n) for n in range(40)]
    missed = today - timedelta(days=9)
    with house(home) as opened:
        with opened.database.transaction() as tx:
            feed = find(tx, "shop")
        came(opened, feed, [sale(day) for day in days if day != missed])
    ran = run("calendar", "shop")
    assert ran.status == 3
    assert f"missing  Main St  day of {missed:%A} {missed}\n" in ran.out
    assert f"connector backfill shop --from {missed}\n" in ran.out
    closed = done("calendar", "shop", "--closed", str(missed), "--because", "a holiday")
    assert "missing  Main" not in closed.out
    squares = cast("list[dict[str, object]]", done("calendar", "shop", "--json").json())
    assert [square["because"] for square in squares if square["state"] == "missing"] == ["a holiday"]


def sale(day: date) -> Fact:
    return fact("orders", str(day), Sale(sale_id=str(day), total=0), day)
