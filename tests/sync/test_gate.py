"""Before posting: what the auditor or a policy of the owner says would be wrong is held, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import requests

from connector.sandbox.town import Town
from connector.settings import Settings
from connector.store.feeds import feeds
from connector.store.findings import open_findings
from connector.store.ledger import shelves_of
from connector.store.policies import keep_policies, policies_text
from connector.sync.accounts import open_accounts
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.plan import diff
from connector.sync.post import post
from connector.sync.pull import pull, pull_file
from tests.opened import house as open_house
from tests.sync.walking import NOW, SETTLEMENT, connected, documents_in, house, town

TIPS = "policies: [{name: Tips apart, role: tip, never: {account: Square Tips}}]"
LATER = NOW + timedelta(hours=2)


@contextmanager
def later(folder: Path) -> Iterator[House]:
    """The same house two hours on, when the books are read again."""
    with open_house(Settings(home=folder / "data", settle_seconds=0), lambda: LATER) as opened:
        yield opened


def ready_to_post(opened: House, at: Town, *targets: str) -> None:
    """Square and Amazon into QuickBooks, or the books named: everything pulled, every account open, nothing posted."""
    connected(opened, at, *(targets or ("quickbooks",)))
    with opened.database.transaction() as tx:
        all_feeds = feeds(tx)
    pull(opened, all_feeds[0].source)
    pull_file(opened, all_feeds[1].source, SETTLEMENT)
    for feed in all_feeds:
        open_accounts(opened, feed)


def run(opened: House) -> None:
    with opened.database.transaction() as tx:
        all_feeds = feeds(tx)
    for feed in all_feeds:
        journalize(opened, feed)
    post(opened, all_feeds[0].target)


def held(opened: House) -> dict[str, str]:
    """What waits: the end of its business key, and why."""
    with opened.database.transaction() as tx:
        shelves = [shelf for feed in feeds(tx) for shelf, _ in shelves_of(tx, feed.id) if shelf.state == "held"]
    return {shelf.business_key.rpartition("|")[2]: shelf.code for shelf in shelves}


def change(at: Town, wish: dict[str, object]) -> None:
    answer = requests.post(f"{at.quickbooks.base_url}/_sandbox/settings", json=wish, timeout=10)
    assert answer.status_code == 200, answer.text


def test_what_stands_on_changed_accounts_is_held_all_else_posts_and_it_goes_once_they_are_right(tmp_path: Path) -> None:
    liability = {"AccountType": "Other Current Liability", "AccountSubType": "OtherCurrentLiabilities"}
    with town(tmp_path) as at:
        with house(tmp_path) as opened:
            ready_to_post(opened, at)
        retyped = {"Name": "Square Gift Cards", "AccountType": "Other Income", "AccountSubType": "OtherPrimaryIncome"}
        change(at, {"archive_account": "Square Fees", "change_accounts": [retyped]})
        with later(tmp_path) as opened:
            run(opened)
            assert held(opened) == {
                "2026-03-15": "account_retyped",
                "po_main_000001": "account_archived",
                "po_main_000002": "account_archived",
                "po_main_000003": "account_archived",
            }
            assert (
                len(documents_in(at.quickbooks.base_url)) == 5
            )  # 14 March, one payout, Amazon's two months and payout
            with opened.database.transaction() as tx:
                found = {each.code: each for each in open_findings(tx, feeds(tx)[0].id)}
            assert found["account_retyped"].blocked == ("day|LMAINST0000001|2026-03-15|USD",)
            assert len(found["account_archived"].blocked) == 3
        change(at, {"restore_account": "Square Fees", "change_accounts": [{"Name": "Square Gift Cards", **liability}]})
        with open_house(
            Settings(home=tmp_path / "data", settle_seconds=0), lambda: LATER + timedelta(days=1)
        ) as opened:
            run(opened)
            assert held(opened) == {}
            assert len(documents_in(at.quickbooks.base_url)) == 9


def test_a_plan_that_breaks_a_policy_is_held_with_the_name_of_the_policy(tmp_path: Path) -> None:
    with town(tmp_path) as at, house(tmp_path) as opened:
        ready_to_post(opened, at)
        with opened.database.transaction() as tx:
            square = feeds(tx)[0]
            keep_policies(tx, "Main Street", TIPS, NOW, "Anna")
        plan = diff(opened, square)
        assert {each.code for each in plan.waits} == {"policy"} and len(plan.waits) == 2  # both days have tips
        assert all("'Tips apart'" in each.reason for each in plan.waits)
        run(opened)
        assert sorted(held(opened)) == ["2026-03-14", "2026-03-15"]
        with opened.database.transaction() as tx:
            (found,) = [each for each in open_findings(tx, square.id) if each.code == "policy"]
            keep_policies(tx, "Main Street", "", NOW)
            assert policies_text(tx, "Main Street") == ""
        assert found.subject == "Tips apart" and len(found.blocked) == 2 and found.amount == 1550 + 2624
        run(opened)
        assert held(opened) == {}


def test_what_was_planned_before_a_policy_was_in_force_must_pass_it_as_well(tmp_path: Path) -> None:
    with town(tmp_path) as at, house(tmp_path) as opened:
        ready_to_post(opened, at)
        with opened.database.transaction() as tx:
            square = feeds(tx)[0]
        journalize(opened, square)
        with opened.database.transaction() as tx:
            keep_policies(tx, "Main Street", TIPS, NOW, "Anna")
        assert post(opened, square.target).posted == 0  # what is planned waits for the feed's next run
        with opened.database.transaction() as tx:
            fresh = feeds(tx)[0]
        assert journalize(opened, fresh).held == 2
        assert post(opened, square.target).posted > 0
        assert sorted(held(opened)) == ["2026-03-14", "2026-03-15"]


def test_a_policy_of_which_it_is_enough_to_know_holds_nothing(tmp_path: Path) -> None:
    with town(tmp_path) as at, house(tmp_path) as opened:
        ready_to_post(opened, at)
        with opened.database.transaction() as tx:
            square = feeds(tx)[0]
            keep_policies(tx, "Main Street", TIPS.replace("role: tip", "role: tip, severity: warning"), NOW)
        assert diff(opened, square).waits == ()
