"""QuickBooks' limits on calls are kept before it has to say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import RetryLater
from connector.sandbox.faults import Fault, Faults
from connector.sandbox.quickbooks.app import desk_for, quickbooks_app
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.store.budgets import StoredBudget
from connector.targets.quickbooks.client import open_client
from connector.targets.quickbooks.limits import limits
from connector.targets.quickbooks.records import CompanyInfo
from connector.transport.access import Access
from tests.store.given import database
from tests.transport.waiting import NOON, Clock


def test_a_steady_stream_of_calls_is_nearly_as_fast_as_the_limits_allow_and_never_refused(tmp_path: Path) -> None:
    clock, faults = Clock(), Faults()
    with Shelf(tmp_path / "books") as shelf, database(tmp_path) as opened:
        token = desk_for(shelf, clock.now, "").issue_personal_token()
        with serve(quickbooks_app(shelf, faults=faults, clock=clock.now)) as served:
            access = Access(base_url=served.base_url, external_id=REALM, token=lambda: token, now=clock.now)
            client = open_client(replace(access, budget=StoredBudget(opened), sleep=clock.sleep))
            for _ in range(100):
                client.one("CompanyInfo", REALM, CompanyInfo)
            assert timedelta(seconds=12) < clock.now() - NOON < timedelta(seconds=15), "readers have four fifths"
            assert max(clock.slept) < 1, "it waited before the calls, not after a refusal"

            faults.add(Fault(status=429, headers={"Retry-After": "120"}))
            with pytest.raises(RetryLater):
                client.one("CompanyInfo", REALM, CompanyInfo)
            told = clock.now() + timedelta(seconds=120)
            other = open_client(replace(access, budget=StoredBudget(opened), sleep=clock.no_sleep))
            with pytest.raises(RetryLater, match="QuickBooks' calls a minute are used up") as caught:
                other.create("JournalEntry", "{}", "key", CompanyInfo)
            assert caught.value.after == told
            clock.at = told
            other.one("CompanyInfo", REALM, CompanyInfo)


def test_every_company_has_limits_of_its_own() -> None:
    assert {limit.key for limit in limits("1")} & {limit.key for limit in limits("2")} == set()
    assert {limit.calls: limit.window for limit in limits("1")} == {
        500: timedelta(minutes=1), 10: timedelta(seconds=1),
    }  # fmt: skip
