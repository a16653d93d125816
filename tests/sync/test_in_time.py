"""A feed that runs by itself journalizes whole days from its start on; what is not over waits visibly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from connector.domain.facts import Fact
from connector.domain.sales import RegisterClosure, Sale
from connector.domain.schedule import ScheduleKind
from connector.domain.shop import day_over_at
from connector.sandbox.square_weekend import SATURDAY, SUNDAY
from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feed
from connector.store.ledger import documents_of, shelves_of, unconserved
from connector.store.schedules import NewSchedule, Schedule, set_schedule
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.in_time import OPEN, limits_of
from connector.sync.journalize import is_behind, journalize
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.sync.walking import MAP, house, town

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ZONE = "America/New_York"
DAYS = [SATURDAY, SUNDAY]
OVER = datetime(2026, 3, 16, 8, tzinfo=UTC)  # four hours after Sunday's midnight
SCHEDULE = Schedule(
    id=1, feed_id=1, source_connection_id=1, target_connection_id=2, provider="square", closes_at=0, kind="closure",
    cron="", hour=None, zone=ZONE, starts_on=None, gap=DAY, next_run_at=None, last_slot="", last_good_at=None,
    enabled_at=OVER, paused_at=None, paused_because="",
)  # fmt: skip
CLOSURE = Fact(
    stream="drawers", source_id="d", about=RegisterClosure(closure_id="d", expected=0, counted=0), location="L1",
    occurred_at=OVER, business_day=date(2026, 11, 20), currency="USD",
)  # fmt: skip


@contextmanager
def shop(folder: Path, moment: datetime, kind: ScheduleKind = "daily", starts_on: date | None = None) -> Iterator[Shop]:
    """Square into Xero at a moment, pulled, with its accounts and a schedule; nothing is journalized yet."""
    folder.mkdir()
    with town(folder) as opened, house(folder) as ready:
        at = replace(ready, now=lambda: moment)
        source = connect(
            at, wanted("square", opened.square.base_url), Grant(access_token=opened.personal_token("square"))
        )
        books = connect(at, wanted("xero", opened.xero.base_url), Grant(access_token=opened.personal_token("xero")))
        made = join(at, "shop", source, books, "clearing")
        with at.database.transaction() as tx:
            keep_map(tx, made.id, MAP)
        pull(at, source)
        open_accounts(at, made)
        with at.database.transaction() as tx:
            new = NewSchedule(kind=kind, zone=ZONE, starts_on=starts_on, gap=DAY, next_run_at=moment)
            set_schedule(tx, made.id, new, moment)
        yield Shop(at)


def wanted(provider: str, base_url: str) -> Wanted:
    return Wanted(organisation="Main Street", provider=provider, base_url=base_url)


@dataclass(frozen=True)
class Shop:
    house: House

    @property
    def feed(self) -> Feed:
        with self.house.database.transaction() as tx:
            return feed(tx, "shop")

    def at(self, moment: datetime) -> Shop:
        return Shop(replace(self.house, now=lambda: moment))

    def is_behind(self) -> bool:
        now = self.feed
        with self.house.database.transaction() as tx:
            return is_behind(tx, self.house, now)

    def journalized(self) -> dict[str, list[date]]:
        """The days of sales documents, of days that wait, and of what lies before the start."""
        feed_id = self.feed.id
        journalize(self.house, self.feed)
        with self.house.database.transaction() as tx:
            assert unconserved(tx, feed_id) == []
            there = {row.date for row in documents_of(tx, feed_id) if row.kind == "sales"}
            shelves = [shelf for shelf, _ in shelves_of(tx, feed_id)]
        waits = {day_in(shelf.business_key) for shelf in shelves if shelf.code == OPEN}
        early = {day_in(shelf.business_key) for shelf in shelves if "first day of the feed" in shelf.detail}
        return {"there": sorted(there), "waits": sorted(waits), "early": sorted(early)}


def day_in(key: str) -> date:
    return next(date.fromisoformat(part) for part in key.split("|") if re.fullmatch(r"\d{4}-\d\d-\d\d", part))


def test_a_day_waits_until_it_is_over_and_quiet_and_goes_by_itself_then(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", OVER - SECOND) as evening:
        assert evening.journalized() == {"there": DAYS[:-1], "waits": DAYS[-1:], "early": []}
        assert not evening.is_behind()
        morning = evening.at(OVER)
        assert morning.is_behind()
        assert morning.journalized() == {"there": DAYS, "waits": [], "early": []}
        assert not morning.is_behind()


def test_what_lies_before_the_start_is_listed_and_not_posted(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", OVER, starts_on=DAYS[-1]) as morning:
        assert morning.journalized() == {"there": DAYS[-1:], "waits": [], "early": DAYS[:-1]}


def test_an_earlier_start_brings_the_days_before_it(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", OVER, starts_on=DAYS[-1]) as morning:
        morning.journalized()
        earlier = NewSchedule(zone=ZONE, starts_on=DAYS[0], gap=DAY, next_run_at=OVER)
        feed_id = morning.feed.id
        with morning.house.database.transaction() as tx:
            set_schedule(tx, feed_id, earlier, OVER)
        assert morning.is_behind()
        assert morning.journalized() == {"there": DAYS, "waits": [], "early": []}


def test_a_day_ends_when_its_place_closes_also_when_the_clocks_change() -> None:
    assert day_over_at(date(2026, 10, 31), ZONE) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert day_over_at(date(2026, 11, 1), ZONE) == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert day_over_at(date(2026, 10, 31), ZONE, closes_at=1) == datetime(2026, 11, 1, 5, tzinfo=UTC)  # the first 01:00
    assert day_over_at(date(2026, 3, 7), ZONE, closes_at=2) == datetime(2026, 3, 8, 7, tzinfo=UTC)  # there is no 02:00


def test_a_till_closed_after_the_last_sale_ends_the_day_and_one_closed_before_does_not() -> None:
    day, evening = date(2026, 11, 20), datetime(2026, 11, 20, 22, tzinfo=UTC)
    sale = msgspec.structs.replace(CLOSURE, about=Sale(sale_id="s", total=0), source_id="s", occurred_at=evening)
    for minutes, is_over in ((0, True), (1, True), (-1, False)):
        closure = msgspec.structs.replace(CLOSURE, occurred_at=evening + timedelta(minutes=minutes))
        limits = limits_of(SCHEDULE, [], [sale, closure], evening, timedelta(hours=4))
        assert (limits.over_at("L1", day) <= evening) == is_over
    daily = limits_of(replace(SCHEDULE, kind="daily"), [], [sale, CLOSURE], evening, timedelta(hours=4))
    assert daily.over_at("L1", day) == datetime(2026, 11, 21, 9, tzinfo=UTC)
