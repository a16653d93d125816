"""Accounts: the smallest world in which each is wrong, the finding as text, the fix, and the finding gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.books import Account
from connector.mapping.auditor import audit
from tests.mapping.audit.given import ACCOUNTS, account, books, mapped, only, to, use, world

TIPS = next(each for each in ACCOUNTS if each.name == "Square Tips")
CARDS = next(each for each in ACCOUNTS if each.name == "Square Balance")


def test_a_well_kept_shop_has_nothing_to_find() -> None:
    assert audit(world()) == ()


def test_a_gift_card_given_away_stands_on_what_is_owed_to_bearers_and_finds_nothing() -> None:
    given = use("gift_card_goodwill", "ADJUST_INCREMENT:COMPLIMENTARY", -10_00)
    assert audit(world(given, books=books(account("Square Discounts", "income", "SQ-2001")))) == ()


def test_an_archived_account_is_made_active_again() -> None:
    finding = only(world(books=books(replace(TIPS, is_active=False))), "account_archived")
    assert finding.severity == "blocking"
    assert finding.message == "Square Tips is archived in the books; tips (30.00 USD) goes there."
    assert finding.fix.startswith("Make Square Tips active again in the books.")
    assert (finding.amount, finding.currency, finding.movements) == (30_00, "USD", 10)
    assert audit(world(books=books(TIPS))) == ()


def test_an_account_that_never_was_in_the_books_is_opened_as_proposed() -> None:
    finding = only(world(books=books(without=["Square Tips"])), "account_missing")
    assert finding.message == "Square Tips is not in the books; tips (30.00 USD) goes there."
    assert finding.fix == "connector feed accounts shop --create opens it as proposed."


def test_a_name_typed_wrong_is_answered_with_the_account_that_is_meant() -> None:
    typed = mapped({"tips": to("Sqaure Tips Payable")})
    tips = account("Square Tips Payable", "current_liability")
    finding = only(world(account_map=typed, books=books(tips)), "account_missing")
    assert finding.fix.startswith("In the account map, under slots: {tips: Square Tips")
    assert audit(world(account_map=mapped({"tips": to("Square Tips Payable")}), books=books(tips))) == ()


def test_a_deleted_account_is_told_from_one_that_never_was() -> None:
    values = world(books=books(without=["Square Tips"]), earlier=(books(),))
    finding = only(values, "account_deleted")
    assert finding.message.startswith("Square Tips was deleted in the books, or merged into another account;")


def test_a_renamed_account_is_followed_by_its_id() -> None:
    renamed = replace(TIPS, name="Tips owed", number="")
    now = books(renamed, without=["Square Tips"])
    finding = only(world(books=now, earlier=(books(),)), "account_renamed")
    assert finding.message == "Square Tips is called Tips owed in the books now."
    assert finding.fix == "In the account map, under slots: {tips: Tips owed}. Reason: it is the same account."
    assert audit(world(books=now, earlier=(books(),), account_map=mapped({"tips": to("Tips owed")}))) == ()


def test_another_account_under_the_same_name_is_told_once() -> None:
    now = books(replace(TIPS, account_id="id other"))
    finding = only(world(books=now, earlier=(books(),)), "account_merged")
    assert "the former one was merged or replaced" in finding.message
    assert audit(world(books=now, earlier=(now, books()))) == ()


def test_a_retyped_account_gets_its_type_back_where_its_lines_no_longer_fit() -> None:
    now = books(replace(TIPS, type="income", kind="Income"))
    finding = only(world(books=now, earlier=(books(),)), "account_retyped")
    assert finding.severity == "blocking"
    assert finding.fix.startswith("Give Square Tips its type Other Current Liability back in the books.")
    assert audit(world(books=books(), earlier=(now,))) != ()  # told once, to know
    assert audit(world(books=books(), earlier=(books(), now))) == ()


def test_a_retyped_account_that_still_fits_holds_nothing() -> None:
    now = books(replace(TIPS, type="liability", kind="Long Term Liability"))
    assert only(world(books=now, earlier=(books(),)), "account_retyped").severity == "info"
    assert audit(world(books=now, earlier=(now, books()))) == ()


def test_an_account_of_another_currency_would_be_refused() -> None:
    finding = only(world(books=books(replace(CARDS, currency="CAD"))), "account_currency")
    assert finding.message == "Square Balance is kept in CAD; amounts in USD go there."
    assert audit(world(books=books(replace(CARDS, currency="USD")))) == ()


def test_payments_to_an_account_that_were_disabled_are_enabled_again() -> None:
    now = books(replace(CARDS, takes_payments=False))
    finding = only(world(books=now, earlier=(now, books())), "payments_disabled")
    assert finding.fix == "Enable payments to Square Balance in the books."
    assert audit(world(books=books(), earlier=(now, books()))) == ()


WRONG = [
    (replace(CARDS, type="income", kind="Income"), "clearing_on_profit_and_loss"),
    (replace(CARDS, type="equity", kind="Equity"), "account_wrong_type"),
    (replace(TIPS, type="income", kind="Income"), "tips_on_income"),
    (account("Square Fees", "income", "SQ-3000"), "account_wrong_type"),
    (account("Checking", "income"), "account_wrong_type"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG, ids=lambda value: getattr(value, "name", value))
def test_row_40_an_account_of_the_wrong_type_for_its_role_is_named(wrong: Account, code: str) -> None:
    finding = only(world(books=books(wrong)), code)
    assert finding.severity == "blocking"
    assert finding.message.startswith(f"{wrong.name} is of type")


def test_gift_cards_are_owed_and_never_an_asset() -> None:
    sold = use("gift_card", "", 50_00)
    asset = account("Square Gift Cards", "current_asset", "SQ-8001")
    finding = only(world(sold, books=books(asset)), "gift_card_not_liability")
    assert "belongs on: current liability, liability" in finding.message
    assert audit(world(sold)) == ()


def test_a_voucher_sold_as_a_product_may_stand_on_its_liability() -> None:
    voucher = mapped(codes={("sale", "Voucher"): to("Square Gift Cards"), ("sale", "Food"): to("Square Sales")})
    assert audit(world(use("sale", "Voucher", 25_00), account_map=voucher)) == ()


def test_no_line_stands_on_an_account_of_automated_sales_tax() -> None:
    own = account("Sales Tax Payable", "current_liability", is_system=True)
    values = world(books=books(own), account_map=mapped({"sales_tax": to("Sales Tax Payable")}))
    finding = only(values, "automated_tax_account")
    assert finding.fix.startswith("In the account map, under slots: {sales_tax: Square Sales Tax Collected}.")
    assert audit(world(books=books(own))) == ()


def test_the_bank_account_is_checked_though_no_movement_goes_there() -> None:
    finding = only(world(books=books(account("Checking", "bank", is_active=False))), "account_archived")
    assert finding.subject == "Checking" and finding.amount == 563_00
