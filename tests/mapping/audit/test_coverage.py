"""Coverage and news: what nobody decided, what is new, what is called otherwise now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from msgspec import structs

from connector.domain.books import TaxRate
from connector.mapping.auditor import audit
from connector.mapping.checks.values import Use
from tests.mapping.audit.given import FIRST, TODAY, account, books, mapped, only, posted, to, use, world
from tests.mapping.given import rules

WAITS = ("day|L1|2026-11-20|USD",)
FOOD, DRINKS = account("Sales - Food"), account("Sales - Drinks")
BY_CODE = {("sale", "Food"): to("Sales - Food"), ("sale", "Soft drinks"): to("Sales - Drinks")}


def recent(kind: str, code: str, amount: int, days: int = 5) -> Use:
    return use(kind, code, amount, first=TODAY - timedelta(days=days))


def test_a_kind_that_the_source_never_had_holds_its_periods() -> None:
    finding = only(world(use("unknown", "SHELLS", 12_00, periods=WAITS)), "unknown_kind")
    assert (finding.severity, finding.amount, finding.blocked) == ("blocking", 12_00, WAITS)
    assert "under codes: {kind: unknown, code: 'SHELLS'" in finding.fix
    decided = mapped(codes={("unknown", "SHELLS"): to("Square Cash Clearing", role="clearing", side="debit")})
    assert audit(world(use("unknown", "SHELLS", 12_00, periods=WAITS), account_map=decided)) == ()


def test_a_slot_that_asks_is_answered_with_what_is_proposed() -> None:
    charge = use("service_charge", "Room fee", 30_00, periods=WAITS)
    finding = only(world(charge), "unmapped_service_charge")
    assert finding.fix.startswith("In the account map, under slots: {service_charge: Square Service Charge Income}.")
    income = account("Square Service Charge Income", number="SQ-2004")
    decided = mapped({"service_charge": to("Square Service Charge Income")})
    assert audit(world(charge, account_map=decided, books=books(income))) == ()


def test_a_fee_kind_that_asks_is_named_with_its_money() -> None:
    finding = only(world(use("entry", "ADJUSTMENT", -4_50, periods=("payout|po_1",))), "unmapped_adjustments")
    assert (finding.amount, finding.movements, finding.blocked) == (4_50, 10, ("payout|po_1",))


def test_payouts_wait_for_the_bank_account() -> None:
    nothing = mapped()
    finding = only(world(account_map=type(nothing)(number=1)), "unmapped_bank")
    assert (
        finding.fix
        == "In the account map, under slots: {bank: Checking}. Reason: it is the only bank account in the books."
    )
    assert (finding.amount, finding.blocked) == (563_00, ("payout|po_1",))


def test_a_feed_that_leaves_deposits_to_the_bank_feed_needs_no_bank_account() -> None:
    assert audit(world(account_map=type(mapped())(number=1), books_deposits=False)) == ()


def test_a_category_left_out_where_others_are_decided_is_asked_for() -> None:
    values = world(use("sale", "Cold drinks", 80_00), account_map=mapped(codes=BY_CODE), books=books(FOOD, DRINKS))
    finding = only(values, "unmapped_code")
    assert finding.message == ("Sales: 'Cold drinks' is not decided, others of its kind are; it goes to Square Sales.")
    assert finding.fix.startswith(
        "In the account map, under codes: {kind: sale, code: 'Cold drinks', account: Sales - Drinks}. Reason: "
    )
    decided = mapped(codes={**BY_CODE, ("sale", "Cold drinks"): to("Sales - Drinks")})
    assert audit(world(use("sale", "Cold drinks", 80_00), account_map=decided, books=books(FOOD, DRINKS))) == ()


def test_a_product_goes_where_its_category_is_decided() -> None:
    cola = use("sale", "Cola 0.5 l", 12_00, category="Soft drinks")
    assert audit(world(cola, account_map=mapped(codes=BY_CODE), books=books(FOOD, DRINKS))) == ()


def test_a_place_without_tracking_is_asked_for_where_others_have_it() -> None:
    places = {"L1": (("Location", "Main St"),)}
    elsewhere = use("sale", "Food", 20_00, location="L2")
    finding = only(world(elsewhere, account_map=mapped(locations=places)), "unmapped_location")
    assert finding.fix.startswith("In the account map, under locations: {L2: {Location: L2}}.")
    both = {**places, "L2": (("Location", "Main St"),)}
    assert audit(world(elsewhere, account_map=mapped(locations=both))) == ()


def test_a_tracking_option_that_was_archived_is_told_from_one_that_never_was() -> None:
    places = {"L1": (("Location", "Harbour"),)}
    sale = use("sale", "Food", 20_00, location="L1")
    finding = only(world(sale, account_map=mapped(locations=places)), "tracking_missing")
    assert finding.fix == "Open it in the books, or choose another (Main St)."
    before = replace(books(), tracking=(("Location", "Harbour", "t2"),))
    archived = only(world(sale, account_map=mapped(locations=places), earlier=(before,)), "tracking_archived")
    assert archived.message == "Location 'Harbour' is archived in the books; lines of sales name it."
    kept = mapped(locations={"L1": (("Location", "Main St"),)})
    assert audit(world(sale, account_map=kept, earlier=(before,))) == ()


def test_a_new_way_of_paying_is_news_until_it_is_decided() -> None:
    voucher = recent("tender", "EXTERNAL:FOOD_VOUCHER", 40_00)
    clearing = account("Square Other Payments Clearing", "current_asset", "SQ-6002")
    finding = only(world(voucher, books=books(clearing)), "new_tender")
    assert finding.message == (
        "The way of paying 'EXTERNAL:FOOD_VOUCHER' is new since 2026-11-16: 40.00 USD in 10 movements."
    )
    decided = mapped(codes={("tender", "EXTERNAL:FOOD_VOUCHER"): to("Square Other Payments Clearing")})
    kept = world(voucher, books=books(clearing), account_map=decided)
    assert {each.code for each in audit(kept)} == {"unmapped_code"}  # card and cash are now the ones left out
    assert audit(world(use("tender", "EXTERNAL:FOOD_VOUCHER", 40_00), books=books(clearing))) == ()


def test_a_new_tax_and_a_new_category_are_news() -> None:
    finding = only(world(recent("tax", "County Tax", 5_00)), "new_tax")
    assert finding.severity == "warning"
    assert only(world(recent("sale", "Wine", 90_00)), "new_category").severity == "info"


def test_in_the_first_weeks_everything_is_new_and_nothing_is_news() -> None:
    early = tuple(structs.replace(each, first=TODAY - timedelta(days=6)) for each in world().uses)
    assert audit(world(uses=(*early, recent("tender", "WALLET", 40_00)))) == ()


def test_a_category_that_the_source_renamed_keeps_its_account() -> None:
    old = use("sale", "Soft drinks", 70_00, last=TODAY - timedelta(days=9))
    new = recent("sale", "Drinks, soft", 30_00)
    values = world(old, new, account_map=mapped(codes=BY_CODE), books=books(FOOD, DRINKS))
    finding = only(values, "renamed_at_source")
    assert finding.fix == (
        "In the account map, under codes: {kind: sale, code: 'Drinks, soft', account: Sales - Drinks}. "
        "Reason: 'Soft drinks' goes there."
    )
    decided = mapped(codes={**BY_CODE, ("sale", "Drinks, soft"): to("Sales - Drinks")})
    assert audit(world(old, new, account_map=decided, books=books(FOOD, DRINKS))) == ()


def test_a_product_whose_siblings_go_elsewhere_is_shown() -> None:
    beers = {("sale", f"Beer {n}"): to("Sales - Drinks") for n in range(9)}
    astray = {**beers, ("sale", "Food"): to("Sales - Food"), ("sale", "Beer 4"): to("Sales - Food")}
    uses = [use("sale", code, 10_00, category="Beers") for _, code in beers]
    finding = only(world(*uses, account_map=mapped(codes=astray), books=books(FOOD, DRINKS)), "sibling_elsewhere")
    assert finding.message == "'Beer 4' goes to Sales - Food; nearly all else in 'Beers' goes to Sales - Drinks."
    assert "account: Sales - Drinks" in finding.fix
    right = {**beers, ("sale", "Food"): to("Sales - Food")}
    assert audit(world(*uses, account_map=mapped(codes=right), books=books(FOOD, DRINKS))) == ()


def test_an_account_that_gets_what_it_never_had_is_shown() -> None:
    fees = tuple(posted("Square Fees", "fee", FIRST + timedelta(days=n), debit=5_00) for n in range(3))
    odd = mapped({"rounding": to("Square Fees")})
    cents = use("rounding", "", 12)
    finding = only(world(cents, posted=fees, account_map=odd), "new_kind_on_account")
    assert finding.message == ("Square Fees has had fees so far; now rounding would stand on it as well (0.12 USD).")
    rounding = account("Square Rounding", "expense", "SQ-3002")
    assert audit(world(cents, posted=fees, books=books(rounding))) == ()


def test_two_tenders_that_are_paid_out_apart_do_not_share_an_account() -> None:
    together = mapped(codes={("tender", "CARD"): to("Square Balance"), ("tender", "CASH"): to("Square Balance")})
    finding = only(world(account_map=together), "tenders_together")
    assert finding.message == (
        "CARD, CASH wait together in Square Balance, and are paid out apart: 100.00 USD cannot be told from the rest."
    )
    assert "code: 'CASH', account: Square Cash Clearing" in finding.fix
    apart = mapped(codes={("tender", "CARD"): to("Square Balance"), ("tender", "CASH"): to("Square Cash Clearing")})
    assert audit(world(account_map=apart)) == ()


def test_each_gap_of_taxes_is_answered_from_the_books_own_codes() -> None:
    vat = TaxRate(code="OUTPUT2", name="20% (VAT on Income)")
    sale = use("sale", "Food", 600_00, tax_code="VAT 20%", periods=WAITS)
    values = world(uses=(sale,), payouts=(), books=books(country="GB", rates=(vat,)),
                   rules=rules(account_map=mapped(), country="GB", out_of_scope="NONE"))  # fmt: skip
    finding = only(values, "unmapped_tax")
    assert finding.blocked == WAITS
    assert finding.fix == (
        "In the account map, under taxes: {'VAT 20%': OUTPUT2}. Reason: its name in the books is '20% (VAT on Income)'."
    )


def test_findings_are_the_gravest_and_largest_first_and_stable() -> None:
    values = world(use("unknown", "A", 1_00), use("unknown", "B", 9_00), recent("sale", "Wine", 90_00))
    findings = audit(values)
    assert [each.subject for each in findings] == ["B", "A", "sale|Wine"]
    assert findings == audit(world(*reversed(values.uses[6:])))
    assert len({each.finding_id for each in findings}) == 3
