"""What an amount of a settlement is: from Amazon's three texts to the house's family; pure.

The vocabulary is data/vocabulary.csv. Bracketed values there are patterns; evidence K makes a row a suggestion only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from connector.domain.defaults import table
from connector.domain.facts import UNKNOWN
from connector.sources.amazon.records import AMOUNT

Triple = tuple[str, str, str]  # transaction-type, amount-type, amount-description, as flat file V2 has them
Labels = tuple[str, str, str]  # what stands beside an amount: see records.Part

OTHER = "other-transaction"
RESERVE_HELD, RESERVE_RELEASED = "Current Reserve Amount", "Previous Reserve Amount Balance"

_PROVEN = "RLS"
_ANY, _FREE, _OR = "(any)", ("(free text", "(long sentence)"), " / "
_WITHHELD = ("MarketplaceFacilitator", "LowValueGoodsTax", "TCS-", "TDS")
_V1_AMOUNT_TYPES = {
    "shipment-fee-amount": "ShipmentFees",
    "order-fee-amount": "OrderFees",
    "price-amount": "ItemPrice",
    "item-related-fee-amount": "ItemFees",
    "misc-fee-amount": "MiscFee",
    "other-fee-amount": "OtherFee",
    "promotion-amount": "Promotion",
    "direct-payment-amount": "DirectPayment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The kind of an amount (a family, or UNKNOWN) and its code, the three texts joined by "|".

    Where the vocabulary lets a text be anything (a coupon's name, a bank's sentence) the code has "*" for it, so that
    the same thing has the same code next month."""

    kind: str
    code: str


def meaning(triple: Triple, marketplace: str) -> Meaning:
    """What an amount is, by the whole triple. Outside Amazon's own sites (multi-channel) there are fees, no revenue."""
    entry = _find(triple)
    if entry is None or not entry.is_proven or _is_foreign_revenue(triple, marketplace):
        return Meaning(kind=UNKNOWN, code="|".join(triple))
    return Meaning(kind=entry.family, code="|".join(entry.code(triple)))


def suggested_family(triple: Triple) -> str:
    """The family that the vocabulary suggests for a triple held as unknown; empty where it knows none."""
    entry = _find(triple)
    return entry.family if entry else ""


def triple_of(column: str, labels: Labels) -> Triple:
    """The triple of the amount in a column: of V2 its labels, of V1 what Amazon's correspondence makes of them."""
    if column == AMOUNT:
        return labels
    transaction, own_type, fee_type = labels
    if column == "other-amount":
        return _other_transaction(transaction)
    if transaction == "ServiceFee" and column in ("item-related-fee-amount", "other-fee-amount"):
        return (transaction, fee_type, "TransactionTotalAmount")
    amount_type = _V1_AMOUNT_TYPES[column]
    if amount_type in ("ItemFees", "ItemPrice") and own_type.startswith(_WITHHELD):
        amount_type = "ItemWithheldTax"
    return (transaction, amount_type, own_type)


def _is_foreign_revenue(triple: Triple, marketplace: str) -> bool:
    return triple[1] == "ItemPrice" and marketplace.casefold().startswith("non-amazon")


def _other_transaction(transaction: str) -> Triple:
    """V1 prints as the transaction type what V2 has as the description, some of it under an amount type of its own."""
    plain = (OTHER, OTHER, transaction)
    return plain if _find(plain) else _described().get(transaction, plain)


@lru_cache(maxsize=1)
def _described() -> dict[str, Triple]:
    """Descriptions that can stand alone in V1: those of other transactions, and those that repeat their type."""
    found: dict[str, Triple] = {}
    for entry in _entries():
        if entry.triple[0] == OTHER or entry.triple[2] in entry.triple[:2]:
            found.setdefault(entry.triple[2], entry.triple)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    triple: Triple
    family: str
    is_proven: bool

    def matches(self, triple: Triple) -> bool:
        return all(_matches(pattern, text) for pattern, text in zip(self.triple, triple, strict=True))

    def code(self, triple: Triple) -> Triple:
        first, second, third = (_fold(pattern, text) for pattern, text in zip(self.triple, triple, strict=True))
        return (first, second, third)


@lru_cache(maxsize=1)
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            triple=(row["transaction_type"], row["amount_type"], row["amount_description"]),
            family=row["suggested_family"],
            is_proven=row["evidence"] in _PROVEN,
        )
        for row in table(__package__ or "", "vocabulary.csv")
    )


def _find(triple: Triple) -> _Entry | None:
    """The row that names the triple itself, else the first whose patterns fit."""
    exact = _exact().get(triple)
    return exact or next((entry for entry in _patterned() if entry.matches(triple)), None)


@lru_cache(maxsize=1)
def _exact() -> dict[Triple, _Entry]:
    return {entry.triple: entry for entry in _entries()}


@lru_cache(maxsize=1)
def _patterned() -> tuple[_Entry, ...]:
    """The rows with a cell that stands for more than one text."""
    marks = ("(any", *_FREE, _OR)
    return tuple(entry for entry in _entries() if any(mark in cell for cell in entry.triple for mark in marks))


def _matches(pattern: str, text: str) -> bool:
    return _pattern(pattern)[0](text)


def _fold(pattern: str, text: str) -> str:
    return _pattern(pattern)[1] or text


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> tuple[Callable[[str], bool], str]:
    """How a cell of the vocabulary is matched, and what stands for the text in a code (empty: the text itself)."""
    if pattern.startswith("(any ") and pattern.endswith("*)"):
        prefixes = tuple(part.strip().rstrip("*") for part in pattern[len("(any ") : -1].split("/"))
        return _beginning_with(prefixes), ""
    for opening in (_ANY, *_FREE):
        before, found, _ = pattern.partition(opening)
        if found:
            return _beginning_with((before,)), before + "*"
    return frozenset(pattern.split(_OR)).__contains__, ""


def _beginning_with(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefixes)
