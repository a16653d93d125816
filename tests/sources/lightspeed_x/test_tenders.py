"""How a sale was paid, and the account that is proposed for it."""

from __future__ import annotations

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.defaults import DEFAULTS
from connector.sources.lightspeed_x.translate.tenders import GLOBAL_KINDS, NAMED
from tests.sources.lightspeed_x.building import PAYMENT_TYPES, SHOP, Json, fact, line, pay, sale, shop, sums


def _tender(payment: Json, of: Shop = SHOP) -> tuple[str, str]:
    """(kind, code) of the only payment of a sale."""
    found = sums(fact(sale(line("MUG", 20), price=20, tax=0, pays=[payment]), of))
    (tender,) = (name for name in found if name[0] != "sale")
    return tender


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("P-CASH", "Lightspeed Cash Clearing"),
        ("P-CARD", "Lightspeed Credit Card Clearing"),
        ("P-GIFT", "Lightspeed Gift Cards"),
        ("P-CREDIT", "Lightspeed Exchange Credit Clearing"),
        ("P-ACCOUNT", "Lightspeed Credit Account"),
        ("P-TRUCK", "Lightspeed {code} Clearing"),
        ("P-POINTS", "Lightspeed Points"),
    ],
)
def test_each_way_to_pay_proposes_its_account(kind: str, account: str) -> None:
    for name in (_tender(pay(20, kind)), ("refund_tender", _tender(pay(20, kind))[1])):
        rule = DEFAULTS.rule(*name)
        assert rule
        proposed = DEFAULTS.account(rule.slot)
        assert proposed
        assert (proposed.name, rule.side) == (account, "debit")


def test_a_custom_type_has_the_name_that_its_id_has_now() -> None:
    old_name = {"config_id": "P-TRUCK", "id": "5", "name": "Van"}
    assert _tender(pay(20, "P-TRUCK", type=old_name)) == ("tender", "Food Truck")


def test_a_custom_type_that_only_looks_like_a_built_in_one_goes_to_the_same_account() -> None:
    listed = shop(payment_types=[*PAYMENT_TYPES, {"id": "P-OWN", "name": " credit CARD ", "type_id": 5}])
    assert _tender(pay(20, "P-OWN"), listed) == ("tender", "CREDIT_CARD")


def test_a_renamed_built_in_type_stays_what_it_is() -> None:
    listed = shop(payment_types=[{"id": "P-CASH", "name": "Notes and coins", "type_id": 1}])
    assert _tender(pay(20), listed) == ("tender", "CASH")


def test_a_type_that_the_list_does_not_hold_waits_and_names_its_id() -> None:
    assert _tender(pay(20, "P-NEW")) == (UNKNOWN, "payment type Seashells P-NEW")
    assert DEFAULTS.rule(UNKNOWN, "payment type Seashells P-NEW") is None


def test_without_any_list_the_payments_own_name_must_do() -> None:
    bare = shop(payment_types=[])
    assert _tender(pay(20, "P-TRUCK"), bare) == ("tender", "Food Truck")
    assert _tender(pay(20, "P-CARD"), bare) == ("tender", "CREDIT_CARD")
    nameless: Json = {"config_id": "P-X", "id": None, "name": None}
    assert _tender(pay(20, type=nameless), bare) == (UNKNOWN, "payment type (no name) P-X")


def test_a_kind_of_the_provider_is_known_as_number_and_as_text() -> None:
    for told in (118, "118"):
        assert _tender(pay(20, type={"config_id": "P-Y", "id": told, "name": "Voucher"})) == ("tender", "GIFT_CARD")


def test_loyalty_waits_until_its_account_is_decided() -> None:
    rule = DEFAULTS.rule("tender", "LOYALTY")
    assert rule
    proposed = DEFAULTS.account(rule.slot)
    assert proposed
    assert proposed.asks


def test_every_fixed_code_has_a_rule_of_its_own() -> None:
    fixed = {*GLOBAL_KINDS.values(), *NAMED.values()}
    for kind in ("tender", "refund_tender"):
        assert {code for known, code in DEFAULTS.kinds if known == kind} == {*fixed, ""}
