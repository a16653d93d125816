"""Taxes in books that carry them by code, and in those that work them out by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.books import Account, TaxRate
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import Posted
from tests.mapping.audit.given import FIRST, YESTERDAY, account, books, mapped, only, to, use, world
from tests.mapping.given import rules

VAT20 = TaxRate(code="OUTPUT2", name="20% (VAT on Income)")
VAT5 = TaxRate(code="RROUTPUT", name="5% (VAT on Income)")
PERCENTS = {"OUTPUT2": Decimal(20), "RROUTPUT": Decimal(5)}
TAXES = {"VAT 20%": "OUTPUT2"}
SALES = (
    use("sale", "Food", 600_00, tax_code="VAT 20%"),
    use("tax", "VAT 20%", 120_00, tax_code="VAT 20%", parent="sale|Food"),
    use("tender", "CARD", 720_00),
)


def british(
    account_map: AccountMap | None = None,
    rates: tuple[TaxRate, ...] = (VAT20, VAT5),
    accounts: tuple[Account, ...] = (),
    **changes: object,
) -> Audit:
    """The same shop with British books."""
    chosen = account_map or mapped(taxes=TAXES)
    by_code = rules(account_map=chosen, country="GB", out_of_scope="NONE")
    made = world(uses=SALES, rules=by_code, books=books(*accounts, country="GB", rates=rates), percents=PERCENTS)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_well_kept_british_shop_has_nothing_to_find() -> None:
    assert audit(british()) == ()


def test_a_tax_code_that_is_not_active_any_more_is_replaced() -> None:
    new = TaxRate(code="OUTPUT9", name="20% (VAT on Income) new")
    finding = only(british(rates=(replace(VAT20, is_active=False), VAT5, new)), "tax_code_inactive")
    assert finding.message == "The tax code '20% (VAT on Income)' is not active in the books; sales carry it."
    assert finding.fix.startswith("In the account map, under taxes: {'VAT 20%': OUTPUT9}.")
    assert finding.amount == 720_00
    assert audit(british(mapped(taxes={"VAT 20%": "OUTPUT9"}), rates=(new, VAT5))) == ()


def test_a_tax_code_that_the_books_never_had_is_a_typing_mistake() -> None:
    finding = only(british(mapped(taxes={"VAT 20%": "OUTPUT"})), "tax_code_missing")
    assert "under taxes: {'VAT 20%': OUTPUT2}" in finding.fix


def test_a_rate_that_differs_from_what_the_source_charged_is_held() -> None:
    finding = only(british(mapped(taxes={"VAT 20%": "RROUTPUT"})), "tax_rate_differs")
    assert finding.message == "The source charges 20.0 % as 'VAT 20%'; the code RROUTPUT of the books is 5 %."
    assert finding.fix == (
        "In the account map, under taxes: {'VAT 20%': OUTPUT2}. Reason: it has the rate that was charged."
    )


def test_cents_of_rounding_are_no_other_rate() -> None:
    rounded = (SALES[0], structs.replace(SALES[1], amount=120_07), SALES[2])
    assert audit(british(uses=rounded)) == ()


def test_a_clearing_line_carries_no_tax_code() -> None:
    taxed = mapped({"clearing.card": Placement(tax_code="OUTPUT2")}, taxes=TAXES)
    finding = only(british(taxed), "tax_on_clearing")
    assert finding.message == "Lines on Square Balance would carry the tax code OUTPUT2; a clearing line carries none."
    assert finding.fix.startswith("In the account map, at slots.clearing.card, take tax_code: OUTPUT2 away.")


def test_sales_that_were_taxed_do_not_go_out_of_scope() -> None:
    finding = only(british(mapped(taxes={"VAT 20%": "NONE"})), "sales_without_tax_code")
    assert finding.severity == "blocking"
    assert "under taxes: {'VAT 20%': OUTPUT2}" in finding.fix


def test_posted_sales_without_a_tax_code_are_counted() -> None:
    line = Posted("Square Sales", "sales", FIRST + timedelta(days=1), "USD", 0, 90_00, 3)
    finding = only(british(posted=(line,)), "posted_without_tax_code")
    assert (finding.amount, finding.movements) == (90_00, 3)
    assert audit(british(posted=(line._replace(tax_code="OUTPUT2"),))) == ()
    back = line._replace(day=FIRST + timedelta(days=2), debit=90_00, credit=0)
    assert audit(british(posted=(line, back))) == ()  # taken back: the return misses nothing


def test_tax_on_fees_may_be_claimable_until_the_owner_has_decided() -> None:
    uses = (*SALES, use("entry", "TAX_ON_FEE", -3_00))
    finding = only(british(uses=uses), "claimable_fee_tax")
    assert (finding.severity, finding.amount) == ("info", 3_00)
    decided = mapped({"fee_tax": Placement(account="Square Tax on Fees", tax_code="INPUT2")}, taxes=TAXES)
    rates = (VAT20, VAT5, TaxRate(code="INPUT2", name="20% (VAT on Expenses)"))
    assert audit(british(decided, rates=rates, uses=uses)) == ()


def test_tax_on_fees_in_the_united_states_is_a_cost_and_nothing_to_claim() -> None:
    assert audit(world(use("entry", "TAX_ON_FEE", -3_00))) == ()


def test_books_that_work_tax_out_by_themselves_are_sent_no_code() -> None:
    finding = only(world(account_map=mapped({"sales": Placement(tax_code="TAX")})), "tax_sent_to_own_tax")
    assert finding.fix == "In the account map, take tax_code: TAX away from sales."
    assert audit(world(account_map=mapped({"sales": to("Square Sales")}))) == ()


def test_a_system_account_takes_no_journal_line() -> None:
    rounding = account("Rounding", "expense", is_system=True)
    used = mapped({"rounding": to("Rounding")}, taxes=TAXES)
    finding = only(
        british(used, accounts=(rounding,), uses=(*SALES, use("rounding", "", 2, first=FIRST, last=YESTERDAY))),
        "system_account",
    )
    assert finding.message.startswith("Rounding belongs to the books themselves")
