"""What customers owe and gift cards hold, as Lightspeed says, against what the sales here come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.sales import NoSale
from connector.mapping.documents import documents
from connector.sources.lightspeed.pages import balances
from tests.mapping.given import rules
from tests.sources.lightspeed.building import ACCOUNT, CASH, GIFT, NOON, Json, fact, line, pay, sale
from tests.sources.lightspeed.test_client import NOW, Till, running

ACCOUNTS: Json = {"creditAccountID": "78", "giftCard": "false", "balance": "-72.04", "name": "Casey Canary"}


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    yield from running(tmp_path_factory.mktemp("balances"))


def told(stream: str, *accounts: Json) -> Fact:
    (record,), _ = balances(stream, accounts, NOW)
    return fact(stream, record)


def differing(*facts: Fact) -> list[Finding]:
    return [each for each in documents(facts, rules("lightspeed")).findings if each.code == "balance_differs"]


def on_account(amount: str, account: str = "78", **extra: object) -> Json:
    return sale(line(amount), pays=[pay(amount, ACCOUNT, creditAccountID=account)], **extra)


def deposit(amount: str, account: str = "78") -> Json:
    pays = [pay(f"-{amount}", ACCOUNT, creditAccountID=account), pay(amount, CASH)]
    return sale(pays=pays, saleID="5", completeTime=NOON)


def test_the_stand_in_s_balances_are_what_its_sales_come_to(till: Till) -> None:
    found = till.facts("sales", "credit_accounts", "gift_cards")
    assert differing(*found) == []
    reasons = [each.about.reason for each in found if isinstance(each.about, NoSale) and each.about.balances]
    assert reasons == [
        "Customers owe 0.00 USD and have paid in 72.04: compared with their accounts here.",
        "Gift cards hold 20.00 USD: compared with what was loaded and redeemed here.",
    ]


def test_balances_are_read_once_a_day_in_one_call_and_kept_only_where_they_moved(till: Till) -> None:
    (first,) = till.pages("credit_accounts")
    assert len(first.records) == 1
    assert b"Canary" not in first.body and b"code-of" not in first.body
    assert till.pages("credit_accounts", first.position) == []
    till.clock.now += timedelta(days=1)
    (next_night,) = till.pages("credit_accounts", first.position)
    assert next_night.records == ()
    till.clock.now -= timedelta(days=1)


def test_a_balance_that_the_sales_do_not_come_to_is_a_warning_that_names_the_account() -> None:
    (found,) = differing(
        fact("sales", on_account("27.96")), fact("sales", deposit("90.00")), told("credit_accounts", ACCOUNTS)
    )
    assert (found.severity, found.amount) == ("warning", 1000)
    assert "come to -72.04 USD" in found.message
    assert "records here to -62.04 USD" in found.message
    assert "Accounts that differ: 78 by 10.00 USD." in found.message


def test_accounts_that_differ_against_each_other_are_told_though_the_sum_agrees() -> None:
    both = {**ACCOUNTS, "balance": "10.00"}, {**ACCOUNTS, "creditAccountID": "79", "balance": "20.00"}
    sold = fact("sales", on_account("20.00")), fact("sales", on_account("10.00", "79", saleID="6"))
    (found,) = differing(*sold, told("credit_accounts", *both))
    assert found.amount == 0
    assert "78 by 10.00 USD, 79 by -10.00 USD" in found.message


def test_a_sale_after_the_balances_were_read_is_not_compared_with_them() -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    sold = fact("sales", on_account("5.00", completeTime=later, saleID="7"))
    assert (
        differing(fact("sales", on_account("20.00")), sold, told("credit_accounts", {**ACCOUNTS, "balance": "20"}))
        == []
    )


@pytest.mark.parametrize("held", ["-30.00", "30.00"])
def test_what_gift_cards_hold_counts_whichever_sign_it_has(held: str) -> None:
    loaded = sale(pays=[pay("-30.00", GIFT, creditAccountID="9"), pay("30.00", CASH)], displayableTotal="30.00")
    card: Json = {"creditAccountID": "9", "giftCard": "true", "balance": held}
    assert differing(fact("sales", loaded), told("gift_cards", card)) == []
    (found,) = differing(fact("sales", loaded), told("gift_cards", {**card, "balance": "25.00"}))
    assert found.amount == 500


def test_an_account_of_the_other_kind_in_the_answer_is_left_to_its_own_stream() -> None:
    (record,), _ = balances("gift_cards", [ACCOUNTS, {"creditAccountID": "9", "giftCard": "true", "balance": "0"}], NOW)
    assert record["rows"] == []
