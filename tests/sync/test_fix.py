"""Fixes of the queue: what is shown first is what then happens, to the cent, and who may not see sees nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.domain.account_map import AccountMap, Placement
from connector.domain.finding import Proposal
from connector.domain.queue import Item, causes
from connector.errors import Unreadable
from connector.sandbox.square_weekend import fill
from connector.sandbox.town import Town
from connector.store.account_maps import keep_map, map_versions
from connector.store.feeds import Feed, feeds
from connector.store.persons import keep_person, set_role
from connector.store.queue import queue_items
from connector.sync.audit import audit
from connector.sync.fix import Preview, apply, preview
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from tests.quick import quick_house, quick_town
from tests.sync.test_gate import ready_to_post
from tests.sync.walking import NOW, balances_in


@contextmanager
def street() -> Iterator[Town]:
    with quick_town(lambda: NOW, "square") as at:
        fill(at.square.shelf)
        yield at


def run(opened: House) -> None:
    for feed in all_feeds(opened):
        journalize(opened, feed)
    for target in {feed.target.id: feed.target for feed in all_feeds(opened)}.values():
        post(opened, target)


def all_feeds(opened: House) -> list[Feed]:
    with opened.database.transaction() as tx:
        return feeds(tx)


def items(opened: House) -> list[Item]:
    with opened.database.transaction() as tx:
        return queue_items(tx)


def shop_without_decisions(opened: House, at: Town, *targets: str) -> None:
    """Everything pulled; nobody said what Square's service charges are, and a fee account of Amazon is misspelt."""
    ready_to_post(opened, at, *targets)
    with opened.database.transaction() as tx:
        for feed in feeds(tx):
            wrong = ", referral_fees: Amazon Referal Fees" if feed.source.provider == "amazon" else ""
            keep_map(tx, feed.id, f"slots: {{bank: Checking{wrong}}}")
    run(opened)
    audit(opened)


Balances = dict[tuple[str, str], int]  # by books and account


def balances(at: Town) -> Balances:
    """What the stand-ins' own ledgers hold, debit positive."""
    return {
        (books, name): amount
        for books in ("quickbooks", "xero")
        for name, amount in balances_in(at.houses[books].base_url).items()
    }


def moved(at: Town, before: Balances) -> Balances:
    """What the stand-ins' own ledgers have more than before."""
    now = balances(at)
    change = {name: now.get(name, 0) - before.get(name, 0) for name in {*now, *before}}
    return {name: amount for name, amount in change.items() if amount}


def by_account(shown: list[Preview]) -> Balances:
    net: Counter[tuple[str, str]] = Counter()
    for each in shown:
        for (account, _, _), amount in each.impact.net.items():
            net[each.feed.target.provider, account] += amount
    return {name: amount for name, amount in net.items() if amount}


def test_the_impact_of_all_proposed_fixes_is_what_then_happens_to_the_cent(tmp_path: Path) -> None:
    with street() as at, quick_house(tmp_path, lambda: NOW, at) as opened:
        shop_without_decisions(opened, at)
        found = causes(items(opened))
        assert [cause.code for cause in found[:2]] == ["account_missing", "unmapped_service_charge"]
        assert (
            len(found[0].items[0].finding.blocked) == 1 and found[0].items[0].finding.subject == "Amazon Referal Fees"
        )
        before, shown = balances(at), []
        for feed in all_feeds(opened):
            proposals = [item.finding.proposal for item in items(opened) if item.feed_id == feed.id]
            wanted = [proposal for proposal in proposals if proposal]
            looked = preview(opened, feed, wanted)
            assert looked.impact.goes and looked.impact.past == () and looked.impact.waits == ()
            assert apply(opened, feed, wanted, author="Anna", reason="so") == looked
            shown.append(looked)
        assert moved(at, before) == {}  # a fix decides; posting is the next run's
        assert {month for each in shown for _, month, _ in each.impact.net} == {"2026-03", "2026-04", "2026-05"}
        run(opened)
        assert moved(at, before) == by_account(shown)
        audit(opened)
        assert [item.finding.code for item in items(opened) if item.finding.severity == "blocking"] == []
        with opened.database.transaction() as tx:
            newest = map_versions(tx, feeds(tx)[0].id)[0]
        assert (newest.author, newest.reason) == ("Anna", "so")


def test_documents_in_the_books_stay_and_the_impact_says_what_they_would_have_been(tmp_path: Path) -> None:
    with street() as at, quick_house(tmp_path, lambda: NOW, at) as opened:
        ready_to_post(opened, at)
        run(opened)
        square, before = all_feeds(opened)[0], balances(at)
        change = AccountMap(codes={("sale", ""): Placement(account="Sales of Product Income")})
        shown = preview(opened, square, [Proposal(change=change)])
        assert [(each.day.isoformat(), each.accounts) for each in shown.impact.past] == [
            ("2026-03-14", (("Sales of Product Income", -22300), ("Square Sales", 22300))),
            ("2026-03-15", (("Sales of Product Income", -31000), ("Square Sales", 31000))),
        ]
        assert dict(shown.impact.net) == {} and shown.impact.goes == ()
        apply(opened, square, [Proposal(change=change)], author="Anna", reason="so")
        run(opened)
        assert moved(at, before) == {}


def test_a_person_sees_only_organisations_that_it_belongs_to(tmp_path: Path) -> None:
    with street() as at, quick_house(tmp_path, lambda: NOW, at) as opened:
        shop_without_decisions(opened, at)
        with opened.database.transaction() as tx:
            for name in ("Anna", "Bert"):
                keep_person(tx, name)
            set_role(tx, "Anna", "Main Street", "accountant")
        anna, bert = opened.seen_by("Anna"), opened.seen_by("Bert")
        assert items(anna) == items(opened) != [] and all_feeds(anna) == all_feeds(opened)
        assert items(bert) == [] == all_feeds(bert)
        assert audit(bert) == []
        anna.sight.need("decide", "Main Street")
        with pytest.raises(Unreadable, match="may not say who may do what"):
            anna.sight.need("manage", "Main Street")
        with pytest.raises(Unreadable, match="There is no person 'Carl'"):
            opened.seen_by("Carl")
