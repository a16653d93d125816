"""What nobody asks for is done all the same: looks at books that are quiet, audits, notices, each in its turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from connector.bootstrap import house as open_house
from connector.settings import Settings
from connector.store import changes, outbox
from connector.store.jobs_database import open_jobs
from connector.store.journal import keep_period
from connector.store.plans import FeedPlace
from connector.store.schedules import NewSchedule, set_schedule
from connector.sync.chores import ask_audits, ask_looks, chores
from connector.sync.engine import Engine
from connector.sync.house import House
from connector.sync.work import stations
from tests.store.given import NOW, empty, feed_in, plan, sales, share

DAY = timedelta(days=1)


@dataclass
class Office:
    """A house with a feed whose day is in the books, and the jobs that were asked for."""

    house: House
    engine: Engine
    place: FeedPlace
    days: int = 0

    def asked(self) -> list[str]:
        return sorted(each.id for each in self.engine.list())

    def sends(self) -> None:
        with self.house.database.transaction() as tx:
            keep_period(tx, self.place, plan(sales(share(1200 + self.days))))
        with self.house.database.transaction() as tx:
            wanted = outbox.Claim(owner="me", now=self.house.now(), limit=9)
            for each in outbox.claim(tx, self.place.target_connection_id, wanted):
                outbox.confirm(tx, each, target_id="100", version="0", trace_id="trace")

    def looked(self) -> None:
        with self.house.database.transaction() as tx:
            changes.keep_look(tx, self.place.target_connection_id, self.house.now())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "connector.db").write_bytes(empty())
    made: list[Office] = []
    with open_house(Settings(home=home), lambda: NOW + made[0].days * DAY if made else NOW) as opened:
        engine = Engine(open_jobs("", home))
        made.append(Office(house=opened, engine=engine, place=feed_in(opened.database)))
        yield made[0]
        engine.close()


def test_books_are_looked_at_for_a_week_after_the_last_posting_and_then_every_three(office: Office) -> None:
    target = office.place.target_connection_id
    office.sends()
    office.looked()
    assert ask_looks(office.house, office.engine) == 0  # the run that posted has looked
    for office.days in (2, 7):
        assert ask_looks(office.house, office.engine) == 1
        office.looked()
    for office.days in (10, 20):
        assert ask_looks(office.house, office.engine) == 0
    office.days = 30
    assert ask_looks(office.house, office.engine) == 1
    assert ask_looks(office.house, office.engine) == 1  # asked for again, and still one job
    assert office.asked() == [f"look:{target}:{NOW + days * DAY:%Y-%m-%d}" for days in (2, 7, 30)]


def test_a_feed_is_audited_once_a_week_where_something_was_posted(office: Office) -> None:
    feed = office.place.feed_id
    with office.house.database.transaction() as tx:
        set_schedule(tx, feed, NewSchedule(gap=DAY, next_run_at=NOW), NOW)
    assert ask_audits(office.house, office.engine) == 0
    office.days = 8
    assert ask_audits(office.house, office.engine) == 0  # nothing was posted
    office.days = 9
    office.sends()
    office.days = 16
    assert ask_audits(office.house, office.engine) == 1
    assert ask_audits(office.house, office.engine) == 0
    assert office.asked() == [f"audit:{feed}:{NOW + 16 * DAY:%Y-%m-%d}"]


def test_every_job_that_is_asked_for_has_a_station_and_every_chore_a_name_of_its_own(office: Office) -> None:
    assert {"look", "audit"} <= set(stations(office.house))
    names = [each.name for each in chores(office.house, office.engine)]
    assert sorted(set(names)) == sorted(names)
    assert {"check", "consents", "notices", "looks", "audits", "renew", "forget"} <= set(names)
