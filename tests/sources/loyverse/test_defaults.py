"""The proposals: the default accounts by name, and a rule with an account for every kind."""

from __future__ import annotations

import pytest

from connector.domain.account_map import AccountMap
from connector.domain.facts import Bucket, BucketKey
from connector.mapping.lookup import Missing, place
from connector.mapping.rules import Rules
from connector.sources.loyverse.defaults import DEFAULTS
from connector.sources.loyverse.translate.lines import REFUNDED, SOLD, Side

RULES = Rules(defaults=DEFAULTS, account_map=AccountMap(), organisation="o", connection="c", account="a")


def _account(kind: str, code: str) -> str:
    bucket = Bucket(key=BucketKey(kind=kind, code=code, currency="USD", period="2026-03-15"), amount=100, count=1)
    found = place(bucket, RULES, {})
    return found.code if isinstance(found, Missing) else found.account


@pytest.mark.parametrize("kind", ["tender", "refund_tender"])
@pytest.mark.parametrize(
    ("code", "account"),
    [
        ("CASH", "Loyverse Cash Clearing"),
        ("CARD", "Loyverse Credit Card Clearing"),
        ("OTHER", "Loyverse Other Payments Clearing"),
        ("Meal Voucher", "Loyverse Meal Voucher Clearing"),
    ],
)
def test_each_tender_has_its_default_clearing_account(kind: str, code: str, account: str) -> None:
    assert _account(kind, code) == account


@pytest.mark.parametrize("side", [SOLD, REFUNDED])
def test_every_kind_of_a_receipt_has_an_account(side: Side) -> None:
    names = (side.sale, side.discount, side.points, side.tax, side.tip, side.service_charge)
    sold = (
        "Loyverse Sales" if side is SOLD else "Loyverse Returns",
        "Loyverse Discounts",
        "Loyverse Points",
        "Loyverse Sales Tax Collected",
        "Loyverse Tips",
        "Loyverse Service Charges",
    )
    assert tuple(_account(name, "any") for name in names) == sold


def test_a_surcharge_is_income() -> None:
    account = DEFAULTS.account("service_charge")
    assert account
    assert account.type == "income"


def test_a_miscount_is_booked_and_money_paid_in_or_out_asks_first() -> None:
    assert _account("over_short", "Cash drawer") == "Loyverse Cash Over/Short"
    assert {_account(kind, "any") for kind in ("paid_in", "paid_out")} == {"unmapped_paid_out"}
    assert {DEFAULTS.kinds[kind, ""].counter for kind in ("over_short", "paid_in", "paid_out")} == {"clearing.cash"}


def test_every_rule_leads_to_an_account_and_own_payment_types_share_no_number() -> None:
    assert {rule.slot for rule in DEFAULTS.kinds.values()} <= set(DEFAULTS.accounts)
    assert {slot for slot, account in DEFAULTS.accounts.items() if not account.number} == {"clearing.custom"}
