"""The XML settlement report as rows in the columns of flat file V2, so that one settlement has the same facts in both.

Amazon never published the whole shape. What its readers agree on is read by name (orders, refunds, other transactions,
advertising); money that stands anywhere else is counted under its own path and is therefore unknown, and A1 proves or
refuses the sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat

from connector.errors import Unreadable
from connector.sources.amazon.translate import Triple, triple_of

COLUMNS = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency",
    "transaction-type", "marketplace-name", "amount-type", "amount-description", "amount", "posted-date-time",
)  # fmt: skip

DEEPEST = 12
LONGEST_TEXT = 4096
MOST_LEAVES = 10_000  # in one order or transaction

_REPORT = ("AmazonEnvelope", "Message", "SettlementReport")
_SUMMARY = "SettlementData"
_FULFILLED, _RETURNED = ("Fulfillment", "Item"), ("Fulfillment", "AdjustedItem")
# Where an amount stands → its transaction type in a flat file, and the column of V1 that held it
_KNOWN = {
    ("Order", *_FULFILLED, "ItemPrice", "Component", "Amount"): ("Order", "price-amount"),
    ("Order", *_FULFILLED, "ItemFees", "Fee", "Amount"): ("Order", "item-related-fee-amount"),
    ("Order", *_FULFILLED, "Promotion", "Amount"): ("Order", "promotion-amount"),
    ("Refund", *_RETURNED, "ItemPriceAdjustments", "Component", "Amount"): ("Refund", "price-amount"),
    ("Refund", *_RETURNED, "ItemFeeAdjustments", "Fee", "Amount"): ("Refund", "item-related-fee-amount"),
    ("Refund", *_RETURNED, "PromotionAdjustment", "Amount"): ("Refund", "promotion-amount"),
}
_OTHER = ("OtherTransaction", "Amount")
_ADVERTISING = ("AdvertisingTransactionDetails", "TransactionAmount")
_ADVERTISED = {"charge": "Cost of Advertising", "refund": "Refund for Advertiser"}
# Told once more as part of an amount above
_PARTS = {
    ("OtherTransaction", "OtherTransactionItem", "Amount"),
    ("AdvertisingTransactionDetails", "BaseAmount"),
    ("AdvertisingTransactionDetails", "TaxAmount"),
}

_Path = tuple[str, ...]


class XmlRows:
    """The summary row and the detail rows, many at a time: their cells one after another, as `Rows` gives those of a
    flat file. `joined` and `cut_after` are always 0: nothing is repaired, and a file that is cut off is refused."""

    joined = 0
    cut_after = 0

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks

    def __iter__(self) -> Iterator[list[bytes]]:
        reader = _Reader()
        for block in self._blocks:
            reader.feed(block)
            if reader.rows:
                yield reader.taken()
        reader.feed(b"", is_last=True)
        if reader.rows:
            yield reader.taken()


class _Leaf(NamedTuple):
    """An element without others in it: its path below the report, its text, the currency it names."""

    path: _Path
    text: str
    currency: str

    @property
    def is_money(self) -> bool:
        return bool(self.currency) or self.path[-1].endswith("Amount")


class _Reader:
    """Reads the XML as it comes; keeps one order or transaction at a time. Raises Unreadable."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self._settlement = b""
        self._path: list[str] = []
        self._currency, self._text, self._size = "", [""], 0
        self._is_leaf = False
        self._leaves: list[_Leaf] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_dtd
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._characters
        self._parser.EndElementHandler = self._end

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(block, is_last)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise Unreadable("it is XML that is damaged or cut off; download it again") from error
        if is_last and not self._settlement:
            raise Unreadable("it is XML or a web page, but no settlement report")

    def taken(self) -> list[bytes]:
        rows, self.rows = self.rows, []
        return rows

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        depth = len(self._path)
        if depth > DEEPEST:
            raise Unreadable("it is nested deeper than a settlement report can be")
        if self._path[0] != _REPORT[0]:
            raise Unreadable("it is XML or a web page, but no settlement report")
        if depth == 2 and name == "Message" and self._settlement:
            raise Unreadable("it holds more than one settlement; upload each settlement as its own file")
        self._currency, self._text, self._size, self._is_leaf = attributes.get("currency", ""), [], 0, True

    def _characters(self, text: str) -> None:
        self._size += len(text)
        if self._size > LONGEST_TEXT:
            raise Unreadable("a text in it is longer than a settlement report can have")
        self._text.append(text)

    def _end(self, name: str) -> None:
        path = tuple(self._path)
        if path[:3] == _REPORT and len(path) > 3 and self._is_leaf:
            self._leaves.append(_Leaf(path[3:], " ".join("".join(self._text).split()), self._currency))
        if len(self._leaves) > MOST_LEAVES:
            raise Unreadable(f"a single {self._leaves[0].path[0]} in it is larger than a settlement report can have")
        if path[:3] == _REPORT and len(path) == 4:
            self._take(name)
        self._is_leaf, self._text, self._size = False, [], 0
        self._path.pop()

    def _take(self, name: str) -> None:
        """Rows of the order or transaction that has just ended."""
        leaves, self._leaves = self._leaves, []
        if (name == _SUMMARY) == bool(self._settlement):
            raise Unreadable("it does not begin with the data of one settlement")
        if name == _SUMMARY:
            self._settlement = _text_in(leaves, (_SUMMARY, "AmazonSettlementID")).encode()
            self.rows += _summary_row(leaves)
        else:
            self.rows += _detail_rows(leaves, self._settlement)


