"""A settlement file as Amazon makes it, for the demonstration: 18 April to 2 May 2026, 47,563.02 USD, paid on 4 May.

Its months are those of the worked example in docs/accounting.md; the rows within them are made up and add up to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SETTLEMENT_ID = "18273645546"
COLUMNS = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency",
    "transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name",
    "amount-type", "amount-description", "amount", "fulfillment-id", "posted-date", "posted-date-time",
    "order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased",
    "promotion-id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Month:
    """Totals of one month's part in cents, spread over a number of orders and returns."""

    month: str
    first_day: int
    days: int
    orders: int
    returns: int
    sales: int
    refunds: int
    fulfilment: int
    referral: int


APRIL = _Month(
    month="2026-04", first_day=18, days=12, orders=204, returns=7,
    sales=6_120_000, refunds=185_000, fulfilment=964_022, referral=735_160,
)  # fmt: skip
MAY = _Month(
    month="2026-05", first_day=1, days=1, orders=26, returns=2,
    sales=790_000, refunds=31_000, fulfilment=126_616, referral=111_900,
)  # fmt: skip


def write_settlement(path: Path) -> None:
    """Writes the file; its rows sum to the total in its summary row."""
    path.write_bytes(settlement_bytes())


def settlement_bytes() -> bytes:
    """The file as bytes, the same each time."""
    rows = [row for month in (APRIL, MAY) for row in _rows(month)]
    summary = {
        "settlement-start-date": "2026-04-18 07:00:00 UTC",
        "settlement-end-date": "2026-05-02 21:30:00 UTC",
        "deposit-date": "2026-05-04 21:30:00 UTC",
        "total-amount": _decimal(4_756_302),
        "currency": "USD",
    }
    lines = ["\t".join(COLUMNS), _line(summary), *(_line(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _rows(month: _Month) -> Iterator[dict[str, str]]:
    prices = _spread(month.sales, month.orders)
    fulfilment, referral = _spread(month.fulfilment, month.orders), _spread(month.referral, month.orders)
    for n in range(month.orders):
        order = _order(month, n, month.orders)
        tax = prices[n] * 8 // 100
        yield {**order, **_amount("ItemPrice", "Principal", prices[n]), "quantity-purchased": "1"}
        yield {**order, **_amount("ItemPrice", "Tax", tax)}
        yield {**order, **_amount("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -tax)}
        yield {**order, **_amount("ItemFees", "FBAPerUnitFulfillmentFee", -fulfilment[n])}
        yield {**order, **_amount("ItemFees", "Commission", -referral[n])}
    for n, refund in enumerate(_spread(month.refunds, month.returns)):
        order = {**_order(month, n, month.returns), "transaction-type": "Refund"}
        yield {**order, **_amount("ItemPrice", "Principal", -refund)}


def _order(month: _Month, n: int, of: int) -> dict[str, str]:
    day = month.first_day + n * month.days // of
    return {
        "transaction-type": "Order",
        "order-id": f"111-{month.month.replace('-', '')}{n:03d}-7700{n:03d}",
        "marketplace-name": "Amazon.com",
        "fulfillment-id": "AFN",
        "posted-date": f"{month.month}-{day:02d}",
        "posted-date-time": f"{month.month}-{day:02d} {15 + n % 5:02d}:{n % 60:02d}:00 UTC",
        "sku": f"KETTLE-{n % 9 + 1}",
    }


def _amount(kind: str, description: str, cents: int) -> dict[str, str]:
    return {"amount-type": kind, "amount-description": description, "amount": _decimal(cents)}


def _line(cells: dict[str, str]) -> str:
    return "\t".join({**cells, "settlement-id": SETTLEMENT_ID}.get(column, "") for column in COLUMNS)


def _spread(total: int, parts: int) -> list[int]:
    """Parts that differ by a cent at most and sum to the total."""
    return [total // parts + (n < total % parts) for n in range(parts)]


def _decimal(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
