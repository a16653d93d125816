"""Xero's limits on calls are kept before it has to say so, and what its answers say is heeded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import RetryLater
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.settings import Settings
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero.app import desk_for, xero_app
from connector.sandbox.xero.organisation import DEFAULTS, TENANT
from connector.store.budgets import StoredBudget
from connector.store.database import Database
from connector.targets.xero.client import XeroClient
from connector.targets.xero.limits import APP_MINUTE, exceeded, left, limits
from connector.transport.access import Access
from tests.store.given import database
from tests.transport.waiting import NOON, Clock


class Organisation:
    """The stand-in with its true limits, and clients that share one budget."""

    def __init__(self, base_url: str, token: str, opened: Database, clock: Clock) -> None:
        self.access = Access(
            base_url=base_url,
            external_id=TENANT,
            token=lambda: token,
            now=clock.now,
            budget=StoredBudget(opened),
            sleep=clock.sleep,
        )
        self.clock = clock

    def client(self) -> XeroClient:
        return XeroClient(self.access)

    def patient_for_nothing(self) -> XeroClient:
        return XeroClient(replace(self.access, sleep=self.clock.no_sleep))


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with Shelf(tmp_path / "xero.books") as opened:
        yield opened


@pytest.fixture
def organisation(tmp_path: Path, shelf: Shelf, faults: Faults) -> Iterator[Organisation]:
    clock = Clock()
    token = desk_for(shelf, clock.now, "").issue_personal_token()
    with database(tmp_path) as opened, serve(xero_app(shelf, faults=faults, clock=clock.now)) as served:
        yield Organisation(served.base_url, token, opened, clock)


def test_a_minute_s_calls_are_made_at_once_and_the_next_in_the_next_minute_without_a_refusal(
    organisation: Organisation,
) -> None:
    client, clock = organisation.client(), organisation.clock
    for _ in range(48):
        client.organisation()
    assert clock.now() == NOON, "four fifths are for reading"
    client.organisation()
    assert timedelta(seconds=60) < clock.now() - NOON < timedelta(seconds=62)
    assert len(clock.slept) == 1


def test_row_9_a_used_up_day_is_planned_again_for_the_moment_told_and_nothing_is_called_before(
    organisation: Organisation, faults: Faults
) -> None:
    clock = organisation.clock
    faults.answer_with(429, headers={"Retry-After": "7200", "X-Rate-Limit-Problem": "day"}, times=1)
    with pytest.raises(RetryLater, match="day limit"):
        organisation.patient_for_nothing().organisation()
    with pytest.raises(RetryLater, match="Xero's calls a day are used up until 2026-11-21 14:00:00 UTC") as caught:
        organisation.patient_for_nothing().accounts()
    assert caught.value.after == NOON + timedelta(hours=2)
    clock.at = NOON + timedelta(hours=2)
    assert organisation.patient_for_nothing().accounts()


def test_a_plan_with_fewer_calls_a_day_is_known_from_its_first_answer(organisation: Organisation, shelf: Shelf) -> None:
    """Others have used most of the day up already: what is left is ours, and the refusal never comes."""
    Settings(shelf, DEFAULTS).change({"calls_per_day": 12})
    client = organisation.patient_for_nothing()
    answered = 0
    with pytest.raises(RetryLater, match="calls a day are used up"):
        for _ in range(20):
            client.organisation()
            answered += 1
    assert 0 < answered <= 12


def test_what_an_answer_says_is_left_is_read_by_limit() -> None:
    told = {"x-minlimit-remaining": "59", "x-daylimit-remaining": "998", "x-appminlimit-remaining": "what?"}
    assert [(limit.key, remaining) for limit, remaining in left("T", told)] == [
        ("xero:tenant:T:minute", 59), ("xero:tenant:T:day", 998),
    ]  # fmt: skip
    assert left("T", {}) == []


@pytest.mark.parametrize(
    ("problem", "key"),
    [("minute", "xero:tenant:T:minute"), ("Day", "xero:tenant:T:day"), ("appminute", APP_MINUTE.key),
     ("concurrent", "xero:tenant:T:minute"), ("", "xero:tenant:T:minute")],
)  # fmt: skip
def test_the_limit_that_was_exceeded_is_the_one_named(problem: str, key: str) -> None:
    assert exceeded("T", problem).key == key


def test_the_application_s_limit_is_shared_by_all_organisations() -> None:
    shared = {limit.key for limit in limits("1")} & {limit.key for limit in limits("2")}
    assert shared == {APP_MINUTE.key}
