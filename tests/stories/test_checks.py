"""A story for each check: the smallest world in which it speaks, what it says, the fix, and all in the books."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from msgspec import structs

import connector.mapping.checks
from connector.domain.account_map import AccountMap, Coverage, Placement
from connector.domain.facts import Fact, period_name
from connector.domain.finding import Proposal
from connector.domain.payouts import Payout
from connector.domain.registration import Registration
from connector.domain.sales import Balances, DayTotals, NoSale
from connector.mapping.checks.values import Deposit, Neighbour, Posted, Taking
from connector.mapping.documents import documents
from tests.mapping.given import fact, payout, refund, rules, sale
from tests.mapping.test_chains import FIRST as MONTHS
from tests.mapping.test_chains import FORTNIGHT, settlement
from tests.mapping.test_gift_cards import step
from tests.mapping.test_tills import NET, at, closure, receipt
from tests.stories.books import books_at_hand
from tests.stories.worlds import (
    FIRST,
    IN_GB,
    IN_US,
    TODAY,
    VAT5,
    VAT20,
    YESTERDAY,
    World,
    account,
    covered,
    fixed,
    mapped,
    run,
    to,
    with_account,
    without_account,
)

AUDIT = Path(__file__).parents[2] / "docs" / "audit.md"
CHECKS = Path(connector.mapping.checks.__file__ or "").parent
SAYS: Mapping[str, str] = yaml.safe_load((Path(__file__).parent / "checks.yaml").read_text(encoding="utf-8"))
Mend = Callable[[World], World]


class Records(NamedTuple):
    """Facts of a till that do not agree, and as they are once they do."""

    till: str
    wrong: Sequence[Fact]
    right: Sequence[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`by_hand` is what a person does where nothing is proposed, or where the books are to be changed."""

    world: World
    by_hand: Mend | None = None


def decided(**changes: object) -> Mend:
    return lambda world: replace(world, account_map=mapped(**changes))  # type: ignore[arg-type]


def become(**changes: object) -> Mend:
    return lambda world: replace(world, **changes)  # type: ignore[arg-type]


def restored(which: str) -> Mend:
    """The account as it was before."""
    was = next(each for each in IN_US.accounts if each.name == which)
    return with_account(which, is_active=True, type=was.type, kind=was.kind, currency="",
                        takes_payments=was.takes_payments, is_system=False)  # fmt: skip


def changed(which: str, /, **changes: object) -> World:
    """Somebody changed an account after the books were read."""
    return with_account(which, **changes)(World(earlier=(IN_US,)))


def sold(code: str, tender: str, days: int, amount: int = 9_00, kind: str = "sale", **more: object) -> World:
    """Something more was sold, so many days ago."""
    pieces = ((kind, code, amount), ("tender", tender, amount))
    return World(more=((TODAY - timedelta(days=days), pieces),), **more)  # type: ignore[arg-type]


def minutes(*seconds: int) -> tuple[Taking, ...]:
    """What another till took at the same time as we."""
    return tuple(
        Taking(datetime.fromisoformat(f"{day}T17:00:00+00:00") + timedelta(seconds=seconds[0]), amount, "USD")
        for day in (FIRST, YESTERDAY)
        for amount in (289_00, 50_00)
    )


def ledger(*lines: tuple[str, str, int, int, int]) -> tuple[Posted, ...]:
    """Account, role, days ago, debit, credit."""
    return tuple(
        Posted(name, role, TODAY - timedelta(days=ago), "USD", debit, credit)  # type: ignore[arg-type]
        for name, role, ago, debit, credit in lines
    )


FOOD, DRINKS = account("Sales - Food"), account("Sales - Drinks")
BY_CODE = {("sale", "Food"): to("Sales - Food"), ("sale", "Soft drinks"): to("Sales - Drinks")}
SHELVES = replace(IN_US, accounts=(*IN_US.accounts, FOOD, DRINKS))
BEERS = {("sale", f"Beer {n}"): to("Sales - Drinks") for n in range(6)}
ASTRAY: Mapping[tuple[str, str], Placement] = {
    **BEERS, ("sale", "Food"): to("Sales - Food"), ("sale", "Beer 4"): to("Sales - Food"),
}  # fmt: skip
PLACES = {"L0": (("Location", "Main St"),)}
HARBOUR = {"L1": (("Location", "Harbour"),)}
GIFTS = ("gift_card", "")
OWN_TAX = replace(IN_US, accounts=(*IN_US.accounts, account("Sales Tax Payable", "current_liability", is_system=True)))
SYSTEM = replace(IN_US, accounts=(*IN_US.accounts, account("Retained Earnings", "income", is_system=True)))
NEW20 = replace(VAT20, code="OUTPUT9", name="20% (VAT on Income) new")
FEE_VAT = (("entry", "TAX_ON_FEE", -3_00),)
OTHER_TILL = Neighbour(name="a till", role="sales only", takings=minutes(30))

