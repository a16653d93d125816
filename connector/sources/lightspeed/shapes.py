"""An answer of Lightspeed → its records as we keep them: a list of one comes as an object, a relation is wrapped twice,
nothing is "" or "0", and the case of names drifts. What is not named here is not kept: nothing about a customer is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

import msgspec

from connector.errors import Broken

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is kept of a record: its scalars, and its relations: one record, or many under the name of the inner one."""

    fields: tuple[str, ...]
    one: Mapping[str, Shape] = field(default_factory=dict)
    many: Mapping[str, tuple[str, Shape]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A stream's record: the key it stands under in an answer, its id, and what is kept of it."""

    key: str
    id_field: str
    shape: Shape


def listed(value: object) -> list[Json]:
    """One or many, missing or empty: always a list of objects. Raises Broken for anything else."""
    if value is None or value == "":
        return []
    found = value if isinstance(value, list) else [value]
    records = [each for each in found if isinstance(each, dict)]
    if len(records) < len(found):
        raise Broken(f"a list of records holds {str(value)[:40]!r}")
    return records


def kept(kind: Kind, record: Json) -> Json:
    """A record as it is kept; raises Broken where it has no id."""
    body = _kept(kind.shape, record)
    if kind.id_field and not body.get(kind.id_field):
        raise Broken(f"a record of {kind.key} without its {kind.id_field}")
    return _sale(body) if kind.key == "Sale" else body


def value_of(record: Mapping[str, object], name: str) -> object:
    """A value under its name, in whatever case Lightspeed spells it: updatetime, updateTime."""
    return _folded(record).get(name.casefold())


def decoded(body: bytes) -> object:
    """Any JSON, its decimals with the digits as written; raises Broken."""
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"this is not JSON: {error}") from error


def _kept(shape: Shape, record: Json) -> Json:
    there = _folded(record)
    body: Json = {}
    for name in shape.fields:
        value = there.get(_casefold(name))
        text = value if type(value) is str else _text(value)
        if text and (text != "0" or not name.endswith("ID")):
            body[name] = text
    for name, inner in shape.one.items():
        found = listed(there.get(_casefold(name)))
        if found:
            body[name] = _kept(inner, found[0])
    for name, (inside, inner) in shape.many.items():
        parts = [_kept(inner, each) for each in _relation(there.get(_casefold(name)), inside)]
        if parts:
            body[name] = parts
    return body


def _relation(value: object, inside: str) -> Iterable[Json]:
    """SaleLines.SaleLine is wrapped twice; what we kept ourselves is a plain list."""
    if isinstance(value, dict) and (inside in value or not value):
        return listed(value.get(inside))
    return listed(value)


def _sale(sale: Json) -> Json:
    """Who bought stays with Lightspeed, unless the customer's own credit account was used; and the legacy time stamp,
    which moves with every touch, is kept only where nothing else tells when the sale was completed."""
    needless = set() if any(_is_on_account(payment) for payment in listed(sale.get("SalePayments"))) else {"customerID"}
    if "completeTime" in sale:
        needless.add("timeStamp")
    return {name: value for name, value in sale.items() if name not in needless}


def _is_on_account(payment: Json) -> bool:
    kind = payment.get("PaymentType")
    return "creditAccountID" in payment and not (isinstance(kind, dict) and kind.get("type") == "gift card")


