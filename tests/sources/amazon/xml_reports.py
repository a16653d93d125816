"""Writes a V2 report again as Amazon's XML report of the same settlement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

_LISTS = {
    ("Order", "ItemPrice"): ("Item", "ItemPrice", "Component"),
    ("Order", "ItemWithheldTax"): ("Item", "ItemPrice", "Component"),
    ("Order", "ItemFees"): ("Item", "ItemFees", "Fee"),
    ("Order", "Promotion"): ("Item", "", "Promotion"),
    ("Refund", "ItemPrice"): ("AdjustedItem", "ItemPriceAdjustments", "Component"),
    ("Refund", "ItemWithheldTax"): ("AdjustedItem", "ItemPriceAdjustments", "Component"),
    ("Refund", "ItemFees"): ("AdjustedItem", "ItemFeeAdjustments", "Fee"),
    ("Refund", "Promotion"): ("AdjustedItem", "", "PromotionAdjustment"),
}

Row = Mapping[str, str]


def xml_of(content: bytes) -> bytes:
    """The XML report of the settlement that a V2 report holds."""
    header, *lines = content.decode().rstrip("\n").split("\n")
    names = header.split("\t")
    first, *rows = (dict(zip(names, line.split("\t"), strict=True)) for line in lines)
    return envelope(first, [entry(row, first["currency"]) for row in rows])


def envelope(summary: Row, entries: Sequence[str], prolog: str = "") -> bytes:
    """The whole report: its summary's cells by the names they have in a flat file, and its entries."""
    data = tag("AmazonSettlementID", summary["settlement-id"])
    data += money("TotalAmount", summary["total-amount"], summary["currency"])
    for name, cell in (("StartDate", "start-date"), ("EndDate", "end-date")):
        data += tag(name, summary[f"settlement-{cell}"])
    data += tag("DepositDate", summary["deposit-date"])
    report = tag("SettlementReport", f"<SettlementData>{data}</SettlementData>" + "".join(entries), is_text=False)
    message = tag("Message", "<MessageID>1</MessageID>" + report, is_text=False)
    head = "<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>A2SELLER</MerchantIdentifier></Header>"
    body = head + "<MessageType>SettlementReport</MessageType>" + message
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}<AmazonEnvelope>{body}</AmazonEnvelope>\n'.encode()


def entry(row: Row, currency: str) -> str:
    """An order, a return, advertising or another transaction with the one amount of a row."""
    place = _LISTS.get((row["transaction-type"], row["amount-type"]))
    if place:
        return _order(row, currency, *place)
    posted = tag("PostedDate", row["posted-date-time"])
    if row["transaction-type"] == "ServiceFee":
        kind = "Charge" if row["amount-type"] == "Cost of Advertising" else "Refund"
        amounts = money("BaseAmount", row["amount"], currency) + money("TransactionAmount", row["amount"], currency)
        inner = tag("TransactionType", kind) + posted + tag("InvoiceId", "TR1") + amounts
        return tag("AdvertisingTransactionDetails", inner, is_text=False)
    inner = tag("TransactionType", row["amount-description"]) + tag("TransactionID", "1") + posted
    return tag("OtherTransaction", inner + money("Amount", row["amount"], currency), is_text=False)


def _order(row: Row, currency: str, item: str, group: str, part: str) -> str:
    inner = tag("Type", row["amount-description"]) + money("Amount", row["amount"], currency)
    inner = tag(part, inner, is_text=False)
    inner = tag(group, inner, is_text=False) if group else inner
    inner = tag(item, tag("SKU", row.get("sku", "")) + "<Quantity>1</Quantity>" + inner, is_text=False)
    fulfilment = tag("Fulfillment", tag("PostedDate", row["posted-date-time"]) + inner, is_text=False)
    head = tag("AmazonOrderID", row.get("order-id", "")) + tag("MarketplaceName", row["marketplace-name"])
    return tag(row["transaction-type"], head + fulfilment, is_text=False)


def tag(name: str, inner: str, *, is_text: bool = True) -> str:
    return f"<{name}>{escape(inner) if is_text else inner}</{name}>"


def money(name: str, amount: str, currency: str) -> str:
    return f'<{name} currency="{currency}">{amount}</{name}>'


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    """The same bytes, a few at a time."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
