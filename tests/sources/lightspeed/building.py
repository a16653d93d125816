"""Lightspeed's records as these tests need them: written from the documentation, with their totals worked out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from connector.domain.facts import Fact, Problem
from connector.domain.shop import Location, Shop
from connector.sources.lightspeed.pages import received_as
from connector.sources.lightspeed.translate.record import translate
from connector.sources.lightspeed.translate.shops import read_shop

Json = dict[str, object]
NOON = "2026-03-15T16:00:00+00:00"  # noon in New York, a Sunday
TAX: Json = {"taxCategoryID": "1", "isTaxInclusive": "false", "tax1Name": "GST", "tax2Name": "PST"}
REFERENCE: tuple[tuple[str, Json], ...] = (
    ("account", {"name": "Books", "defaultCurrency": {"code": "USD"}}),
    ("shops", {"shopID": "1", "name": "Main St", "timeZone": "US/Eastern"}),
    ("registers", {"registerID": "5", "shopID": "1"}),
    ("categories", {"categoryID": "3", "name": "Mugs", "fullPathName": "Gifts/Mugs"}),
    ("payment_types", {"paymentTypeID": "1", "name": "Cash", "type": "cash", "internalReserved": "true"}),
    ("payment_types", {"paymentTypeID": "5", "name": "Gift Card", "type": "gift card", "internalReserved": "true"}),
    ("payment_types", {"paymentTypeID": "12", "name": "Food Truck", "type": "user defined"}),
    ("tax_categories", TAX),
)
SHOP = read_shop([(stream, received_as(stream, body).body) for stream, body in REFERENCE], "")
YEN = Shop(
    locations={"1": Location(source_id="1", name="Ginza", zone="Asia/Tokyo", currency="JPY")},
    categories=SHOP.categories,
)
CASH: Json = {"paymentTypeID": "1", "name": "Cash", "type": "cash", "internalReserved": "true"}
CARD: Json = {"paymentTypeID": "3", "name": "Credit Card", "type": "credit card", "internalReserved": "true"}
ACCOUNT: Json = {"paymentTypeID": "4", "name": "Credit Account", "type": "credit account", "internalReserved": "true"}
GIFT: Json = {"paymentTypeID": "5", "name": "Gift Card", "type": "gift card", "internalReserved": "true"}
TRUCK: Json = {"paymentTypeID": "12", "name": "Food Truck", "type": "user defined", "internalReserved": "false"}


def fact(stream: str, record: Json, shop: Shop = SHOP) -> Fact:
    received = received_as(stream, record)
    return translate(stream, received.source_id, received.body, shop)


def sums(found: Fact) -> dict[tuple[str, str], int]:
    """(kind, code) → amount of a fact's buckets."""
    totals: dict[tuple[str, str], int] = {}
    for bucket in found.buckets:
        name = bucket.key.kind, bucket.key.code
        totals[name] = totals.get(name, 0) + bucket.amount
    return totals


def taxed(found: Fact) -> dict[str, int]:
    """What is taxed ("kind|code") → its tax."""
    totals: dict[str, int] = {}
    for bucket in found.buckets:
        if bucket.key.parent:
            totals[bucket.key.parent] = totals.get(bucket.key.parent, 0) + bucket.amount
    return totals


def sides(found: Fact) -> tuple[int, int]:
    """What was sold, and what was tendered."""
    tendered = [b.amount for b in found.buckets if b.key.kind in ("tender", "refund_tender", "unknown")]
    return sum(b.amount for b in found.buckets) - sum(tendered), sum(tendered)


def codes(problems: Sequence[Problem]) -> list[tuple[str, int]]:
    return [(problem.code, problem.difference) for problem in problems]


def line(
    price: str, quantity: int = 1, *, discount: str = "0", rates: tuple[str, str] = ("0", "0"), **extra: object
) -> Json:
    """A line of the item 7 in category 3, tax on top."""
    subtotal = Decimal(price) * quantity
    net = subtotal - Decimal(discount)
    taxes = [net * Decimal(rate) for rate in rates]
    body: Json = {
        "saleLineID": "1",
        "unitQuantity": str(quantity),
        "unitPrice": price,
        "tax": "true" if any(rate != "0" for rate in rates) else "false",
        "tax1Rate": rates[0],
        "tax2Rate": rates[1],
        "calcLineDiscount": discount,
        "calcTransactionDiscount": "0",
        "calcSubtotal": str(subtotal),
        "calcTax1": str(taxes[0]),
        "calcTax2": str(taxes[1]),
        "calcTotal": str(net + sum(taxes)),
        "itemID": "7",
        "Item": {"itemID": "7", "categoryID": "3"},
    }
    return body | extra


def pay(amount: str, kind: Json = CASH, **extra: object) -> Json:
    body: Json = {"salePaymentID": "9", "amount": amount, "archived": "false", "paymentTypeID": kind["paymentTypeID"]}
    return body | {"PaymentType": kind} | extra


def sale(*lines: Json, pays: Sequence[Json] | None = None, **extra: object) -> Json:
    """A completed sale of these lines, paid in cash unless said otherwise; its header follows from them."""
    subtotal, discount, first, second = (
        sum((Decimal(str(each[name])) for each in lines), Decimal(0))
        for name in ("calcSubtotal", "calcLineDiscount", "calcTax1", "calcTax2")
    )
    taxes = [each.quantize(Decimal("0.01"), ROUND_HALF_UP) for each in (first, second)]
    total = subtotal - discount + sum(taxes)
    payments = [pay(str(total))] if pays is None else list(pays)
    valid = [Decimal(str(each["amount"])) for each in payments if each["archived"] == "false"]
    body: Json = {
        "saleID": "4",
        "completed": "true",
        "voided": "false",
        "archived": "false",
        "isTaxInclusive": "false",
        "completeTime": NOON,
        "updatetime": NOON,
        "calcSubtotal": str(subtotal),
        "calcDiscount": str(discount),
        "calcTax1": str(taxes[0]),
        "calcTax2": str(taxes[1]),
        "calcTotal": str(total),
        "total": str(total),
        "calcPayments": str(sum(valid, Decimal(0))),
        "balance": "0",
        "customerID": "31",
        "shopID": "1",
        "taxCategoryID": "1",
        "TaxCategory": TAX,
        "SaleLines": {"SaleLine": list(lines) if len(lines) != 1 else lines[0]} if lines else "",
        "SalePayments": {"SalePayment": payments if len(payments) != 1 else payments[0]} if payments else "",
    }
    return body | extra
