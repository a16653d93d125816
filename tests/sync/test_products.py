"""Products told apart: where a map decides a product by itself, its lines and its siblings' bear their own names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.bootstrap import house as open_house
from connector.domain.facts import Fact, sums_by_kind
from connector.sandbox.square_weekend import fill as fill_square
from connector.sandbox.town import Town, open_town, shop_module
from connector.settings import Settings
from connector.store import facts as stored
from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feeds, feeds_from
from connector.store.ledger import documents_of, read_document
from connector.sync.accounts import open_accounts
from connector.sync.audit import audit
from connector.sync.connect import Wanted, connect, join
from connector.sync.explain import explain
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.sync.merchants import tell_zones
from tests.sync.walking import NOW, REALM, documents_in

TILLS = {  # the product that is decided, its category, and a sibling
    "square": ("Dinner plate", "Food", "Sandwich"),
    "lightspeed": ("Atlas", "Books", "Novel"),
    "lightspeed_x": ("Mug", "Homeware", "Poster"),
    "loyverse": ("Taco", "Food", "Bagel"),
}
PLAIN = "slots: {bank: Checking, service_charge: Square Service Charge Income}\n"
BY_CATEGORY = PLAIN + "codes: [{kind: sale, code: Food, account: Sales of Product Income}]\n"
BY_PRODUCT = (
    PLAIN + "codes: [{kind: sale, code: Food, account: Sales of Product Income}, "
    "{kind: sale, code: Dinner plate, account: Services}]\n"
)


@contextmanager
def shop(folder: Path, name: str) -> Iterator[tuple[Town, House, Feed]]:
    """One till with its goods, everything pulled, joined with QuickBooks; nothing is decided."""
    with open_town(folder, clock=lambda: NOW, shops=(name,)) as town:
        (fill_square if name == "square" else shop_module(name).fill)(town.houses[name].shelf)
        town.open_currencies("NZD")
        with open_house(Settings(home=folder / "data", settle_seconds=0), lambda: NOW) as opened:
            at, books_at = town.houses[name].base_url, town.quickbooks.base_url
            wanted = Wanted(organisation="Main Street", provider=name, base_url=at)
            source = connect(opened, wanted, Grant(access_token=town.personal_token(name)))
            tell_zones(opened, source)
            pull(opened, source)
            wanted = Wanted(organisation="Main Street", provider="quickbooks", base_url=books_at, account=REALM)
            books = connect(opened, wanted, Grant(access_token=town.personal_token("quickbooks")))
            yield town, opened, join(opened, "till", source, books, "clearing")


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


@pytest.mark.parametrize("name", sorted(TILLS))
def test_the_first_product_in_a_map_tells_its_category_apart_and_nothing_else(tmp_path: Path, name: str) -> None:
    product, category, sibling = TILLS[name]
    with shop(tmp_path, name) as (_, opened, feed):
        feed = decide(opened, feed, "slots: {bank: Checking}\n")
        journalize(opened, feed)
        before = facts(opened, feed)
        assert before and product not in sold(before) and sold(before)[category]
        feed = decide(opened, feed, f"codes: [{{kind: sale, code: {product}, account: Services}}]\n")
        journalize(opened, feed)
        after = facts(opened, feed)
        assert [sums_by_kind(fact) for fact in after] == [sums_by_kind(fact) for fact in before]
        there = sold(after)
        assert there[product] and there[sibling] and category not in there
        others = {code: amount for code, amount in sold(before).items() if code != category}
        assert {code: there[code] for code in others} == others
        feed = decide(opened, feed, "slots: {bank: Checking}\n")
        journalize(opened, feed)
        assert facts(opened, feed) == before


def test_the_product_goes_before_its_category_and_what_is_in_the_books_stays(tmp_path: Path) -> None:
    with shop(tmp_path, "square") as (town, opened, feed):
        feed = decide(opened, feed, BY_PRODUCT)
        journalize(opened, feed)
        goods, there = sold(facts(opened, feed)), on_accounts(opened, feed)
        assert goods["Dinner plate"] == -there["Services"] == 150_00
        food = sum(goods[name] for name in ("Sandwich", "Brunch plate", "Starter"))
        assert -there["Sales of Product Income"] == food > 0  # by the category of each, though told apart
        open_accounts(opened, feed)
        post(opened, feed.target)
        posted, before = documents_in(town.quickbooks.base_url), facts(opened, feed)
        with opened.database.transaction() as tx:
            marks = [read_document(tx, row).mark for row in documents_of(tx, feed.id) if row.kind == "sales"]
        whys = {why for mark in marks for line in explain(opened, mark).lines for why in line.why}
        assert {"the map decides sale 'Dinner plate'", "the map decides sale 'Food', the category of 'Starter'"} <= whys
        feed = decide(opened, feed, BY_CATEGORY)
        journalize(opened, feed)
        post(opened, feed.target)
        assert documents_in(town.quickbooks.base_url) == posted
        assert facts(opened, feed) == before


def test_a_product_without_a_decision_is_named_where_its_siblings_have_one(tmp_path: Path) -> None:
    with shop(tmp_path, "square") as (_, opened, feed):
        feed = decide(opened, feed, PLAIN + "codes: [{kind: sale, code: Dinner plate, account: Services}]\n")
        journalize(opened, feed)
        (found,) = [each for each in audit(opened) if each.feed.id == feed.id]
        told = {kept.finding.subject for kept in found.findings if kept.finding.code == "unmapped_code"}
        assert {"sale|Sandwich", "sale|Brunch plate", "sale|Starter", "sale|Drinks"} <= told
        assert "sale|Food" not in told
