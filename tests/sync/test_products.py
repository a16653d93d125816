"""Products told apart: where a map decides a product by itself, its lines and its siblings' bear their own names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.domain.facts import Fact, sums_by_kind
from connector.sandbox.town import Town
from connector.store import facts as stored
from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feeds, feeds_from
from connector.store.ledger import documents_of, read_document
from connector.sync.accounts import open_accounts
from connector.sync.audit import audit
from connector.sync.explain import explain
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from tests.sync.walking import connected, documents_in, house, town

PLAIN = "slots: {bank: Checking, service_charge: Square Service Charge Income}\n"
BY_CATEGORY = PLAIN + "codes: [{kind: sale, code: Food, account: Sales of Product Income}]\n"
ALONE = PLAIN + "codes: [{kind: sale, code: Dinner plate, account: Services}]\n"
BY_PRODUCT = (
    PLAIN + "codes: [{kind: sale, code: Food, account: Sales of Product Income}, "
    "{kind: sale, code: Dinner plate, account: Services}]\n"
)


@contextmanager
def shop(folder: Path) -> Iterator[tuple[Town, House, Feed]]:
    """Square's weekend, everything pulled, joined with QuickBooks, the proposed accounts open."""
    with town(folder) as at, house(folder) as opened:
        connected(opened, at, "quickbooks")
        with opened.database.transaction() as tx:
            feed = feeds(tx)[0]
        pull(opened, feed.source)
        open_accounts(opened, feed)
        yield at, opened, feed


def decide(opened: House, feed: Feed, text: str) -> Feed:
    with opened.database.transaction() as tx:
        keep_map(tx, feed.id, text)
        return feeds(tx)[0]


def facts(opened: House, feed: Feed) -> list[Fact]:
    with opened.database.transaction() as tx:
        assert [each.id for each in feeds_from(tx, feed.source.id)] == [feed.id]
        return stored.facts(tx, feed.source.id)


def sold(found: list[Fact]) -> Counter[str]:
    """What goods were sold for, by code."""
    sums: Counter[str] = Counter()
    for fact in found:
        for bucket in fact.buckets:
            if bucket.key.kind == "sale":
                sums[bucket.key.code] += bucket.amount
    return sums


def on_accounts(opened: House, feed: Feed) -> Counter[str]:
    """What the planned and posted documents put on each account, debit positive."""
    sums: Counter[str] = Counter()
    with opened.database.transaction() as tx:
        for row in documents_of(tx, feed.id):
            for line in read_document(tx, row).lines:
                sums[line.account] += line.amount
    return sums


def test_products_are_told_apart_by_the_map_in_force_and_what_is_in_the_books_stays(tmp_path: Path) -> None:
    with shop(tmp_path) as (at, opened, feed):
        before = facts(opened, feed)
        assert "Dinner plate" not in sold(before)
        feed = decide(opened, feed, ALONE)
        journalize(opened, feed)
        undecided_siblings_are_named(opened, feed)
        journalize(opened, decide(opened, feed, BY_CATEGORY))  # taken back
        assert facts(opened, feed) == before
        feed = decide(opened, feed, BY_PRODUCT)
        journalize(opened, feed)
        assert [sums_by_kind(fact) for fact in facts(opened, feed)] == [sums_by_kind(fact) for fact in before]
        goods, there = sold(facts(opened, feed)), on_accounts(opened, feed)
        assert goods["Dinner plate"] == -there["Services"] == 240_00
        food = sum(goods[name] for name in ("Sandwich", "Brunch plate", "Starter"))
        assert -there["Sales of Product Income"] == food > 0  # by the category of each, though told apart
        post(opened, feed.target)
        what_is_in_the_books_stays(at, opened, feed)


def undecided_siblings_are_named(opened: House, feed: Feed) -> None:
    (found,) = [each for each in audit(opened) if each.feed.id == feed.id]
    told = {kept.finding.subject for kept in found.findings if kept.finding.code == "unmapped_code"}
    assert {"sale|Sandwich", "sale|Brunch plate", "sale|Starter", "sale|Drinks"} <= told
    assert "sale|Food" not in told


def what_is_in_the_books_stays(at: Town, opened: House, feed: Feed) -> None:
    posted, before = documents_in(at.quickbooks.base_url), facts(opened, feed)
    with opened.database.transaction() as tx:
        marks = [read_document(tx, row).mark for row in documents_of(tx, feed.id) if row.kind == "sales"]
    whys = {why for mark in marks for line in explain(opened, mark).lines for why in line.why}
    assert {"the map decides sale 'Dinner plate'", "the map decides sale 'Food', the category of 'Starter'"} <= whys
    feed = decide(opened, feed, BY_CATEGORY)
    journalize(opened, feed)
    post(opened, feed.target)
    assert documents_in(at.quickbooks.base_url) == posted
    assert facts(opened, feed) == before
