"""The past is read beside what is read as it comes; stopped anywhere, it goes on there and ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.sandbox.square_weekend import SATURDAY, SUNDAY
from connector.store.facts import facts, position
from connector.store.feeds import Feed
from connector.store.schedules import schedule_of
from connector.sync.backfill import Progress, backfill
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.pull import pull
from connector.sync.scheduling import Wish, set_plan
from connector.transport.oauth import Grant
from tests.sync.walking import house, town

MORNING = datetime(2026, 3, 18, 9, tzinfo=UTC)
LATER = SUNDAY + timedelta(days=2)


class Stopped(Exception):
    """Somebody pulled the plug."""


@contextmanager
def shop(folder: Path) -> Iterator[tuple[House, Feed]]:
    """Square, from the Tuesday after its weekend on."""
    with town(folder) as opened, house(folder) as ready:
        at = replace(ready, now=lambda: MORNING)
        square = Wanted(organisation="Main Street", provider="square", base_url=opened.square.base_url)
        xero = Wanted(organisation="Main Street", provider="xero", base_url=opened.xero.base_url)
        source = connect(at, square, Grant(access_token=opened.personal_token("square")))
        books = connect(at, xero, Grant(access_token=opened.personal_token("xero")))
        feed = join(at, "shop", source, books, "clearing")
        set_plan(at, feed, Wish(starts_on=LATER))
        yield at, feed


def known(house: House, feed: Feed) -> set[tuple[str, str]]:
    with house.database.transaction() as tx:
        return {(fact.stream, fact.source_id) for fact in facts(tx, feed.source.id)}


def days(house: House, feed: Feed) -> set[date]:
    with house.database.transaction() as tx:
        return {fact.business_day for fact in facts(tx, feed.source.id) if fact.stream == "orders"}


def test_a_feed_reads_from_its_start_on_and_a_backfill_brings_what_was_before(tmp_path: Path) -> None:
    said: list[Progress] = []
    with shop(tmp_path) as (ready, feed):
        pull(ready, feed.source)
        assert SATURDAY not in days(ready, feed)
        with ready.database.transaction() as tx:
            (location,) = {fact.location for fact in facts(tx, feed.source.id) if fact.location} or {""}
            before = position(tx, feed.source.id, location, "orders")
        done = backfill(ready, feed, SATURDAY, said.append)
        assert {SATURDAY, SUNDAY} <= days(ready, feed)
        assert done.new > 0
        with ready.database.transaction() as tx:
            assert position(tx, feed.source.id, location, "orders") == before
            schedule = schedule_of(tx, feed.id)
        assert schedule is not None
        assert (schedule.starts_on, schedule.next_run_at) == (SATURDAY, MORNING)
        assert [at.part for at in said] == sorted(at.part for at in said)
        assert {at.parts for at in said} == {said[-1].part}
        assert backfill(ready, feed, SATURDAY, said.append).new == 0


def test_a_backfill_stopped_at_any_page_goes_on_there_and_ends_the_same(tmp_path: Path) -> None:
    with shop(tmp_path) as (ready, feed):
        told = 0
        for patience in (2, 5, 9, 14):
            count = iter(range(patience))

            def stop(at: Progress, count: Iterator[int] = count) -> None:
                if next(count, None) is None:
                    raise Stopped

            with pytest.raises(Stopped):
                backfill(ready, feed, SATURDAY, stop)
            assert len(known(ready, feed)) >= told
            told = len(known(ready, feed))
        backfill(ready, feed, SATURDAY, lambda at: None)
        resumed = known(ready, feed)
    (tmp_path / "whole").mkdir()
    with shop(tmp_path / "whole") as (ready, feed):
        backfill(ready, feed, SATURDAY, lambda at: None)
        assert known(ready, feed) == resumed


def test_a_day_to_come_and_a_source_of_files_have_no_past_to_read(tmp_path: Path) -> None:
    with shop(tmp_path) as (ready, feed):
        with pytest.raises(Unreadable, match="is a day to come"):
            backfill(ready, feed, MORNING.date() + timedelta(days=1), lambda at: None)
        amazon = connect(ready, Wanted(organisation="Main Street", provider="amazon"), None)
        files = join(ready, "files", amazon, feed.target, "clearing")
        with pytest.raises(Unreadable, match="read from files: connector pull amazon FILE"):
            backfill(ready, files, SATURDAY, lambda at: None)
