"""The columns of a settlement report, flat file V2 and the older V1, and its summary row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.errors import Unreadable

ID = "settlement-id"
START, END, DEPOSIT = "settlement-start-date", "settlement-end-date", "deposit-date"
TOTAL, CURRENCY = "total-amount", "currency"
TRANSACTION, MARKETPLACE = "transaction-type", "marketplace-name"
POSTED, POSTED_TIME = "posted-date", "posted-date-time"
AMOUNT = "amount"

_HEAD = (ID, START, END, DEPOSIT, TOTAL, CURRENCY, TRANSACTION)

# V1: each amount column, and the column that says what its amount is; those of promotions may be absent
V1_AMOUNTS = {
    "shipment-fee-amount": "shipment-fee-type",
    "order-fee-amount": "order-fee-type",
    "price-amount": "price-type",
    "item-related-fee-amount": "item-related-fee-type",
    "misc-fee-amount": "",
    "other-fee-amount": "other-fee-reason-description",
    "promotion-amount": "promotion-type",
    "direct-payment-amount": "direct-payment-type",
    "other-amount": "",
}
_V1_OPTIONAL = {"promotion-amount", "promotion-type", "other-fee-reason-description"}
_V1_SIGNS = {"price-amount", "other-amount", "item-related-fee-amount"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One amount column, and where the three texts stand that say what the amount is (-1: no such column).

    In V2 they are the triple itself; in V1 the transaction type, the column's own type, and the item fee's type."""

    column: str
    amount_at: int
    labels_at: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns stand that are read; -1 for an optional one that is absent."""

    width: int
    id_at: int
    total_at: int
    currency_at: int
    marketplace_at: int
    time_at: int
    date_at: int
    summary_at: tuple[int, int, int]
    parts: tuple[Part, ...]

    @property
    def stamp_at(self) -> int:
        """The column of the moment of a row: the time where there is one, else the date."""
        return self.time_at if self.time_at >= 0 else self.date_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The first row: whose settlement, from when to when, and the total as the report writes it."""

    settlement_id: str
    starts_at: datetime
    ends_at: datetime
    deposits_on: date
    total: str
    currency: str


def layout_of(header: Sequence[str]) -> Layout:
    """Finds the columns by name, in any order, among others. Raises Unreadable, naming an essential one that lacks."""
    at: dict[str, int] = {}
    for number, name in enumerate(header):
        at.setdefault(name, number)
    is_v1 = AMOUNT not in at and bool(_V1_SIGNS & at.keys())
    _require(at, [*_HEAD, *(_v1_essential() if is_v1 else ("amount-type", "amount-description", AMOUNT))])
    if POSTED not in at:
        _require(at, [POSTED_TIME])
    return Layout(
        width=len(header),
        id_at=at[ID],
        total_at=at[TOTAL],
        currency_at=at[CURRENCY],
        marketplace_at=at.get(MARKETPLACE, -1),
        time_at=at.get(POSTED_TIME, -1),
        date_at=at.get(POSTED, -1),
        summary_at=(at[START], at[END], at[DEPOSIT]),
        parts=_v1_parts(at) if is_v1 else (_v2_part(at),),
    )


def _require(at: dict[str, int], names: Sequence[str]) -> None:
    missing = [name for name in names if name not in at]
    if missing:
        word = "columns" if len(missing) > 1 else "column"
        raise Unreadable(
            f"it lacks the {word} {', '.join(missing)}; a settlement report is tab-separated text with one header line"
        )


def _v1_essential() -> list[str]:
    return [name for pair in V1_AMOUNTS.items() for name in pair if name and name not in _V1_OPTIONAL]


def _v2_part(at: dict[str, int]) -> Part:
    labels = (at[TRANSACTION], at["amount-type"], at["amount-description"])
    return Part(column=AMOUNT, amount_at=at[AMOUNT], labels_at=labels)


def _v1_parts(at: dict[str, int]) -> tuple[Part, ...]:
    fee_type = at["item-related-fee-type"]
    return tuple(
        Part(column=column, amount_at=at[column], labels_at=(at[TRANSACTION], at.get(names, -1), fee_type))
        for column, names in V1_AMOUNTS.items()
        if column in at
    )
