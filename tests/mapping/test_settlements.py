"""Settlements: months, styles, signs, and the whole held when a part is not understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from msgspec import structs

from connector.domain.account_map import AccountMap, Exchange, Placement
from connector.domain.facts import Fact, Problem
from connector.domain.payouts import Settlement
from connector.mapping.documents import documents
from connector.mapping.rules import Style
from tests.mapping.given import rules, settlement, sums

MAY_4, JUNE_2 = date(2026, 5, 4), date(2026, 6, 2)


def three_months(deposits_on: date = MAY_4) -> Fact:
    return settlement(
        600, ("sales", "2026-03", 100), ("sales", "2026-04", -200), ("sales", "2026-05", 700), deposits_on=deposits_on
    )


def told(fact: Fact, style: Style, account_map: AccountMap | None = None) -> list[tuple[str, str, dict[str, int]]]:
    wanted = rules("amazon", style=style, account_map=account_map) if account_map else rules("amazon", style=style)
    return [(d.date.isoformat(), d.kind, sums(d.lines)) for d in documents([fact], wanted).documents]


def test_three_months_in_style_clearing_are_three_parts_and_a_transfer() -> None:
    assert told(three_months(), "clearing") == [
        ("2026-03-31", "settlement", {"Amazon Sales": -100, "Amazon.com Clearing": 100}),
        ("2026-04-30", "settlement", {"Amazon Sales": 200, "Amazon.com Clearing": -200}),
        ("2026-05-02", "settlement", {"Amazon Sales": -700, "Amazon.com Clearing": 700}),
        ("2026-05-04", "transfer", {"Checking": 600, "Amazon.com Clearing": -600}),
    ]


def test_three_months_in_style_bank_carry_what_they_earned_to_the_last() -> None:
    assert told(three_months(), "bank") == [
        ("2026-03-31", "settlement", {"Amazon Sales": -100, "Amazon.com Carried Balance": 100}),
        ("2026-04-30", "settlement", {"Amazon Sales": 200, "Amazon.com Carried Balance": -200}),
        ("2026-05-04", "settlement", {"Amazon Sales": -700, "Amazon.com Carried Balance": 100, "Checking": 600}),
    ]


def test_a_deposit_in_a_later_month_gets_a_closing_document_of_its_own() -> None:
    assert told(three_months(JUNE_2), "bank")[2:] == [
        ("2026-05-02", "settlement", {"Amazon Sales": -700, "Amazon.com Carried Balance": 700}),
        ("2026-06-02", "transfer", {"Checking": 600, "Amazon.com Carried Balance": -600}),
    ]


def test_a_negative_settlement_leaves_a_debt_in_clearing_and_meets_no_bank_line() -> None:
    fact = settlement(-321, ("fee_subscription", "2026-05", -321), deposits_on=MAY_4)
    wanted = [("2026-05-02", "settlement", {"Amazon Subscription Fees": 321, "Amazon.com Clearing": -321})]
    assert told(fact, "clearing") == wanted
    assert told(fact, "bank") == wanted


def test_the_debt_of_the_last_settlement_is_taken_back_from_the_same_clearing_account() -> None:
    pieces = ("negative_balance_brought_forward", "2026-05", -321), ("sales", "2026-05", 1000)
    (part, _) = told(settlement(679, *pieces, deposits_on=MAY_4), "clearing")
    assert part[2] == {"Amazon Sales": -1000, "Amazon.com Clearing": 1000}


def test_a_settlement_that_the_reserve_takes_whole_has_no_deposit() -> None:
    fact = settlement(0, ("sales", "2026-05", 500), ("reserve_held", "2026-05", -500), deposits_on=MAY_4)
    wanted = [("2026-05-02", "settlement", {"Amazon Sales": -500, "Amazon Reserve": 500})]
    assert told(fact, "clearing") == wanted
    assert told(fact, "bank") == wanted


def test_without_a_bank_account_the_parts_go_and_the_transfer_waits() -> None:
    made = documents([three_months()], rules("amazon", account_map=AccountMap()))
    assert [document.kind for document in made.documents] == ["settlement"] * 3
    assert [(held.code, held.movements) for held in made.held] == [("unmapped_bank", 0)]


def test_rows_that_do_not_sum_to_the_total_hold_everything() -> None:
    problem = Problem(code="A1", message="The rows sum to 5.99, the total says 6.00.", difference=1)
    fact = settlement(600, ("sales", "2026-05", 599), deposits_on=MAY_4, problems=(problem,))
    made = documents([fact], rules("amazon"))
    assert made.documents == ()
    assert [(held.code, held.difference, held.movements) for held in made.held] == [("A1", 1, 1)]


def test_one_unknown_triple_holds_all_parts() -> None:
    fact = settlement(600, ("sales", "2026-04", 500), ("unknown", "2026-05", 100), deposits_on=MAY_4)
    made = documents([fact], rules("amazon"))
    assert made.documents == ()
    assert [(held.code, held.movements) for held in made.held] == [("unknown_kind", 2)]


def test_tax_that_the_marketplace_did_not_take_back_is_told_and_holds_nothing() -> None:
    pieces = (("tax_collected", "2026-05", 80), ("marketplace_tax_withheld", "2026-05", -60), ("sales", "2026-05", 500))
    made = documents([settlement(520, *pieces, deposits_on=MAY_4)], rules("amazon"))
    assert made.held == ()
    (finding,) = made.findings
    assert finding.severity == "info"
    assert "0.20 USD of tax was not withheld" in finding.message


def test_the_same_settlement_twice_is_journalized_once() -> None:
    once, twice = documents([three_months()], rules("amazon")), documents([three_months()] * 2, rules("amazon"))
    assert twice.documents == once.documents
    assert [ignored.movements for ignored in twice.ignored] == [3]


def test_two_files_of_one_settlement_that_differ_wait_for_a_person() -> None:
    other = settlement(700, ("sales", "2026-05", 700), deposits_on=MAY_4)
    made = documents([three_months(), other], rules("amazon"))
    assert made.documents == ()
    assert [(held.code, held.movements) for held in made.held] == [("settlement_differs", 4)]


def test_each_marketplace_has_a_clearing_account_and_a_number_of_its_own() -> None:
    made = {}
    for marketplace in ("Amazon.com", "Amazon.ca", "Amazon.co.uk"):
        fact = three_months()
        assert isinstance(fact.about, Settlement)
        about = structs.replace(fact.about, marketplace=marketplace)
        (line, *_) = [
            line
            for line in documents([structs.replace(fact, about=about)], rules("amazon")).documents[0].lines
            if line.role == "clearing"
        ]
        made[line.account] = line.number
    assert made == {
        "Amazon.com Clearing": "AM-6000",
        "Amazon.ca Clearing": "AM-6000CA",
        "Amazon.co.uk Clearing": "AM-6000UK",
    }


def test_where_tax_goes_by_code_the_sellers_own_tax_waits_for_a_decision() -> None:
    pieces = ("tax_collected", "2026-05", 80), ("sales", "2026-05", 500)
    fact = settlement(580, *pieces, deposits_on=MAY_4)
    waiting = rules("amazon", country="GB", out_of_scope="NONE", account_map=AccountMap(taxes={"none": "OUTPUT2"}))
    assert [held.code for held in documents([fact], waiting).held] == ["unmapped_sales_tax"]
    slots = {"sales_tax": Placement(account="VAT"), "bank": Placement(account="Checking")}
    decided = replace(waiting, account_map=AccountMap(taxes={"none": "OUTPUT2"}, slots=slots))
    assert documents([fact], decided).held == ()


def test_in_style_bank_the_bank_line_is_what_the_bank_received() -> None:
    exchange = Exchange(home="CAD", rates={("USD", date(2026, 4, 1)): "1.2900"}, deposits={"S1": 96856})
    account_map = AccountMap(slots={"bank": Placement(account="Chequing")}, exchange=exchange)
    fact = settlement(74897, ("sales", "2026-05", 74897), deposits_on=MAY_4)
    ((_, _, lines),) = told(fact, "bank", account_map)
    assert lines == {"Amazon Sales": -96617, "Chequing": 96856, "Exchange Gain or Loss": -239}
    unknown = replace(account_map, exchange=replace(exchange, deposits={}))
    (held,) = documents([fact], rules("amazon", style="bank", account_map=unknown)).held
    assert (held.code, held.movements) == ("missing_deposit", 1)


def test_a_document_keeps_its_rate_and_a_deposit_the_one_that_the_bank_made_of_it() -> None:
    exchange = Exchange(home="CAD", rates={("USD", date(2026, 4, 1)): "1.2900"}, deposits={"S1": 96856}, source="bank")
    account_map = AccountMap(slots={"bank": Placement(account="Chequing")}, exchange=exchange)
    fact = settlement(74897, ("sales", "2026-05", 74897), deposits_on=MAY_4)
    made = documents([fact], rules("amazon", account_map=account_map)).documents
    assert [(each.kind, each.currency, each.rate, each.rate_source) for each in made] == [
        ("settlement", "CAD", "1.2900", "bank"),
        ("transfer", "CAD", "1.293189", "what the bank received"),
    ]
    kept = replace(account_map, exchange=replace(exchange, clearing="foreign"))
    made = documents([fact], rules("amazon", account_map=kept)).documents
    assert {(each.currency, each.rate) for each in made} == {("USD", "1.2900")}
    assert made[0].debits == 74897


def test_without_a_rate_a_foreign_settlement_waits_and_names_the_currency() -> None:
    account_map = AccountMap(slots={"bank": Placement(account="Chequing")}, exchange=Exchange(home="CAD"))
    made = documents([three_months()], rules("amazon", account_map=account_map))
    assert {held.code for held in made.held} == {"missing_rate", "missing_deposit"}
    assert "There is no USD rate in CAD on or before 2026-03-31" in made.held[0].reason
