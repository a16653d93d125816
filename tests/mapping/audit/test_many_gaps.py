"""Gaps of many kinds over several feeds, sown by chance: every one is found, none is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from connector.domain.account_map import Placement
from connector.domain.books import Account
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import Deposit, Neighbour, Posted
from tests.mapping.audit.given import FIRST, TODAY, account, posted, to, use, world
from tests.mapping.audit.test_balances import takings

FEEDS = ("bakery", "bar", "cafe", "deli", "kiosk")


def changed(which: str, /, **changes: object) -> Callable[[Audit], Audit]:
    """One account otherwise; the books as they were are remembered."""

    def change(values: Audit) -> Audit:
        accounts = tuple(_with(each, changes) if each.name == which else each for each in values.books.accounts)
        earlier = values.earlier or (values.books,)
        return replace(values, books=replace(values.books, accounts=accounts), earlier=earlier)

    return change


def _with(each: Account, changes: dict[str, object]) -> Account:
    return replace(each, **changes)  # type: ignore[arg-type]


def mapped_so(slot: str, placement: Placement) -> Callable[[Audit], Audit]:
    def change(values: Audit) -> Audit:
        map_ = values.rules.account_map
        slots = {**map_.slots, slot: placement}
        return replace(values, rules=replace(values.rules, account_map=replace(map_, slots=slots)))

    return change


def used(kind: str, code: str, amount: int, days: int = 60) -> Callable[[Audit], Audit]:
    more = use(kind, code, amount, first=TODAY - timedelta(days=days))
    return lambda values: replace(values, uses=(*values.uses, more))


def line(*lines: Posted) -> Callable[[Audit], Audit]:
    return lambda values: replace(values, posted=(*values.posted, *lines))


def _doubled(values: Audit) -> Audit:
    other = Neighbour(name="a till", role="sales only", takings=takings(9, seconds=30))
    return replace(values, takings=takings(9), neighbours=(other,))


def _coded(values: Audit) -> Audit:
    books = replace(values.books, accounts=(*values.books.accounts, account("Consulting")))
    return replace(values, books=books, deposits=(Deposit(TODAY, 563_00, "USD", "Consulting"),))


GAPS: dict[str, Callable[[Audit], Audit]] = {
    "account_archived": changed("Square Fees", is_active=False),
    "account_renamed": changed("Square Cash Clearing", name="Till", number=""),
    "account_retyped": changed("Checking", type="income", kind="Income"),
    "payments_disabled": changed("Square Balance", takes_payments=False),
    "automated_tax_account": changed("Square Sales Tax Collected", is_system=True),
    "account_missing": mapped_so("tips", to("Tpis")),
    "tax_sent_to_own_tax": mapped_so("sales", Placement(tax_code="TAX")),
    "unknown_kind": used("unknown", "SHELLS", 5_00),
    "unmapped_service_charge": used("service_charge", "", 7_00),
    "new_tender": used("tender", "WALLET", 9_00, days=4),
    "liability_in_debit": line(posted("Square Gift Cards", "gift_card", TODAY, debit=4_00)),
    "clearing_not_emptied": line(posted("Gone Clearing", "clearing", FIRST, credit=3_00)),
    "same_sales_in_two_feeds": _doubled,
    "deposit_coded_elsewhere": _coded,
}


@pytest.mark.parametrize("seed", range(8))
def test_every_gap_is_found_and_none_is_invented(seed: int) -> None:
    random = Random(seed)
    sown = 0
    for name in FEEDS:
        gaps = random.sample(sorted(GAPS), random.randrange(len(GAPS)))
        values = replace(world(), feed=name)
        for gap in gaps:
            values = GAPS[gap](values)
        assert sorted(finding.code for finding in audit(values)) == sorted(gaps), name
        sown += len(gaps)
    assert sown > 10


@pytest.mark.parametrize("gap", sorted(GAPS))
def test_each_gap_alone_is_the_only_finding(gap: str) -> None:
    assert [finding.code for finding in audit(GAPS[gap](world()))] == [gap]
    assert audit(world()) == ()
