"""Writes settlement reports for the tests: only the columns and rows a test is about need be said."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from connector.domain.facts import Fact
from connector.domain.payouts import Settlement
from connector.sources.amazon.files import read

_HEAD = """settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type
order-id merchant-order-id adjustment-id shipment-id marketplace-name"""
_V2 = """amount-type amount-description amount fulfillment-id posted-date posted-date-time order-item-code
merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased promotion-id"""
_V1 = """shipment-fee-type shipment-fee-amount order-fee-type order-fee-amount fulfillment-id posted-date
order-item-code merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased price-type price-amount
item-related-fee-type item-related-fee-amount misc-fee-amount other-fee-amount other-fee-reason-description promotion-id
promotion-type promotion-amount direct-payment-type direct-payment-amount other-amount"""
V2 = [*_HEAD.split(), *_V2.split()]
V1 = [*_HEAD.split(), *_V1.split()]

ID = "55500011122"
SUMMARY = {
    "settlement-id": ID,
    "settlement-start-date": "2026-04-18 20:00:00 UTC",
    "settlement-end-date": "2026-05-02 20:00:00 UTC",
    "deposit-date": "2026-05-04 20:00:00 UTC",
    "currency": "USD",
}

Row = Mapping[str, str]


def row(triple: str, amount: str, **cells: str) -> dict[str, str]:
    """A V2 row of "transaction/type/description"; further cells by name, with _ for -."""
    transaction, amount_type, description = triple.split("/")
    found = {"settlement-id": ID, "transaction-type": transaction, "amount-type": amount_type}
    found |= {"amount-description": description, "amount": amount, "posted-date-time": "2026-04-20 10:30:00 UTC"}
    return found | {"marketplace-name": "Amazon.com"} | _named(cells)


def v1_row(transaction: str, **cells: str) -> dict[str, str]:
    found = {"settlement-id": ID, "transaction-type": transaction, "posted-date": "2026-04-20T10:30:00+00:00"}
    return found | {"marketplace-name": "Amazon.com"} | _named(cells)


def summary(total: str, **cells: str) -> dict[str, str]:
    return SUMMARY | {"total-amount": total} | _named(cells)


def table(rows: Iterable[Row], columns: Sequence[str] = V2, end: str = "\n") -> bytes:
    lines = ["\t".join(columns), *("\t".join(cells.get(name, "") for name in columns) for cells in rows)]
    return "".join(line + end for line in lines).encode()


def report(rows: Sequence[Row], total: str = "", **cells: str) -> bytes:
    """A V2 report of detail rows; the total is their sum (of amounts with a point) unless it is given."""
    return table([summary(total or added(rows), **cells), *rows])


def added(rows: Iterable[Row]) -> str:
    return str(sum((Decimal(cells["amount"]) for cells in rows if cells["amount"]), Decimal("0.00")))


def fact_of(content: bytes, zone: str = "UTC") -> Fact:
    return read(io.BytesIO(content), zone)


def settlement_of(fact: Fact) -> Settlement:
    assert isinstance(fact.about, Settlement)
    return fact.about


def kinds(fact: Fact) -> dict[str, int]:
    """The sum of each kind."""
    sums: dict[str, int] = {}
    for bucket in fact.buckets:
        sums[bucket.key.kind] = sums.get(bucket.key.kind, 0) + bucket.amount
    return sums


def months(fact: Fact) -> dict[str, int]:
    """The sum of each month."""
    sums: dict[str, int] = {}
    for bucket in fact.buckets:
        sums[bucket.key.period] = sums.get(bucket.key.period, 0) + bucket.amount
    return sums


def _named(cells: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in cells.items()}