def _folded(record: Mapping[str, object]) -> dict[str, object]:
    return {_casefold(name): value for name, value in record.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    return value if isinstance(value, str) else "?" if value else ""  # a list in the place of an amount is no amount


_casefold = lru_cache(maxsize=4096)(str.casefold)
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_PAYMENT_TYPE = Shape(fields=("paymentTypeID", "name", "type", "internalReserved"))
_TAX_CATEGORY = Shape(fields=("taxCategoryID", "isTaxInclusive", "tax1Name", "tax2Name"))
_LINE = Shape(
    fields=(
        "saleLineID", "unitQuantity", "unitPrice", "avgCost", "tax", "tax1Rate", "tax2Rate", "calcLineDiscount",
        "calcTransactionDiscount", "calcTotal", "calcSubtotal", "calcTax1", "calcTax2", "itemID", "itemFeeID",
        "lineType",
    ),
    one={"Item": Shape(fields=("categoryID",))},
)  # fmt: skip
_PAYMENT = Shape(
    fields=("salePaymentID", "amount", "tipAmount", "archived", "paymentTypeID", "creditAccountID"),
    one={"PaymentType": _PAYMENT_TYPE},
    many={"SaleAccounts": ("SaleAccount", Shape(fields=("creditAccountID",)))},
)
_SALE = Shape(
    fields=(
        "saleID", "completed", "voided", "archived", "isTaxInclusive", "createTime", "completeTime", "timeStamp",
        "calcDiscount", "calcSubtotal", "calcTotal", "calcTax1", "calcTax2", "calcAvgCost", "calcPayments", "calcTips",
        "total", "displayableTotal", "balance", "customerID", "shopID", "registerID",
        "taxCategoryID",
    ),
    one={"TaxCategory": _TAX_CATEGORY},
    many={"SaleLines": ("SaleLine", _LINE), "SalePayments": ("SalePayment", _PAYMENT)},
)  # fmt: skip
_COUNT_AMOUNT = Shape(fields=("paymentTypeID", "calculated", "actual"), one={"PaymentType": _PAYMENT_TYPE})
_COUNT = Shape(
    fields=("registerCountID", "openTime", "createTime", "registerID"),
    many={"RegisterCountAmounts": ("RegisterCountAmount", _COUNT_AMOUNT)},
)
_WITHDRAW = Shape(
    fields=("registerWithdrawID", "amount", "createTime", "registerID", "paymentTypeID"),
    one={"PaymentType": _PAYMENT_TYPE},
)
_FEE = Shape(
    fields=(
        "salePaymentProcessingFeeID", "salePaymentID", "fixedFee", "variableFee", "interchangeFeesFixedFee",
        "interchangeFeesVariableFee", "schemeFeesFixedFee", "schemeFeesVariableFee", "processingTime", "createTime",
    ),
)  # fmt: skip
_REPORT = Shape(
    fields=("reportID", "shopID", "day"),
    many={"rows": ("rows", Shape(fields=("paymentTypeID", "amount", "tax", "discount", "subtotal")))},
)
_BALANCES = Shape(
    fields=("balancesID", "lookedAt"), many={"rows": ("rows", Shape(fields=("creditAccountID", "balance")))}
)
_ACCOUNT = Shape(fields=("accountID", "name"), one={"defaultCurrency": Shape(fields=("code",))})

KINDS: dict[str, Kind] = {
    "account": Kind(key="Account", id_field="", shape=_ACCOUNT),
    "shops": Kind(key="Shop", id_field="shopID", shape=Shape(fields=("shopID", "name", "timeZone"))),
    "registers": Kind(key="Register", id_field="registerID", shape=Shape(fields=("registerID", "shopID"))),
    "categories": Kind(
        key="Category", id_field="categoryID", shape=Shape(fields=("categoryID", "name", "fullPathName"))
    ),
    "items": Kind(key="Item", id_field="itemID", shape=Shape(fields=("itemID", "description", "categoryID"))),
    "payment_types": Kind(key="PaymentType", id_field="paymentTypeID", shape=_PAYMENT_TYPE),
    "tax_categories": Kind(key="TaxCategory", id_field="taxCategoryID", shape=_TAX_CATEGORY),
    "sales": Kind(key="Sale", id_field="saleID", shape=_SALE),
    "register_counts": Kind(key="RegisterCount", id_field="registerCountID", shape=_COUNT),
    "register_withdraws": Kind(key="RegisterWithdraw", id_field="registerWithdrawID", shape=_WITHDRAW),
    "processing_fees": Kind(key="ProcessingFee", id_field="salePaymentProcessingFeeID", shape=_FEE),
    "credit_accounts": Kind(key="CreditAccount", id_field="balancesID", shape=_BALANCES),
    "gift_cards": Kind(key="CreditAccount", id_field="balancesID", shape=_BALANCES),
    "payments_by_day": Kind(key="Payments", id_field="reportID", shape=_REPORT),
    "taxes_by_day": Kind(key="Taxes", id_field="reportID", shape=_REPORT),
    "discounts_by_day": Kind(key="Discounts", id_field="reportID", shape=_REPORT),
    "sales_by_day": Kind(key="SalesDay", id_field="reportID", shape=_REPORT),
}
REPORTS = {
    "payments_by_day": "PaymentsByDay", "taxes_by_day": "TaxesByDay", "discounts_by_day": "DiscountsByDay",
    "sales_by_day": "TaxClassSalesByDay",
}  # fmt: skip