def _refuse_dtd(*_: object) -> None:
    raise Unreadable("it declares a document type (DOCTYPE), which a settlement report has not")


def _summary_row(leaves: Sequence[_Leaf]) -> list[bytes]:
    currency = next((leaf.currency for leaf in leaves if leaf.path[1:] == ("TotalAmount",)), "")
    names = ("AmazonSettlementID", "StartDate", "EndDate", "DepositDate", "TotalAmount")
    cells = [_text_in(leaves, (_SUMMARY, name)) for name in names]
    return [cell.encode() for cell in (*cells, currency, *[""] * (len(COLUMNS) - len(cells) - 1))]


def _text_in(leaves: Iterable[_Leaf], path: _Path) -> str:
    found = next((leaf.text for leaf in leaves if leaf.path == path), "")
    if not found:
        raise Unreadable(f"it is an XML report without {'/'.join(path)}")
    return found


def _detail_rows(leaves: Sequence[_Leaf], settlement: bytes) -> Iterator[bytes]:
    """The cells of each amount. Moment and type are those told before it, the moment at first that of the whole."""
    texts = {leaf.path[-1]: leaf.text for leaf in reversed(leaves)}
    marketplace, posted, kind = texts.get("MarketplaceName", ""), texts.get("PostedDate", ""), ""
    for leaf in leaves:
        if leaf.path[-1] == "PostedDate":
            posted = leaf.text
        elif leaf.path[-1] == "Type":
            kind = leaf.text
        elif leaf.is_money:
            if leaf.path not in _PARTS:
                triple = _triple(leaf.path, kind, texts.get("TransactionType", ""))
                cells = (leaf.currency, triple[0], marketplace, *triple[1:], leaf.text, posted)
                yield from (settlement, b"", b"", b"", b"", *(cell.encode() for cell in cells))
            kind = ""


def _triple(path: _Path, kind: str, transaction: str) -> Triple:
    """What flat file V2 says of the amount at a path; of one whose place is not certain, the path."""
    if path in _KNOWN:
        of, column = _KNOWN[path]
        return triple_of(column, (of, kind, ""))
    if path == _OTHER:
        return triple_of("other-amount", (transaction, "", ""))
    if path == _ADVERTISING and transaction.casefold() in _ADVERTISED:
        return ("ServiceFee", _ADVERTISED[transaction.casefold()], "TransactionTotalAmount")
    return (path[0], f"XML {'/'.join(path[1:])}", kind or transaction)
