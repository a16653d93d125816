"""Receipts as bench.receipts has them, of Lightspeed R-Series, whose scalars are all text.

The bare decode reads what records.py reads of the page, each with its type: amounts decimal, moments aware, flags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from bench.measuring import compare
from connector.domain.shop import Location, Shop
from connector.sources.lightspeed.source import SOURCE

PAGE = 100

_SHOP = Shop(
    locations={"1": Location(source_id="1", name="Main St", zone="America/New_York", currency="USD")},
    categories={f"category/{number}": f"Category {number}" for number in range(1, 7)},
)
Json = dict[str, object]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Item(msgspec.Struct):
    categoryID: str


class _Line(msgspec.Struct):
    saleLineID: str
    avgCost: Decimal
    tax: bool
    tax2Rate: Decimal
    unitQuantity: Decimal
    unitPrice: Decimal
    tax1Rate: Decimal
    calcLineDiscount: Decimal
    calcTransactionDiscount: Decimal
    calcTotal: Decimal
    calcSubtotal: Decimal
    calcTax1: Decimal
    calcTax2: Decimal
    itemID: str
    Item: _Item


class _Type(msgspec.Struct):
    paymentTypeID: str
    internalReserved: bool
    name: str
    type: str


class _Payment(msgspec.Struct):
    amount: Decimal
    tipAmount: Decimal
    archived: bool
    salePaymentID: str
    creditAccountID: str
    paymentTypeID: str
    PaymentType: _Type


class _Lines(msgspec.Struct):
    SaleLine: list[_Line]


class _Payments(msgspec.Struct):
    SalePayment: list[_Payment]


class _Taxes(msgspec.Struct):
    taxCategoryID: str
    isTaxInclusive: bool
    tax1Name: str
    tax2Name: str


class _Sale(msgspec.Struct):
    saleID: str
    completed: bool
    voided: bool
    archived: bool
    isTaxInclusive: bool
    createTime: Moment
    completeTime: Moment
    timeStamp: Moment
    calcTotal: Decimal
    calcAvgCost: Decimal
    displayableTotal: Decimal
    balance: Decimal
    customerID: str
    registerID: str
    taxCategoryID: str
    calcDiscount: Decimal
    calcSubtotal: Decimal
    calcTax1: Decimal
    calcTax2: Decimal
    calcTips: Decimal
    calcPayments: Decimal
    total: Decimal
    shopID: str
    TaxCategory: _Taxes
    SaleLines: _Lines
    SalePayments: _Payments


class _Answer(msgspec.Struct):
    Sale: list[_Sale]


def main() -> None:
    """Prints the figures."""
    compare(SOURCE, "sales", _SHOP, _pages, decode)


def decode(page: bytes) -> object:
    """The least that anybody must do: the fields with their types."""
    return msgspec.json.decode(page, type=_Answer, strict=False)


def _pages(receipts: int) -> Iterator[bytes]:
    """Answers of so many sales of one day, the same every time: two or three lines, one tax, every fourth with a
    discount, every third with a tip."""
    for first in range(0, receipts, PAGE):
        found = [_sale(number) for number in range(first, min(first + PAGE, receipts))]
        yield json.dumps({"@attributes": {"next": "", "previous": ""}, "Sale": found}, separators=(",", ":")).encode()


def _sale(number: int) -> Json:
    lines = [_line(number, each, is_reduced=number % 4 == 0) for each in range(2 + number % 2)]
    price, off = sum([each[1] for each in lines], Decimal(0)), sum([each[2] for each in lines], Decimal(0))
    tip, tax = Decimal(150 if number % 3 == 0 else 0), sum([each[3] for each in lines], Decimal("0.5")) // 1
    total = price - off + tax
    moment = f"2026-03-15T{13 + number % 8}:{number % 60:02}:00+00:00"
    return {
        "saleID": str(number + 1),
        "timeStamp": moment,
        "discountPercent": "0",
        "completed": "true",
        "archived": "false",
        "voided": "false",
        "enablePromotions": "true",
        "isTaxInclusive": "false",
        "createTime": moment,
        "updatetime": moment,
        "referenceNumber": "",
        "referenceNumberSource": "",
        "tax1Rate": "0.08",
        "tax2Rate": "0",
        "change": "0",
        "tipEnabled": "true",
        "receiptPreference": "printed",
        "ticketNumber": f"22{number:010}",
        "customerID": "0",
        "discountID": "0",
        "employeeID": "1",
        "quoteID": "0",
        "registerID": "1",
        "shipToID": "0",
        "shopID": "1",
        "taxCategoryID": "1",
        "TaxCategory": {"taxCategoryID": "1", "isTaxInclusive": "false", "tax1Name": "Sales Tax", "tax2Name": "",
                        "tax1Rate": "0.08", "tax2Rate": "0", "timeStamp": "2025-01-01T00:00:00+00:00"},
        "completeTime": moment,
        "calcDiscount": _text(off),
        "calcSubtotal": _text(price),
        "calcTotal": _text(total),
        "calcTaxable": _text(price - off),
        "calcNonTaxable": "0",
        "calcAvgCost": str(Decimal("0.8") * len(lines)),
        "calcTax1": _text(tax),
        "calcTax2": "0",
        "taxTotal": _text(tax),
        "total": _text(total),
        "calcPayments": _text(total + tip),
        "calcTips": _text(tip),
        "displayableTotal": _text(total),
        "balance": "0",
        "SaleLines": {"SaleLine": [each[0] for each in lines]},
        "SalePayments": {"SalePayment": [_payment(number, total + tip, tip, moment)]},
    }  # fmt: skip


def _line(number: int, each: int, *, is_reduced: bool) -> tuple[Json, Decimal, Decimal, Decimal]:
    """The line with its price, its discount and its exact tax, in cents."""
    product = (number + each * 7) % 40
    price = Decimal(400 + product * 25)
    off = price // 10 if is_reduced else Decimal(0)
    tax = (price - off) * 8 / 100
    body: Json = {
        "saleLineID": f"{number}{each}",
        "createTime": "2026-03-15T13:00:00+00:00",
        "timeStamp": "2026-03-15T13:00:00+00:00",
        "unitQuantity": "1",
        "unitPrice": _text(price),
        "normalUnitPrice": "0",
        "discountAmount": "0",
        "discountPercent": "0.1" if is_reduced else "0",
        "avgCost": "0.8",
        "fifoCost": "0.8",
        "tax": "true",
        "tax1Rate": "0.08",
        "tax2Rate": "0",
        "isLayaway": "false",
        "isWorkorder": "false",
        "isSpecialOrder": "false",
        "calcLineDiscount": _text(off),
        "calcTransactionDiscount": "0",
        "calcTotal": _text(price - off + tax),
        "calcSubtotal": _text(price),
        "calcTax1": _text(tax),
        "calcTax2": "0",
        "taxClassID": "1",
        "customerID": "0",
        "discountID": "1" if is_reduced else "0",
        "employeeID": "1",
        "itemID": str(product + 1),
        "noteID": "0",
        "parentSaleLineID": "0",
        "shopID": "1",
        "saleID": str(number + 1),
        "Item": {"itemID": str(product + 1), "description": f"Product {product}", "categoryID": str(product % 6 + 1),
                 "defaultCost": "0.8", "avgCost": "0.8", "archived": "false"},
    }  # fmt: skip
    return body, price, off, tax


def _payment(number: int, amount: Decimal, tip: Decimal, moment: str) -> Json:
    kind = ("1", "Cash", "cash") if number % 3 == 0 else ("3", "Credit Card", "credit card")
    return {
        "salePaymentID": str(number + 1),
        "amount": _text(amount),
        "tipAmount": _text(tip),
        "createTime": moment,
        "archived": "false",
        "remoteReference": "",
        "paymentID": "",
        "saleID": str(number + 1),
        "paymentTypeID": kind[0],
        "ccChargeID": "0",
        "refPaymentID": "0",
        "registerID": "1",
        "employeeID": "1",
        "creditAccountID": "0",
        "PaymentType": {"paymentTypeID": kind[0], "name": kind[1], "type": kind[2], "internalReserved": "true",
                        "requireCustomer": "false", "archived": "false", "refundAsPaymentTypeID": "0"},
    }  # fmt: skip


def _text(cents: Decimal) -> str:
    """As Lightspeed writes dollars: text, no zeros at the end."""
    return f"{(Decimal(cents) / 100).normalize():f}"
