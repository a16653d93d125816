"""Suggestions: where something belongs, why, and how often that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.books import TaxRate
from connector.mapping.suggest import (
    Decided,
    Wanted,
    back_test,
    known_from,
    percent_in,
    suggest,
    suggest_decided_tax,
    suggest_tax,
)
from connector.sources.registry import source
from tests.mapping.audit.catalogue import catalogue
from tests.mapping.audit.given import account, books

SQUARE, LOYVERSE = source("square").defaults, source("loyverse").defaults
CHART = books(account("Sales - Food"), account("Sales - Drinks"), account("Rent", "expense"))


def asked(wanted: Wanted, *here: Decided, elsewhere: tuple[Decided, ...] = ()) -> list[tuple[str, str]]:
    return [(each.account, each.reason) for each in suggest(wanted, known_from(CHART, SQUARE, here, elsewhere))]


def test_the_same_name_goes_where_it_goes_already() -> None:
    decided = Decided("refund", "Cola", "Sales - Drinks")
    first = asked(Wanted("sale", "Cola", role="sales"), decided)[0]
    assert first == ("Sales - Drinks", "'Cola' goes there elsewhere")


def test_a_product_goes_where_its_siblings_go() -> None:
    siblings = [Decided("sale", name, "Sales - Drinks", "Bar") for name in ("Zig", "Zag", "Zug")]
    stray = Decided("sale", "Zog", "Sales - Food", "Bar")
    assert asked(Wanted("sale", "Quux", "Bar", "sales"), *siblings, stray)[0] == (
        "Sales - Drinks",
        "75 of 100 of what is in 'Bar' goes there",
    )


def test_a_name_much_like_another_goes_with_it() -> None:
    first = asked(Wanted("sale", "Cappucino", role="sales"), Decided("sale", "Cappuccino", "Sales - Drinks"))[0]
    assert first == ("Sales - Drinks", "'cappuccino', a name much like it, goes there")


def test_an_account_that_is_called_so_is_taken_before_what_is_proposed() -> None:
    assert [account for account, _ in asked(Wanted("sale", "Food", role="sales"))] == ["Sales - Food", "Square Sales"]


def test_without_anything_known_the_proposal_of_the_source_remains() -> None:
    assert asked(Wanted("tip", "", role="tip")) == [("Square Tips", "it is what Square proposes")]
    own = suggest(Wanted("tender", "Gutschein", role="clearing"), known_from(CHART, LOYVERSE, []))
    assert own[0].account == "Loyverse Gutschein Clearing"


def test_what_is_decided_for_the_whole_slot_goes_before_what_the_source_proposes() -> None:
    known = known_from(CHART, SQUARE, [], slots={"sales": "Sales - Food"})
    found = [(each.account, each.reason) for each in suggest(Wanted("sale", "Quux", role="sales"), known)]
    assert found == [
        ("Sales - Food", "the map decides the slot sales"),
        ("Square Sales", "it is what Square proposes"),
    ]


def test_no_account_of_a_type_that_does_not_fit_is_suggested() -> None:
    rent = Decided("sale", "Rent of bikes", "Rent")
    assert asked(Wanted("sale", "Rent of bikes", role="sales"), rent)[0][0] == "Square Sales"
    assert asked(Wanted("fee", "Rent of a till", role="fee"), rent)[0][0] == "Rent"


def test_what_this_feed_decided_goes_before_what_another_did() -> None:
    here, there = Decided("sale", "Cola", "Sales - Drinks"), Decided("sale", "Cola", "Sales - Food")
    assert asked(Wanted("sale", "Cola", role="sales"), here, elsewhere=(there,))[0][0] == "Sales - Drinks"


def test_an_archived_account_is_not_suggested() -> None:
    chart = replace(
        CHART, accounts=tuple(replace(each, is_active=each.name != "Sales - Food") for each in CHART.accounts)
    )
    found = suggest(Wanted("sale", "Food", role="sales"), known_from(chart, SQUARE, []))
    assert [each.account for each in found] == ["Square Sales"]


RATES = (
    TaxRate(code="OUTPUT2", name="20% (VAT on Income)"),
    TaxRate(code="INPUT2", name="20% (VAT on Expenses)"),
    TaxRate(code="RROUTPUT", name="5% (VAT on Income)"),
    TaxRate(code="OLD", name="20% (VAT on Income) old", is_active=False),
)


def test_a_tax_is_found_by_its_percentage_and_its_name() -> None:
    found = suggest_tax("VAT 20% on income", RATES)
    assert found and found.account == "OUTPUT2"
    reduced = suggest_tax("Reduced 5%", RATES)
    assert reduced and reduced.account == "RROUTPUT"
    assert suggest_tax("Sales tax 8.25%", RATES) is None
    assert (percent_in("VAT 20.0 %"), percent_in("8,25%"), percent_in("none")) == ("20", "8.25", "")


@pytest.mark.parametrize("seed", range(4))
def test_on_the_hidden_half_of_a_catalogue_the_first_suggestion_is_right_in_85_of_100(seed: int) -> None:
    decisions, chart = catalogue(seed, 1_000)
    tried = back_test(decisions, chart, SQUARE)
    assert 400 < tried.asked < 600
    assert tried.percent >= 85, tried
    assert tried.right <= tried.answered <= tried.asked


def test_a_catalogue_decided_by_chance_cannot_be_guessed() -> None:
    decisions, chart = catalogue(7, 600)
    accounts = [each.account for each in decisions]
    shuffled = [each._replace(account=accounts[n * 37 % 600]) for n, each in enumerate(decisions)]
    assert back_test(shuffled, chart, SQUARE).percent < 60


def test_a_tax_goes_where_this_organisation_sent_it_or_its_like_before_names_are_looked_at() -> None:
    decided = [("Standard 20%", "T20B"), ("Beer 9%", "GONE")]
    rates = [*RATES, TaxRate(code="T20B", name="20% services"), TaxRate(code="GONE", name="9%", is_active=False)]
    same, alike = suggest_decided_tax("standard 20%", rates, decided), suggest_decided_tax("VAT 20%", rates, decided)
    assert same is not None and alike is not None
    assert (same.account, same.reason) == ("T20B", "'standard 20%' is decided so elsewhere")
    assert (alike.account, alike.reason) == ("T20B", "other taxes of 20 % are decided so")
    assert suggest_decided_tax("Beer 9%", rates, decided) is None
    assert suggest_decided_tax("VAT 20% on income", RATES, []) == suggest_tax("VAT 20% on income", RATES)
