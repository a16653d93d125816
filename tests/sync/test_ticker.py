"""What is due is claimed once, asked cheaply whether anything is new, and only then handed in as a job."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.domain.sales import Sale
from connector.domain.shop import Location
from connector.errors import Rejected, RetryLater
from connector.settings import Settings
from connector.sources.contract import Page, PullOrder, Received, Source, Stream
from connector.sources.registry import source as find_source
from connector.store.connection_findings import connection_findings
from connector.store.credentials import end_consent, keep_grant
from connector.store.facts import keep_page, keep_records, move_cursor, position
from connector.store.feeds import (
    add_feed,
    connection_by_id,
    feed_by_id,
    keep_connection,
    keep_locations,
    mark_journalized,
)
from connector.store.findings import kept_findings
from connector.store.looks import Known, known_sources
from connector.store.probes import set_waking
from connector.store.schedules import (
    NewSchedule,
    Schedule,
    due_streams,
    give_up_lease,
    mark_due,
    pause_feed,
    schedule_of,
    set_schedule,
)
from connector.sync import ticker
from connector.sync.check import check, require_sound
from connector.sync.hints import HINTS_GATHER
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING, Desk, Job
from connector.sync.journalize import is_behind, standing
from connector.sync.probe import has_news
from connector.sync.ticker import CLAIMED_FOR, Ticked, claim, tick
from connector.sync.work import first_task, pull_job
from connector.transport.oauth import Grant
from tests.opened import house as open_house
from tests.postgresql import address_in
from tests.store.given import empty, new
from tests.sync.test_calendar import came, fact

MORNING = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Shop:
    """A source whose answers are given: records by stream, and every call that was made."""

    records: dict[str, list[Received]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False

    def pull(self, access: object, order: PullOrder) -> Iterator[Page]:
        self.calls.append((order.stream, order.location))
        if self.away:
            raise RetryLater("The shop is away.")
        found = tuple(self.records.get(order.stream, ()))
        body = b"\n".join(record.body for record in found)
        yield Page(body=body, records=found, position="read")

    @property
    def source(self) -> Source:
        streams = (
            Stream(name="catalog", is_reference=True),
            Stream(name="orders", per_location=True),
            Stream(name="payouts"),
        )
        return replace(find_source("square"), streams=streams, pull=self.pull, identify=None)


@dataclass
class Counter:
    """The desk: every job by its name, once."""

    jobs: dict[str, Job] = field(default_factory=dict)
    waiting: int = 0
    handed_in: int = 0

    def take(self, job: Job) -> None:
        self.handed_in += 1
        self.jobs.setdefault(job.id, job)

    @property
    def desk(self) -> Desk:
        return Desk(enqueue=self.take, waiting=lambda: self.waiting)


@dataclass
class Street:
    """A house with one source of two places, whose feed is due; at a time that the test sets."""

    house: House
    clock: Clock
    shop: Shop
    counter: Counter
    feed: int
    source: int

    def tick(self) -> Ticked:
        return tick(self.house, self.counter.desk, lanes=2)

    @property
    def schedule(self) -> Schedule:
        with self.house.database.transaction() as tx:
            found = schedule_of(tx, self.feed)
        assert found is not None
        return found


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    clock, shop = Clock(), Shop()
    monkeypatch.setattr(House, "source", lambda self, connection: shop.source)
    if not address_in(tmp_path):
        (tmp_path / "connector.db").write_bytes(empty())
    with open_house(Settings(home=tmp_path, database=address_in(tmp_path)), clock) as house:
        feed, source = opened_feed(house, "shop")
        yield Street(house, clock, shop, Counter(), feed, source)


def opened_feed(house: House, name: str, due: datetime = MORNING) -> tuple[int, int]:
    """A daily feed that was read before, is journalized, and is due."""
    with house.database.transaction() as tx:
        source = keep_connection(tx, replace(new("square", "source"), name=name, external_id=name))
        target = keep_connection(tx, replace(new("xero", "target"), name=f"books of {name}", external_id=name))
        keep_grant(tx, house.vault, source.id, Grant(access_token="secret"), MORNING)
        keep_locations(tx, source.id, [Location(source_id=place, name=place, zone="UTC") for place in ("L1", "L2")])
        move_cursor(tx, source.id, "", "payouts", "read")
        for place in ("L1", "L2"):
            move_cursor(tx, source.id, place, "orders", "read")
        feed = add_feed(tx, name=name, source=source, target=target, style="clearing")
        set_schedule(tx, feed.id, NewSchedule(gap=timedelta(hours=25), next_run_at=due), MORNING)
    journalized(house, feed.id)
    return feed.id, source.id


def journalized(house: House, feed_id: int) -> None:
    """As journalizing leaves a feed: nothing waits."""
    with house.database.transaction() as tx:
        set_waking(tx, feed_id, None)
        mark_journalized(tx, feed_id, standing(tx, house, feed_by_id(tx, feed_id), 0))
        assert not is_behind(tx, house, feed_by_id(tx, feed_id))


def order(name: str, body: bytes = b"{}") -> Received:
    return Received(stream="orders", source_id=name, spelled=body)


def test_a_feed_with_nothing_new_costs_one_call_a_stream_and_starts_nothing(street: Street) -> None:
    assert street.tick() == Ticked(claimed=1, idle=1)
    assert street.shop.calls == [("orders", "L1"), ("orders", "L2"), ("payouts", "")]
    assert street.counter.jobs == {}
    assert street.schedule.last_good_at == MORNING
    then = street.schedule.next_run_at
    assert then is not None and MORNING < then <= MORNING + timedelta(hours=24)
    assert street.tick() == Ticked()


def test_row_79_something_new_starts_one_job_named_by_its_feed_and_slot_whether_or_not_a_webhook_told(
    street: Street,
) -> None:
    street.shop.records["orders"] = [order("o1")]
    assert street.tick() == Ticked(claimed=1, started=1)
    (job,) = street.counter.jobs.values()
    assert (job.id, job.feed_id, job.cause) == (f"sync:{street.feed}:20261121T100000Z", street.feed, "schedule")
    assert street.schedule.last_good_at is None  # the run will say so
    assert street.schedule.last_slot == "20261121T100000Z"


def test_a_source_that_cannot_be_asked_is_left_to_a_job_that_tells_it(street: Street) -> None:
    street.shop.away = True
    assert street.tick() == Ticked(claimed=1, started=1)
    assert street.schedule.last_good_at is None


def test_a_source_never_read_before_has_news(street: Street) -> None:
    feed, _ = opened_feed(street.house, "other")
    with street.house.database.transaction() as tx:
        tx.connection().exec_driver_sql("delete from cursor")
    assert street.tick() == Ticked(claimed=2, started=2)
    assert street.shop.calls == []
    assert {job.feed_id for job in street.counter.jobs.values()} == {street.feed, feed}


def test_a_day_that_is_over_by_now_starts_a_job_though_the_source_has_nothing_new(street: Street) -> None:
    with street.house.database.transaction() as tx:
        set_waking(tx, street.feed, MORNING)
    assert street.tick() == Ticked(claimed=1, started=1)


def test_row_86_a_feed_due_long_ago_runs_once_for_all_that_was_missed(street: Street) -> None:
    street.clock.now = MORNING + timedelta(days=9)
    street.shop.records["orders"] = [order("o1")]
    assert street.tick().claimed == 1
    assert street.tick().claimed == 0
    assert street.counter.handed_in == 1


def test_what_a_process_that_died_had_claimed_is_due_again(street: Street) -> None:
    assert len(claim(street.house, 10).by_source) == 1  # and dies
    street.clock.now += CLAIMED_FOR - SECOND
    assert street.tick().claimed == 0
    street.clock.now += SECOND
    assert street.tick() == Ticked(claimed=1, idle=1)


def test_a_feed_paused_while_it_is_asked_stays_paused(street: Street) -> None:
    def pause(access: object, order: PullOrder) -> Iterator[Page]:
        with street.house.database.transaction() as tx:
            pause_feed(tx, street.feed, MORNING, "now")
        yield Page(body=b"", records=(), position="read")

    street.shop.pull = pause  # type: ignore[method-assign]
    street.tick()
    assert street.schedule.next_run_at is None


def test_while_enough_jobs_wait_no_more_are_let_in(street: Street) -> None:
    street.counter.waiting = MOST_WAITING + 1
    assert street.tick() == Ticked()
    street.counter.waiting = MOST_WAITING
    assert street.tick().claimed == 1


def test_of_two_processes_one_ticks_until_it_falls_silent(street: Street) -> None:
    other = replace(street.house, owner="another")
    assert tick(other, street.counter.desk).claimed == 1
    opened_feed(street.house, "other")
    assert street.tick() == Ticked()
    with street.house.database.transaction() as tx:
        give_up_lease(tx, "tick", "another")
    assert street.tick().claimed == 1


def test_hints_of_a_busy_shop_are_gathered_into_one_pull(street: Street) -> None:
    street.tick()
    street.shop.calls.clear()
    for seconds in range(0, 60, 10):
        hint(street, "orders", seconds)
    hint(street, "payouts", 30)
    street.clock.now = MORNING + HINTS_GATHER - SECOND
    street.tick()
    assert street.counter.jobs == {}
    street.clock.now = MORNING + HINTS_GATHER + timedelta(seconds=30)
    street.tick()
    assert list(street.counter.jobs) == [f"pull:{street.source}:20261121T100000Z"]
    assert street.counter.jobs.popitem()[1].cause == "news"
    with street.house.database.transaction() as tx:
        assert due_streams(tx, 10) == []


def test_a_feed_that_waits_for_a_closure_looks_as_soon_as_a_hint_comes(street: Street) -> None:
    later = NewSchedule(kind="closure", gap=timedelta(hours=1), next_run_at=MORNING + timedelta(minutes=50))
    with street.house.database.transaction() as tx:
        set_schedule(tx, street.feed, later, MORNING)
    street.shop.records["orders"] = [order("o1")]
    hint(street, "orders", 0)
    street.clock.now = MORNING + HINTS_GATHER
    assert street.tick() == Ticked(claimed=1, started=1)
    assert [job.kind for job in street.counter.jobs.values()] == ["sync"]


def test_news_from_the_books_is_one_run_of_a_feed_that_posts_there_and_never_a_pull(street: Street) -> None:
    street.tick()
    with street.house.database.transaction() as tx:
        target = feed_by_id(tx, street.feed).target.id
        mark_due(tx, target, "changes", MORNING)
    street.clock.now = MORNING + HINTS_GATHER
    street.tick()
    assert [(job.kind, job.feed_id, job.cause) for job in street.counter.jobs.values()] == [
        ("sync", street.feed, "news")
    ]
    with street.house.database.transaction() as tx:
        pause_feed(tx, street.feed, MORNING, "now")
        mark_due(tx, target, "changes", street.clock.now)
    street.counter.jobs.clear()
    street.clock.now += HINTS_GATHER
    street.tick()
    assert street.counter.jobs == {}


def hint(street: Street, stream: str, seconds: int) -> None:
    with street.house.database.transaction() as tx:
        mark_due(tx, street.source, stream, MORNING + timedelta(seconds=seconds))


def test_two_tickers_racing_for_five_hundred_claim_each_of_them_once(street: Street) -> None:
    with street.house.database.transaction() as tx:
        source = keep_connection(tx, new("square", "source"))
        target = keep_connection(tx, new("xero", "target"))
        for number in range(499):
            feed = add_feed(tx, name=f"feed {number}", source=source, target=target, style="clearing")
            set_schedule(tx, feed.id, NewSchedule(gap=timedelta(hours=25), next_run_at=MORNING), MORNING)
    won: list[list[int]] = [[], []]

    def race(lane: int) -> None:
        while found := claim(street.house, 50).by_source:
            won[lane] += [each.id for of in found.values() for each in of]

    lanes = [threading.Thread(target=race, args=(lane,)) for lane in (0, 1)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    assert len(won[0]) + len(won[1]) == len({*won[0], *won[1]}) == 500


def test_records_seen_before_in_another_page_are_nothing_new_and_the_position_moves_on(street: Street) -> None:
    known = order("o1", b'{"v": 1}')
    with street.house.database.transaction() as tx:
        page = keep_page(tx, street.source, "orders", b"an older page", MORNING)
        keep_records(tx, street.source, "orders", page, [(known.source_id, known.body)])
        move_cursor(tx, street.source, "L1", "orders", "before")
    street.shop.records["orders"] = [known]
    assert not has_news(street.house, look(street), None)
    with street.house.database.transaction() as tx:
        assert position(tx, street.source, "L1", "orders") == "read"
    street.shop.records["orders"] = [order("o1", b'{"v": 2}')]
    assert has_news(street.house, look(street), None)


def look(street: Street) -> Known:
    with street.house.database.transaction() as tx:
        return known_sources(tx, [street.source])[street.source]


def test_an_answer_that_held_nothing_new_is_known_at_a_glance_and_any_other_is_compared(street: Street) -> None:
    street.shop.records["orders"] = [order("o1")]
    with street.house.database.transaction() as tx:
        page = keep_page(tx, street.source, "orders", b"an older page", MORNING)
        keep_records(tx, street.source, "orders", page, [("o1", b"{}")])
    assert not has_news(street.house, look(street), None)
    assert {read.answer != "" for place, read in look(street).reads.items() if place[0] == "orders"} == {True}
    with street.house.database.transaction() as tx:
        tx.connection().exec_driver_sql("delete from page_chunk")
        tx.connection().exec_driver_sql("update record set digest = 'another'")
    assert not has_news(street.house, look(street), None)  # nothing was compared
    street.shop.records["orders"] = [order("o1"), order("o2")]
    assert has_news(street.house, look(street), None)


def test_a_source_that_nobody_read_stops_posting_until_it_is_read(street: Street) -> None:
    with street.house.database.transaction() as tx:
        books = connection_by_id(tx, street.schedule.target_connection_id)
    assert check(street.house, books) == {}
    street.clock.now = MORNING + 2 * timedelta(hours=25) + timedelta(hours=1)
    assert check(street.house, books) == {}
    street.clock.now += SECOND
    assert check(street.house, books) == {"I26": ["shop"]}
    with pytest.raises(Rejected, match=r"I26: nothing was read for too long \(shop\)"):
        require_sound(street.house, books)
    with street.house.database.transaction() as tx:
        (told,) = connection_findings(tx, books.id)
    assert (told.severity, "nothing was read for too long (shop)" in told.message) == ("blocking", True)
    pull_job(street.house, first_task(job_of(street)).what)
    require_sound(street.house, books)  # what is read may be sent, and a run that sends it ends what is left:
    assert check(street.house, books) == {"late": ["shop"]}
    with street.house.database.transaction() as tx:
        (told,) = connection_findings(tx, books.id)
    assert (told.severity, "not come to a good end" in told.message) == ("warning", True)
    street.tick()
    assert check(street.house, books) == {}


def job_of(street: Street) -> Job:
    schedule = street.schedule
    return Job(
        kind="sync",
        slot="20261121T100000Z",
        source_connection_id=schedule.source_connection_id,
        target_connection_id=schedule.target_connection_id,
        feed_id=schedule.feed_id,
    )


def test_a_look_that_finds_nothing_new_ends_a_silence_too(street: Street) -> None:
    with street.house.database.transaction() as tx:
        books = connection_by_id(tx, street.schedule.target_connection_id)
    street.clock.now = MORNING + timedelta(days=4)
    assert check(street.house, books) == {"I26": ["shop"]}
    assert street.tick().idle == 1
    assert check(street.house, books) == {}


def test_a_source_that_waits_for_a_new_consent_is_told_and_keeps_no_other_from_the_books(street: Street) -> None:
    with street.house.database.transaction() as tx:
        books = connection_by_id(tx, street.schedule.target_connection_id)
        end_consent(tx, street.source, "The consent was withdrawn.", MORNING)
    street.clock.now = MORNING + timedelta(days=4)
    assert check(street.house, books) == {"late": ["shop"]}
    require_sound(street.house, books)


def test_a_feed_that_starts_some_day_or_is_paused_is_silent_by_right(street: Street) -> None:
    with street.house.database.transaction() as tx:
        books = connection_by_id(tx, street.schedule.target_connection_id)
        later = NewSchedule(gap=timedelta(hours=25), next_run_at=MORNING + timedelta(days=90))
        set_schedule(tx, street.feed, later, MORNING)
    street.clock.now = MORNING + timedelta(days=60)
    assert check(street.house, books) == {}
    with street.house.database.transaction() as tx:
        pause_feed(tx, street.feed, street.clock.now, "winter")
    street.clock.now = MORNING + timedelta(days=180)
    assert check(street.house, books) == {}


def test_a_day_that_did_not_come_is_told_by_a_tick_though_nothing_was_started(street: Street) -> None:
    with street.house.database.transaction() as tx:
        feed = feed_by_id(tx, street.feed)
    days = [MORNING.date() - timedelta(days=n) for n in range(2, 40)]
    came(street.house, feed, [fact("orders", str(day), Sale(sale_id=str(day), total=0), day) for day in days])
    journalized(street.house, street.feed)
    street.clock.now = MORNING + timedelta(days=1, seconds=1)
    assert street.tick().started == 0
    with street.house.database.transaction() as tx:
        missing = [each.finding.code for each in kept_findings(tx, street.feed)]
    assert missing == ["day_missing", "day_missing"]  # of the day before the morning, and of the morning


def test_more_than_a_batch_is_due_and_all_of_it_is_done_in_one_tick(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "BATCH", 2)
    for number in range(4):
        opened_feed(street.house, f"feed {number}")
    assert street.tick() == Ticked(claimed=5, idle=5)
