"""What should have come and did not is an alarm: days by the opening pattern, payouts and by their entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.books import Books
from connector.domain.facts import About, Fact
from connector.domain.payouts import Payout, PayoutEntry
from connector.domain.sales import Sale
from connector.domain.shop import Location
from connector.settings import Settings
from connector.store import outbox
from connector.store.account_maps import keep_books
from connector.store.bank_tables import MatchGroupRow, MatchLinkRow
from connector.store.facts import keep_fact, keep_page, keep_records
from connector.store.feeds import Feed, add_feed, keep_connection, keep_locations
from connector.store.findings import kept_findings
from connector.store.journal import keep_period
from connector.store.plans import FeedPlace
from connector.sync.calendar import Square, is_expected, look_over
from connector.sync.house import House
from tests.opened import house as open_house
from tests.store.given import empty, new, plan, sales, share

DAY = timedelta(days=1)
FIRST = date(2026, 3, 2)  # a Monday
SIX_WEEKS = [FIRST + n * DAY for n in range(42)]
NOW = datetime(2026, 4, 13, 9, tzinfo=UTC)  # the Monday after, when Sunday is over and quiet
WEEKEND = (5, 6)


@contextmanager
def shop(folder: Path, days: Iterable[date], payouts: Iterable[date]) -> Iterator[tuple[House, Feed]]:
    """A place of which something came on some days, and payouts on others."""
    (folder / "connector.db").write_bytes(empty())
    with open_house(Settings(home=folder), lambda: NOW) as house:
        with house.database.transaction() as tx:
            source, target = keep_connection(tx, new("square", "source")), keep_connection(tx, new("xero", "target"))
            keep_locations(tx, source.id, [Location(source_id="L1", name="Main St", zone="UTC")])
            feed = add_feed(tx, name="shop", source=source, target=target, style="clearing")
        came(house, feed, [fact("orders", str(day), Sale(sale_id=str(day), total=0), day) for day in days])
        came(house, feed, [fact("payouts", f"po{day}", paid(day), day) for day in payouts])
        yield house, feed


def came(house: House, feed: Feed, facts: Iterable[Fact]) -> None:
    with house.database.transaction() as tx:
        for each in facts:
            page = keep_page(tx, feed.source.id, each.stream, each.source_id.encode(), NOW)
            (made,) = keep_records(tx, feed.source.id, each.stream, page, [(each.source_id, b"{}")])
            keep_fact(tx, feed.source.id, made.record_id, each)


def fact(stream: str, source_id: str, about: About, day: date) -> Fact:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Fact(
        stream=stream,
        source_id=source_id,
        about=about,
        location="L1",
        occurred_at=noon,
        business_day=day,
        currency="USD",
    )


def paid(day: date) -> Payout:
    return Payout(payout_id=f"po{day}", amount=100, arrives_on=day, is_explained=True)


def missing(squares: Iterable[Square]) -> list[tuple[str, date]]:
    return sorted((square.what, square.day) for square in squares if square.is_missing)


def test_three_days_and_two_payouts_dropped_are_five_alarms_and_no_other(tmp_path: Path) -> None:
    open_days = [day for day in SIX_WEEKS if day.weekday() != 0]  # closed on Mondays
    dropped = [date(2026, 3, 10), date(2026, 3, 21), date(2026, 4, 12)]
    banked = [day for day in SIX_WEEKS if day.weekday() not in WEEKEND]
    unpaid = [date(2026, 3, 18), date(2026, 4, 2)]
    with shop(tmp_path, set(open_days) - set(dropped), set(banked) - set(unpaid)) as (house, feed):
        expected = sorted([*(("day", day) for day in dropped), *(("payout", day) for day in unpaid)])
        assert missing(look_over(house, feed)) == expected
        with house.database.transaction() as tx:
            kept = [each.finding for each in kept_findings(tx, feed.id)]
        assert sorted(finding.code for finding in kept) == ["day_missing"] * 3 + ["payout_missing"] * 2
        first = next(finding for finding in kept if finding.subject == "L1|2026-03-10")
        assert first.message == "Main St: nothing came for Tuesday 2026-03-10, when it is open as a rule."
        assert first.fix.startswith("connector backfill shop --from 2026-03-10;")
        came(house, feed, [fact("orders", str(dropped[0]), Sale(sale_id="late", total=0), dropped[0])])
        assert missing(look_over(house, feed)) == expected[1:]
        with house.database.transaction() as tx:
            assert len(kept_findings(tx, feed.id)) == 4


def test_a_payout_of_which_only_entries_came_is_missing(tmp_path: Path) -> None:
    with shop(tmp_path, SIX_WEEKS, []) as (house, feed):
        came(
            house,
            feed,
            [
                fact(
                    "payout_entries",
                    "e1",
                    PayoutEntry(payout_id="po1", entry_id="e1", gross=1, fee=0, net=1),
                    date(2026, 4, 7),
                )
            ],
        )
        assert missing(look_over(house, feed)) == [("payout", date(2026, 4, 7))]


def test_a_shop_from_which_nothing_comes_any_more_is_an_alarm_for_each_day(tmp_path: Path) -> None:
    with shop(tmp_path, SIX_WEEKS[:-3], []) as (house, feed):
        assert missing(look_over(house, feed)) == [("day", day) for day in SIX_WEEKS[-3:]]


def test_a_day_that_is_not_over_is_not_missed(tmp_path: Path) -> None:
    with shop(tmp_path, SIX_WEEKS[:-1], []) as (house, feed):
        before = replace(house, now=lambda: datetime(2026, 4, 13, 3, 59, tzinfo=UTC))  # four hours are not over
        assert missing(look_over(before, feed)) == []
        over = replace(house, now=lambda: datetime(2026, 4, 13, 4, tzinfo=UTC))
        assert missing(look_over(over, feed)) == [("day", SIX_WEEKS[-1])]


@given(st.sets(st.integers(0, 6), min_size=1), st.integers(21, 80))
def test_a_place_that_keeps_its_weekdays_misses_none(weekdays: set[int], length: int) -> None:
    days = [FIRST + n * DAY for n in range(length)]
    open_days = {day for day in days if day.weekday() in weekdays}
    for day in days[7:-7]:
        assert is_expected(open_days, day, days[0], days[-1]) <= (day in open_days)


@pytest.mark.parametrize("known", [1, 5, 7])
def test_of_a_place_hardly_known_nothing_is_expected(known: int) -> None:
    days = {FIRST + n * DAY for n in range(known)}
    assert not is_expected(days, FIRST + known * DAY, FIRST, FIRST + known * DAY) or known >= 6


def test_a_day_is_posted_then_matched_then_locked_and_one_that_waits_says_so(tmp_path: Path) -> None:
    days = SIX_WEEKS[-5:]
    with shop(tmp_path, days, []) as (house, feed):
        place = FeedPlace(feed_id=feed.id, target_connection_id=feed.target.id, map_version=1)
        with house.database.transaction() as tx:
            for n, day in enumerate(days[:4]):
                made = plan(sales(share(1200 + n), key=f"sales {day}", day=day))
                keep_period(tx, place, replace(made, name=f"day|L1|{day}|USD"))
        with house.database.transaction() as tx:
            claimed = outbox.claim(tx, feed.target.id, outbox.Claim(owner="me", now=NOW, limit=3))
            for each in claimed:
                outbox.confirm(tx, each, target_id=each.mark, version="0", trace_id="trace")
        assert states(house, feed) == ["posted", "posted", "posted", "pulled", "pulled"]
        items = (f"takings|Cash Clearing|day|L1|{days[0]}|USD", claimed[1].mark)
        with house.database.transaction() as tx:
            group = MatchGroupRow(
                feed_id=feed.id, state="accepted", confidence="certain", rung=1, evidence="[]", currency="USD",
                digest="", proposed_at=NOW,
            )  # fmt: skip
            tx.add(group)
            tx.flush()
            for item in items:
                tx.add(MatchLinkRow(group_id=group.id or 0, item=item, currency="USD", amount_minor=1201,
                                    whole_minor=1201, settled_minor=1201))  # fmt: skip
        assert states(house, feed) == ["matched", "matched", "posted", "pulled", "pulled"]
        with house.database.transaction() as tx:
            locked = Books(name="Books", country="US", currency="USD", accounts=(), locked_until=days[1])
            keep_books(tx, feed.target.id, locked, NOW)
        assert states(house, feed) == ["locked", "locked", "posted", "pulled", "pulled"]
        with house.database.transaction() as tx:
            (refused,) = outbox.claim(tx, feed.target.id, outbox.Claim(owner="me", now=NOW, limit=9))
            outbox.settle_as(tx, refused, "rejected", "The account is archived.")
        assert states(house, feed) == ["locked", "locked", "posted", "held", "pulled"]


def states(house: House, feed: Feed) -> list[str]:
    return [square.state for square in look_over(house, feed)]
