"""Express set-up against a chart: what is reused, opened, kept or left to the owner; and which accounts fit a slot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.books import Account, AccountType, Books
from connector.domain.map_file import read_map
from connector.errors import Unreadable
from connector.mapping.checks.uses import uses_of
from connector.mapping.checks.values import Use
from connector.mapping.express import Proposal, chosen, mapped, occurring, offers, proposals
from connector.sources.registry import names, source
from tests.mapping.given import rules, sale

SQUARE = source("square").defaults
NOTHING = AccountMap()


def account(name: str, type_: AccountType, number: str = "", **more: object) -> Account:
    made = Account(account_id=name, name=name, number=number, type=type_, kind=type_, takes_payments=True)
    return replace(made, **more)  # type: ignore[arg-type]


def books(*accounts: Account) -> Books:
    return Books(name="B", country="US", currency="USD", accounts=accounts)


def by_slot(chart: Books, decided: AccountMap = NOTHING) -> dict[str, Proposal]:
    return {each.slot: each for each in proposals(occurring(SQUARE, []), chart, decided, SQUARE)}


def test_books_without_any_of_them_get_every_default_account_with_its_name_number_and_type() -> None:
    made = by_slot(books())["clearing.card"]
    assert (made.account, made.number, made.type, made.action) == (
        "Square Balance",
        "SQ-6000",
        "current_asset",
        "create",
    )
    assert by_slot(books())["tips"].reason == "the books have no account of that number or name"


def test_an_account_of_the_same_number_or_name_is_reused_and_says_why() -> None:
    there = by_slot(books(account("Takings", "income", "SQ-2000"), account("square tips", "current_liability")))
    assert (there["sales"].account, there["sales"].action) == ("Takings", "reuse")
    assert there["sales"].reason == "the books have the number SQ-2000"
    assert (there["tips"].account, there["tips"].reason) == ("square tips", "the books have an account of that name")


def test_one_of_that_name_but_of_the_wrong_type_or_archived_is_left_to_the_owner() -> None:
    wrong = by_slot(books(account("Square Tips", "income"), account("Square Fees", "expense", is_active=False)))
    assert wrong["tips"].action == "decide"
    assert wrong["tips"].reason.startswith("Square Tips is of type income; tips takes current liability or liability.")
    assert wrong["fees"].reason == "Square Fees is archived in the books."


def test_a_fee_account_of_a_marketplace_that_is_of_the_wrong_type_is_left_to_the_owner_as_well() -> None:
    amazon = source("amazon").defaults
    chart = books(account("Amazon Referral Fees", "income", "AM-3010"))
    there = {each.slot: each for each in proposals(occurring(amazon, []), chart, NOTHING, amazon)}
    assert there["referral_fees"].action == "decide"
    assert "referral_fees takes cost of sales or expense" in there["referral_fees"].reason


def test_what_asks_first_is_not_decided_by_the_family_of_its_slot() -> None:
    there = by_slot(books(account("Returns", "income")), read_map("slots: {refunds: Returns}"))
    assert (there["refunds"].action, there["refunds.of_unknown_sales"].action) == ("mapped", "decide")


def test_the_bank_is_never_guessed_and_what_is_mapped_is_kept() -> None:
    chart = books(account("Checking", "bank"), account("Savings", "bank"))
    assert by_slot(chart)["bank"].reason == "it is never guessed; the books have Checking, Savings"
    kept = by_slot(chart, read_map("slots: {bank: Checking}"))["bank"]
    assert (kept.account, kept.action) == ("Checking", "mapped")


def test_only_what_occurs_is_asked() -> None:
    asked = rules(defaults=SQUARE)
    slots = {each.slot for each in occurring(SQUARE, uses_of(sale("A", 1000), asked))}
    assert slots == {"sales", "clearing.card"}


def test_a_way_of_paying_of_the_owner_s_own_gets_an_account_under_its_name_and_the_next_number() -> None:
    loyverse = source("loyverse").defaults
    asked = rules("loyverse")
    uses = [paid_with(use, "Vouchers") for use in uses_of(sale("A", 1000), asked)]
    wanted = [each for each in occurring(loyverse, uses) if each.slot == "clearing.custom"]
    (made,) = [each for each in proposals(wanted, books(), NOTHING, loyverse) if each.slot == "clearing.custom"]
    assert (made.account, made.number) == ("Loyverse Vouchers Clearing", "LV-6100")
    assert mapped(NOTHING, [made], loyverse) == NOTHING  # each keeps the account of its own name


def paid_with(use: Use, code: str) -> Use:
    return structs.replace(use, code=code) if use.kind == "tender" else use


def test_what_is_accepted_is_mapped_slot_by_slot_and_keeps_its_tax_code() -> None:
    before = AccountMap(slots={"sales": Placement(tax_code="OUTPUT2")})
    after = mapped(before, [by_slot(books())["sales"]], SQUARE)
    assert after.slots["sales"] == Placement(account="Square Sales", number="SQ-2000", tax_code="OUTPUT2")


CHART = books(
    account("Checking", "bank"),
    account("Undeposited", "current_asset"),
    account("No payments", "current_asset", takes_payments=False),
    account("Vouchers", "current_liability"),
    account("Loan", "liability"),
    account("Debtors", "receivable"),
    account("Sales", "income"),
    account("Fees", "expense"),
    account("Cost", "cost_of_sales"),
    account("GST", "current_liability", is_system=True),
)


@pytest.mark.parametrize(
    ("slot", "names"),
    [
        ("clearing.card", ["Checking", "Undeposited"]),
        ("gift_cards", ["Loan", "Vouchers"]),
        ("store_credit", ["Loan", "Vouchers"]),
        ("customer_deposit", ["Loan", "Vouchers"]),
        ("tips", ["Loan", "Vouchers"]),
        ("house_account", ["No payments", "Undeposited"]),
        ("fees", ["Cost", "Fees"]),
        ("bank", ["Checking"]),
        ("sales", ["Sales"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_accounts_of_a_valid_type_are_offered(slot: str, names: list[str]) -> None:
    assert [each.name for each in offers(slot, CHART, SQUARE)] == names


@pytest.mark.parametrize(
    ("slot", "name", "told"),
    [
        ("gift_cards", "Sales", "Sales is of type income; gift_cards takes current liability or liability."),
        ("clearing.card", "No payments", "No payments takes no payments: enable payments to this account in the books"),
        ("sales", "Nowhere", "The books have no account 'Nowhere'. For sales they have: Sales."),
        ("tips", "GST", "GST belongs to the books themselves; no line of ours may stand on it."),
        ("tipps", "Loan", "Square has no slot 'tipps'; it has"),
    ],
    ids=["type", "payments", "missing", "system", "slot"],
)
def test_a_wrong_choice_is_refused_in_one_sentence(slot: str, name: str, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        chosen(slot, name, CHART, SQUARE)
    assert told in str(refused.value)


@pytest.mark.parametrize("name", names())
def test_every_default_account_of_a_source_is_of_a_type_that_fits_its_slot(name: str) -> None:
    defaults = source(name).defaults
    chart = books(*(account(each.name, each.type, each.number) for each in defaults.accounts.values()))
    for slot, each in defaults.accounts.items():
        assert chosen(slot, each.name, chart, defaults).account
