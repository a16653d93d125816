"""Between two runs somebody tidies up in the books and adds a way of paying at the till: the next run holds exactly the
documents concerned, everything else posts, and what waited goes once it is put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from connector.sandbox.loyverse_receipts import Discount, Paid, PaymentType, Product, Slip, TaxRule, Wish
from connector.sandbox.loyverse_shop import CASH, Shop, Store
from connector.sandbox.town import Town
from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feeds
from connector.store.ledger import shelves_of
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.sync.status import status
from connector.transport.oauth import Grant
from tests.quick import quick_house, quick_town
from tests.sync.merchants import tell_zones
from tests.sync.walking import NOW, REALM, documents_in

KIOSK = Store(name="Kiosk", till=1, country="GB")
VAT = TaxRule(name="VAT", rate=Decimal(20), is_added=True)
CAKE = Product(name="Cake", category="Cakes", price=500, tax=VAT)
BREAD = Product(name="Bread", category="Bread", price=300)
LUNCHEON = PaymentType(name="Luncheon", type="OTHER")
TENTH = Discount(name="Tenth one free", percentage=Decimal(10))
TAXES = {
    "quickbooks": "taxes: {VAT 20%: 20.0% S, none: 0.0% Z}",
    "xero": "taxes: {VAT 20%: OUTPUT2, none: ZERORATEDOUTPUT}",
}
UNTIDY: dict[str, list[dict[str, object]]] = {
    "quickbooks": [
        {"archive_account": "Loyverse Tips"},
        {"change_accounts": [{"Name": "Loyverse Discounts", "AccountType": "Other Current Liability",
                              "AccountSubType": "OtherCurrentLiabilities"}]},
        {"change_tax_rates": [{"Name": "20.0% S", "RateValue": 17.5}]},
    ],
    "xero": [
        {"archive_account": "Loyverse Tips"},
        {"change_accounts": [{"Name": "Loyverse Discounts", "Type": "CURRLIAB"}]},
        {"change_tax_rates": [{"Name": "20% (VAT on Income)", "EffectiveRate": 17.5}]},
    ],
}  # fmt: skip
TIDY: dict[str, list[dict[str, object]]] = {
    "quickbooks": [
        {"restore_account": "Loyverse Tips"},
        {"change_accounts": [{"Name": "Loyverse Discounts", "AccountType": "Income",
                              "AccountSubType": "DiscountsRefundsGiven"}]},
        {"change_tax_rates": [{"Name": "20.0% S", "RateValue": 20}]},
    ],
    "xero": [
        {"restore_account": "Loyverse Tips"},
        {"change_accounts": [{"Name": "Loyverse Discounts", "Type": "REVENUE"}]},
        {"change_tax_rates": [{"Name": "20% (VAT on Income)", "EffectiveRate": 20}]},
    ],
}  # fmt: skip


def sell(shop: Shop, day: int, product: Product, by: PaymentType = CASH, tip: int = 0, *off: Discount) -> None:
    slip = Slip(number="", store="", at=datetime(2026, 11, day, 12, tzinfo=UTC), tip=tip)
    shop.sell(KIOSK, slip, [Wish(product=product, discounts=off)], [Paid(by=by)])


def joined(opened: House, at: Town, books: str) -> Feed:
    """A kiosk in London, into books of the United Kingdom."""
    address = at.houses["loyverse"].base_url
    wanted = Wanted(organisation="Kiosk", provider="loyverse", base_url=address)
    till = connect(opened, wanted, Grant(access_token=at.personal_token("loyverse")))
    tell_zones(opened, till)
    account = REALM if books == "quickbooks" else ""
    wanted = Wanted(organisation="Kiosk", provider=books, base_url=at.houses[books].base_url, account=account)
    target = connect(opened, wanted, Grant(access_token=at.personal_token(books)))
    feed = join(opened, "kiosk", till, target, "clearing")
    with opened.database.transaction() as tx:
        keep_map(tx, feed.id, TAXES[books])
    return feed


def run(opened: House) -> dict[str, str]:
    """Everything that a run does; gives what waits: day and reason."""
    with opened.database.transaction() as tx:
        (feed,) = feeds(tx)
    pull(opened, feed.source)
    journalize(opened, feed)
    post(opened, feed.target)
    with opened.database.transaction() as tx:
        held = [shelf for shelf, _ in shelves_of(tx, feed.id) if shelf.state == "held"]
    return {shelf.business_key.rpartition("|")[2]: shelf.code for shelf in held}


def change(at: Town, books: str, wishes: list[dict[str, object]]) -> None:
    for wish in wishes:
        answer = requests.post(f"{at.houses[books].base_url}/_sandbox/settings", json=wish, timeout=10)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("books", ["quickbooks", "xero"])
def test_the_next_run_holds_exactly_the_documents_concerned_and_everything_else_posts(
    tmp_path: Path, books: str
) -> None:
    with quick_town(lambda: NOW, "loyverse", country="GB") as at:
        shop = Shop(at.houses["loyverse"].shelf, "GBP", 2)
        shop.open("Kiosk", datetime(2026, 11, 1, 9, tzinfo=UTC), (KIOSK,))
        shop.stock((CAKE, BREAD), (CASH,), datetime(2026, 11, 1, 9, tzinfo=UTC))
        sell(shop, 10, CAKE)
        sell(shop, 11, BREAD, CASH, 50, TENTH)
        with quick_house(tmp_path, lambda: NOW, at) as opened:
            feed = joined(opened, at, books)
            pull(opened, feed.source)
            open_accounts(opened, feed)
            assert run(opened) == {}
        first = len(documents_in(at.houses[books].base_url))
        change(at, books, UNTIDY[books])
        shop.stock((), (LUNCHEON,), datetime(2026, 11, 12, 9, tzinfo=UTC))
        sell(shop, 12, BREAD)
        sell(shop, 13, CAKE)
        sell(shop, 14, BREAD, LUNCHEON)
        sell(shop, 15, BREAD, CASH, 50)
        sell(shop, 16, BREAD, CASH, 0, TENTH)
        with quick_house(tmp_path, lambda: NOW + timedelta(hours=2), at) as opened:
            assert run(opened) == {
                "2026-11-13": "tax_rate_differs",
                "2026-11-14": "account_missing",
                "2026-11-15": "account_archived",
                "2026-11-16": "account_retyped",
            }
            waiting = [each for each in status(opened)[0].waiting if each.state == "held"]
            assert ("account Loyverse Luncheon Clearing",) in [each.waits_for for each in waiting]
            assert all(each.amount > 0 and each.waits_for for each in waiting)
        then = documents_in(at.houses[books].base_url)
        assert len(then) > first and not any("20261113" in mark for _, mark, _ in then)
        change(at, books, TIDY[books])
        with quick_house(tmp_path, lambda: NOW + timedelta(hours=4), at) as opened:
            with opened.database.transaction() as tx:
                (feed,) = feeds(tx)
            open_accounts(opened, feed)
            assert run(opened) == {}
        for day in range(10, 17):
            assert any(f"202611{day}" in mark for _, mark, _ in documents_in(at.houses[books].base_url)), day