STORIES: Mapping[str, Story] = {
    "unknown_kind": Story(
        world=sold("SHELLS", "CASH", 20, kind="unknown"),
        by_hand=decided(codes={("unknown", "SHELLS"): to("Square Sales", role="sales", side="credit")}),
    ),
    "unmapped_tax": Story(world=World(books=IN_GB, account_map=mapped(taxes={}))),
    "unmapped_service_charge": Story(world=sold("Room fee", "CASH", 20, kind="service_charge")),
    "unmapped_adjustments": Story(
        world=World(entries=(("entry", "ADJUSTMENT", -4_00),)),
    ),
    "unmapped_bank": Story(world=World(account_map=AccountMap(number=1))),
    "unmapped_code": Story(
        world=sold("Cold drinks", "CASH", 55, account_map=mapped(codes=BY_CODE), books=SHELVES),
    ),
    "unmapped_location": Story(
        world=World(account_map=mapped(locations=PLACES)),
        by_hand=decided(locations={**PLACES, "L1": (("Location", "Main St"),)}),
    ),
    "tax_before_registration": Story(
        world=World(books=IN_GB, registration=Registration(since=TODAY)),
        by_hand=become(registration=Registration(since=FIRST)),
    ),
    "posted_undecided": Story(
        world=sold("Room fee", "CASH", 20, kind="service_charge",
                   account_map=mapped(coverage=covered(service_charge=Coverage(policy="fall back",
                                                                              account="Square Sales")))),
        by_hand=decided(slots={"service_charge": to("Square Sales")}),
    ),
    "new_tender": Story(world=sold("Food", "EXTERNAL:FOOD_VOUCHER", 5)),
    "new_tax": Story(
        world=World(more=((TODAY - timedelta(days=5), (
            ("tax", "County Tax", 5_00, "", "sale|Food"), ("tender", "CASH", 5_00))),)),
        by_hand=decided(codes={("tax", "County Tax"): to("Square Sales Tax Collected"),
                               ("tax", "Sales Tax"): to("Square Sales Tax Collected")}),
    ),
    "new_category": Story(world=sold("Wine", "CASH", 5), by_hand=decided(
        codes={("sale", "Wine"): to("Square Sales"), ("sale", "Food"): to("Square Sales")})),
    "renamed_at_source": Story(
        world=World(account_map=mapped(codes=BY_CODE), books=SHELVES, more=(
            (FIRST, (("sale", "Soft drinks", 7_00), ("tender", "CASH", 7_00))),
            (TODAY - timedelta(days=5), (("sale", "Drinks, soft", 9_00), ("tender", "CASH", 9_00))))),
    ),
    "account_missing": Story(world=World(books=without_account("Square Tips"))),
    "account_deleted": Story(
        world=World(books=without_account("Square Tips"), earlier=(IN_US,)),
        by_hand=become(books=replace(IN_US, accounts=(*without_account("Square Tips").accounts,
                                                      account("Square Tips", "current_liability")))),
    ),
    "account_archived": Story(world=changed("Square Tips", is_active=False), by_hand=restored("Square Tips")),
    "account_renamed": Story(world=changed("Square Tips", name="Tips owed", number="")),
    "account_merged": Story(
        world=changed("Square Tips", account_id="id other"),
        by_hand=lambda world: replace(world, earlier=(world.books, IN_US)),
    ),
    "account_retyped": Story(world=changed("Square Tips", type="income", kind="Income"),
                             by_hand=restored("Square Tips")),
    "account_wrong_type": Story(
        world=World(account_map=mapped({"fees": to("Square Sales")})), by_hand=decided(slots={}),
    ),
    "clearing_on_profit_and_loss": Story(
        world=World(account_map=mapped({"clearing.cash": to("Square Sales")})),
    ),
    "gift_card_not_liability": Story(
        world=sold("", "CASH", 20, kind="gift_card", account_map=mapped({"gift_cards": to("Square Cash Clearing")})),
    ),
    "tips_on_income": Story(world=World(account_map=mapped({"tips": to("Square Sales")}))),
    "account_currency": Story(
        world=changed("Square Balance", currency="CAD"), by_hand=restored("Square Balance"),
    ),
    "payments_disabled": Story(
        world=changed("Square Balance", takes_payments=False), by_hand=restored("Square Balance"),
    ),
    "automated_tax_account": Story(
        world=World(books=OWN_TAX, account_map=mapped({"sales_tax": to("Sales Tax Payable")})),
    ),
    "system_account": Story(
        world=World(books=SYSTEM, account_map=mapped({"sales": to("Retained Earnings")})),
    ),
    "tax_code_inactive": Story(
        world=World(books=replace(IN_GB, tax_rates=(replace(VAT20, is_active=False), VAT5, NEW20))),
    ),
    "tax_code_missing": Story(world=World(books=IN_GB, account_map=mapped(taxes={"VAT 20%": "OUTPUT"}))),
    "tax_rate_differs": Story(world=World(books=IN_GB, account_map=mapped(taxes={"VAT 20%": "RROUTPUT"}))),
    "tax_on_clearing": Story(
        world=World(books=IN_GB, account_map=mapped({"clearing.card": Placement(tax_code="OUTPUT2")})),
    ),
    "tax_sent_to_own_tax": Story(world=World(account_map=mapped({"sales": Placement(tax_code="TAX")}))),
    "sales_without_tax_code": Story(
        world=World(books=IN_GB, account_map=mapped(taxes={"VAT 20%": "NONE"})),
    ),
    "posted_without_tax_code": Story(
        world=World(books=IN_GB, posted=(Posted("Square Sales", "sales", FIRST, "GBP", 0, 90_00, 3),)),
        by_hand=become(posted=()),
    ),
    "claimable_fee_tax": Story(
        world=World(books=IN_GB, entries=FEE_VAT),
        by_hand=lambda world: replace(
            world,
            account_map=mapped({"fee_tax": Placement(account="Square Tax on Fees", tax_code="RROUTPUT")}),
        ),
    ),
    "tracking_missing": Story(
        world=World(account_map=mapped(locations=HARBOUR)),
        by_hand=become(books=replace(IN_US, tracking=(*IN_US.tracking, ("Location", "Harbour", "t2")))),
    ),
    "tracking_archived": Story(
        world=World(account_map=mapped(locations=HARBOUR),
                    earlier=(replace(IN_US, tracking=(("Location", "Harbour", "t2"),)),)),
        by_hand=decided(locations={"L1": (("Location", "Main St"),)}),
    ),
    "tenders_together": Story(
        world=World(account_map=mapped(codes={("tender", "CARD"): to("Square Balance"),
                                              ("tender", "CASH"): to("Square Balance")})),
    ),
    "new_kind_on_account": Story(
        world=sold("", "CASH", 20, amount=12, kind="rounding", account_map=mapped({"rounding": to("Square Fees")}),
                   posted=ledger(("Square Fees", "fee", 50, 6_00, 0))),
        by_hand=lambda world: replace(
            world, account_map=mapped(),
            books=replace(IN_US, accounts=(*IN_US.accounts, account("Square Rounding", "expense", "SQ-3002"))),
        ),
    ),
    "sibling_elsewhere": Story(
        world=World(
            books=SHELVES, account_map=mapped(codes=ASTRAY), categories={code: "Beers" for _, code in BEERS},
            more=((FIRST, (*(("sale", code, 1_00) for _, code in BEERS), ("tender", "CASH", 6_00))),),
        ),
    ),
    "clearing_not_emptied": Story(
        world=World(posted=ledger(("Square Cash Clearing", "clearing", 40, 90_00, 0),
                                  ("Square Cash Clearing", "clearing", 39, 0, 40_00))),
        by_hand=become(posted=ledger(("Square Cash Clearing", "clearing", 40, 90_00, 0),
                                     ("Square Cash Clearing", "clearing", 39, 0, 90_00))),
    ),
    "liability_in_debit": Story(
        world=World(posted=ledger(("Square Gift Cards", "gift_card", 2, 4_00, 0))),
        by_hand=become(posted=ledger(("Square Gift Cards", "gift_card", 2, 4_00, 0),
                                     ("Square Gift Cards", "gift_card", 3, 0, 50_00))),
    ),
    "liability_without_debit": Story(
        world=World(posted=ledger(("Square Tips", "tip", 50, 0, 30_00))),
        by_hand=become(posted=ledger(("Square Tips", "tip", 50, 0, 30_00), ("Square Tips", "tip", 10, 30_00, 0))),
    ),
    "same_sales_in_two_feeds": Story(world=World(neighbours=(OTHER_TILL,))),
    "deposit_coded_elsewhere": Story(
        world=World(deposits=(Deposit(TODAY, 244_00, "USD", "Square Sales"),)),
        by_hand=become(deposits=(Deposit(TODAY, 244_00, "USD", "Square Balance"),)),
    ),
    "policy": Story(
        world=World(policies="policies: [{name: No tips here, role: tip, never: {account: Square Tips}}]"),
        by_hand=lambda world: replace(
            world, account_map=mapped({"tips": to("Tips of the team")}),
            books=replace(IN_US, accounts=(*IN_US.accounts, account("Tips of the team", "current_liability"))),
        ),
    ),
}  # fmt: skip


