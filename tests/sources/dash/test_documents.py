"""What a bookkeeper sees of a day: the worked example of the contract, several providers, and what is held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pytest

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Fact
from connector.domain.notation import journal
from connector.domain.shop import Shop
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules
from connector.sources.dash.defaults import DEFAULTS
from connector.sources.dash.records import Place
from connector.sources.dash.translate.shops import read_shop
from tests.sources.dash.building import Json, delivered, fact, payment, plain, product, summary, tax


def _made(facts: Iterable[Fact], account_map: AccountMap | None = None, country: str = "US") -> Journalized:
    rules = Rules(
        defaults=DEFAULTS,
        account_map=account_map or AccountMap(),
        organisation="o",
        connection="c",
        account="file",
        country=country,
    )
    return documents(facts, rules)


def _accounts(made: Journalized) -> dict[str, int]:
    return {line.account: line.amount for document in made.documents for line in document.lines}


def test_the_example_of_the_contract_is_this_journal() -> None:
    delivery = {"provider": "Swift Bites", "net_sales": "100.00", "tax": "8.25", "tax_remitted_by": "provider"}
    body = summary(
        [product("Food", "300.00"), product("Food", "100.00", provider="Swift Bites")],
        [tax("24.00", name="Sales Tax", rate="0.08", taxable="300.00")],
        [payment("cash", "131.00"), payment("credit_card", "200.00"), payment("delivery_provider", "105.00")],
        tips="12.00",
        delivery_providers=[delivery | {"tips": "5.00", "commission": "20.00"}],
        currency="USD",
    )
    assert journal(_made([fact(body)]).documents).splitlines()[1:] == [
        "  Dr  Dash Delivery Commissions         20.00",
        "  Dr  Dash Credit Card Clearing        200.00",
        "  Dr  Dash Cash Clearing               131.00",
        "  Dr  Delivery Provider                 85.00",
        "  Cr  Dash Sales                       400.00",
        "  Cr  Dash Tips                         12.00",
        "  Cr  Dash Sales Tax Collected          24.00",
    ]


def test_two_providers_on_one_day_have_an_account_each() -> None:
    rows: Sequence[Json] = [
        {"provider": name, "net_sales": net, "tax_remitted_by": "provider"}
        for name, net in (("A", "5.00"), ("B", "7.00"))
    ]
    paid = [payment("delivery_provider", "5.00", provider="A"), payment("delivery_provider", "7.00", provider="B")]
    accounts = _accounts(_made([fact(summary([product("Food", "12.00")], [], paid, delivery_providers=rows))]))
    assert accounts == {"Delivery Provider A": 500, "Delivery Provider B": 700, "Dash Sales": -1200}


def test_a_provider_has_its_account_also_on_days_on_which_the_other_sold_nothing() -> None:
    shop = read_shop([Place(id="L1", delivery_providers=("Swift Bites", "Night Owl"))], "")
    made = _made([fact(delivered("50.00", tax_remitted_by="provider", commission="10.00"), shop)])
    assert _accounts(made)["Delivery Provider Swift Bites"] == 4000


def test_one_provider_is_the_account_of_the_table() -> None:
    accounts = _accounts(_made([fact(delivered("50.00", tax_remitted_by="provider"), Shop())]))
    assert accounts["Delivery Provider"] == 5000


def test_a_tax_without_a_remitter_holds_the_whole_day_until_somebody_says() -> None:
    found = fact(delivered("54.00", tax="4.00"))
    made = _made([found])
    assert made.documents == ()
    assert [(held.code, held.movements) for held in made.held] == [("unknown_kind", found.movement_count)]
    assert "remitter not told" in made.held[0].reason
    code = "Tax through Swift Bites, remitter not told"
    placed = Placement(role="tax", side="credit", account="Sales tax payable")
    told = _made([found], AccountMap(codes={("unknown", code): placed}))
    assert _accounts(told)["Sales tax payable"] == -400


def test_a_day_that_fails_its_balance_is_held_with_the_difference() -> None:
    made = _made([fact(plain() | {"payments": [payment("cash", "100.00")]})])
    assert [(held.code, held.difference) for held in made.held] == [("D1", 1300)]


def test_service_charges_hold_the_day_until_the_owner_says_whose_they_are() -> None:
    body = plain(service_charges="5.00") | {"payments": [payment("cash", "118.00")]}
    assert [held.code for held in _made([fact(body)]).held] == ["unmapped_service_charge"]
    decided = AccountMap(slots={"service_charge": Placement(account="Catering")})
    assert _accounts(_made([fact(body)], decided))["Catering"] == -500


def test_a_paid_out_waits_alone_and_the_sales_of_its_day_go() -> None:
    made = _made([fact(plain(paid_out="10.00"))])
    assert [held.code for held in made.held] == ["unmapped_paid_out"]
    assert _accounts(made)["Dash Cash Clearing"] == 11300


def test_in_books_that_carry_tax_by_code_the_sales_bear_it() -> None:
    made = _made([fact(plain())], AccountMap(taxes={"HST 13%": "HST ON"}), country="CA")
    lines = {line.account: (line.amount, line.tax_code, line.tax) for line in made.documents[0].lines}
    assert lines["Dash Sales"] == (-11300, "HST ON", -1300)


def test_in_books_that_carry_tax_by_code_sales_of_an_untold_tax_wait() -> None:
    body = summary([product("Food", "100.00"), product("Milk", "9.00")], [tax("13.00", taxable="100.00")])
    body["payments"] = [payment("cash", "122.00")]
    made = _made([fact(body)], AccountMap(taxes={"HST 13%": "HST ON", "none": "E"}), country="CA")
    assert [held.code for held in made.held] == ["unmapped_tax"]
    assert "Unknown tax" in made.held[0].reason


@pytest.mark.parametrize(("amount", "warned"), [("13.05", False), ("12.95", False), ("13.06", True), ("3.00", True)])
def test_a_tax_far_from_its_rate_is_a_warning_and_holds_nothing(amount: str, warned: bool) -> None:
    paid = payment("cash", f"{100 + Decimal(amount)}")
    made = _made([fact(plain() | {"taxes": [tax(amount, taxable="100.00")], "payments": [paid]})])
    assert [each.severity for each in made.findings if each.code == "D8"] == ["warning"] * warned
    assert len(made.documents) == 1
    assert not made.held


def test_a_tax_that_does_not_tell_its_base_is_not_compared() -> None:
    body = plain() | {"taxes": [tax("3.00")], "payments": [payment("cash", "103.00")]}
    assert "D8" not in {each.code for each in _made([fact(body)]).findings}