def sent(name: str, to: str) -> Fact:
    fact = payout(name, 900, 20)[0]
    assert isinstance(fact.about, Payout)
    return structs.replace(fact, about=structs.replace(fact.about, destination=to))


def redeemed(on_cards: int) -> list[Fact]:
    """A gift card of 5.00 is used, and in the evening the source tells what is on all cards."""
    balances = Balances(roles=("gift_card",), rows=(("", on_cards),))
    told = fact("gift_cards", "all", NoSale(record_id="all", reason="gift cards", balances=balances))
    return [receipt("R1", 500, at(9), code="gift card"), structs.replace(told, occurred_at=at(20))]


LEDGER_OF_CARD = [step("A", 8, 5000, 5000), step("C", 10, -500, 2000)]
MORNING, SHIFT = receipt("R0", 100, at(6)), (at(8), at(20))
TOTALS = DayTotals(report="daily report", covers=("sale",), totals=(("sale", "Food", 500),))
AFTER = MONTHS + FORTNIGHT

RECORDS: Mapping[str, Records] = {  # what the source's records say of each other; mended at the source, or pulled again
    "S7": Records("square", sale("A", 500, tendered=400), sale("A", 500)),
    "S9": Records("square", refund("A", 500)[:1], refund("A", 500)),
    "S11": Records("square", payout("po_1", 900, 20, amount=870), payout("po_1", 900, 20)),
    "S12": Records(
        "square", [*sale("A", 900), *payout("po_1", 800, 20, settles="PA")],
        [*sale("A", 900), *payout("po_1", 900, 20, settles="PA")],
    ),
    "payout_destination": Records("square", [sent("po_1", "bact:A"), sent("po_2", "bact:B")], [sent("po_1", "bact:A")]),
    "orphan": Records("square", sale("A", 500)[1:], sale("A", 500)),
    "missing_entries": Records("square", payout("po_1", 900, 20)[:1], payout("po_1", 900, 20)),
    "several_days": Records(
        "square", [refund("A", 500)[0], structs.replace(refund("A", 500)[1], location="L2")], refund("A", 500),
    ),
    "several_places": Records(
        "square", [sale("A", 500)[0], structs.replace(sale("A", 500)[1], location="L2")], sale("A", 500),
    ),
    "control_total": Records(
        "square", [*sale("A", 400), fact("reports", "T", TOTALS)], [*sale("A", 500), fact("reports", "T", TOTALS)],
    ),
    "till_total": Records(
        "loyverse",
        [MORNING, receipt("R1", 1000, at(9)), closure("S1", *SHIFT, (NET, "CARD", 1250))],
        [MORNING, receipt("R1", 1250, at(9)), closure("S1", *SHIFT, (NET, "CARD", 1250))],
    ),
    "till_not_compared": Records(
        "loyverse",
        [receipt("R1", 1000, at(9)), closure("S1", *SHIFT, (NET, "CARD", 1250))],
        [MORNING, receipt("R1", 1250, at(9)), closure("S1", *SHIFT, (NET, "CARD", 1250))],
    ),
    "balance_differs": Records("lightspeed", redeemed(400), redeemed(500)),
    "S15": Records("square", LEDGER_OF_CARD, [*LEDGER_OF_CARD, step("B", 9, -2500, 2500)]),
    "settlement_missing": Records(
        "amazon", [settlement("S1", MONTHS), settlement("S3", AFTER + FORTNIGHT)],
        [settlement("S1", MONTHS), settlement("S2", AFTER), settlement("S3", AFTER + FORTNIGHT)],
    ),
    "reserve_chain": Records(
        "amazon", [settlement("S1", MONTHS, ("reserve_held", -500)), settlement("S2", AFTER)],
        [settlement("S1", MONTHS, ("reserve_held", -500)), settlement("S2", AFTER, ("reserve_released", 500))],
    ),
    "negative_total": Records(
        "amazon", [settlement("S1", MONTHS, total=-500), settlement("S2", AFTER)],
        [settlement("S1", MONTHS), settlement("S2", AFTER)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(STORIES))
def test_it_speaks_the_fix_silences_it_and_what_waited_is_in_the_books(code: str) -> None:
    story = STORIES[code]
    with books_at_hand(story.world.books.country) as at:
        before = run(story.world, at)
        finding = before.finding(code)
        assert finding.message == SAYS[code] and finding.fix
        assert (finding.severity == "blocking") == bool(before.held), (finding, before.held)
        at.require_agreement()
        assert story.by_hand or finding.proposal
        mended = story.by_hand(story.world) if story.by_hand else fixed(story.world, finding.proposal or Proposal())
        after = run(mended, at)
        at.require_agreement()
    assert code not in {each.code for each in after.findings}
    assert after.held == {} and {*before.held, *before.in_books} == after.in_books | after.elsewhere
    assert after.elsewhere == frozenset() or code == "same_sales_in_two_feeds"  # the other till posts those sales
    assert [each for each in after.findings if each.severity == "blocking"] == []


@pytest.mark.parametrize("code", sorted(RECORDS))
def test_records_that_contradict_each_other_wait_until_they_agree(code: str) -> None:
    story = RECORDS[code]
    before, after = documents(story.wrong, rules(story.till)), documents(story.right, rules(story.till))
    said = {held.code: held.reason for held in before.held} | {each.code: each.message for each in before.findings}
    assert said[code].endswith(".")
    assert code not in {held.code for held in after.held} | {each.code for each in after.findings}
    waited = {held.period for held in before.held if held.code == code} & {period_name(each) for each in story.right}
    assert waited <= {made.period for made in after.documents}
    with books_at_hand("US") as at:
        at.open_missing(after.documents, rules(story.till).defaults)
        assert [at.post(made) for made in after.documents] == [""] * len(after.documents)
        at.require_agreement()


def test_a_well_kept_shop_has_nothing_to_find_in_either_country() -> None:
    for world in (World(), World(books=IN_GB)):
        with books_at_hand(world.books.country) as at:
            outcome = run(world, at)
            assert outcome.findings == () and outcome.held == {} and len(outcome.in_books) == 3
            at.require_agreement()


def test_every_check_has_its_story() -> None:
    text = AUDIT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_…`, ()]+?) \|", text, re.MULTILINE)
    told = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    spoken = set().union(*(codes_in(path) for path in CHECKS.glob("*.py")))
    assert len(told) > 35 and len(spoken) > 45
    assert (told | spoken) - STORIES.keys() - RECORDS.keys() == set()


def codes_in(path: Path) -> set[str]:
    """The codes that a file of checks may give its findings."""
    given: list[ast.expr] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            given += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            is_told = isinstance(node.func, ast.Name) and node.func.id in ("about", "_problem", "_finding", "_warning")
            given += node.args[:1] if is_told else []
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given += [node.value] if node.targets[0].id in ("code", "_NAMED", "_CODES") else []
    return {text for each in given for text in constants(each) if re.fullmatch(r"\w{2,}", text)}


def constants(given: ast.expr) -> list[str]:
    """The texts that an expression may come to."""
    if isinstance(given, ast.Constant):
        return [given.value] if isinstance(given.value, str) else []
    if isinstance(given, ast.IfExp):
        return [*constants(given.body), *constants(given.orelse)]
    if isinstance(given, ast.Dict):
        return [text for value in given.values for text in constants(value)]
    return [text for each in given.args for text in constants(each)] if isinstance(given, ast.Call) else []
