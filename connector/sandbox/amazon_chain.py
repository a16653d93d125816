"""A believable chain of settlements over three months, in dollars on Amazon.com and in Canadian dollars on Amazon.ca.

Each begins at the second at which the one before it ended. The chain of Amazon.com holds what a careless reader gets
wrong: months that are crossed, a reserve held and released, a negative total and how the next settlement takes it
back, and a settlement of which the reserve leaves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.sandbox.amazon_settlement import COLUMNS, SETTLEMENT_ID, settlement_bytes

US, CANADA = "Amazon.com", "Amazon.ca"
CURRENCIES = {
    US: "USD", CANADA: "CAD", "Amazon.co.uk": "GBP", "Amazon.de": "EUR", "Amazon.fr": "EUR", "Amazon.se": "SEK",
    "Amazon.co.jp": "JPY", "Amazon.com.au": "AUD",
}  # fmt: skip
ORDER_PRICE, FULFILMENT, REFERRAL = 4_590, 540, 688
_OTHER = "other-transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a settlement is to hold, in cents. Advertising makes up the difference to `total`; where `reserve_takes_all`
    the reserve does, and the total is nothing. `owed` is the negative total it takes back, `charged` what the seller's
    card paid of it."""

    settlement_id: str
    marketplace: str
    starts: datetime
    ends: datetime
    orders: int
    total: int = 0
    returns: int = 2
    released: int = 0
    held: int = 0
    owed: int = 0
    charged: int = 0
    reserve_takes_all: bool = False
    other_channels: int = 0

    @property
    def content(self) -> bytes:
        """The report, flat file V2."""
        if self.settlement_id == SETTLEMENT_ID:
            return settlement_bytes()
        rows = [*self._rows()]
        rest = self.total - sum(cents for _, cents in rows)
        if rest and self.reserve_takes_all:
            rows.append((self._other("Current Reserve Amount", self.ends), rest))
        elif rest:
            advertising = ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount")
            rows.append((self._cells(*advertising, at=self._middle), rest))
        lines = [COLUMNS, self._line(self._summary()), *(self._line(row | _amount(n)) for row, n in rows)]
        return ("\n".join("\t".join(line) for line in lines) + "\n").encode()

    def _summary(self) -> dict[str, str]:
        return {
            "settlement-start-date": _written(self.starts),
            "settlement-end-date": _written(self.ends),
            "deposit-date": _written(self.ends + timedelta(days=2)),
            "total-amount": _decimal(self.total),
            "currency": CURRENCIES[self.marketplace],
        }

    def _rows(self) -> Iterator[tuple[dict[str, str], int]]:
        """Each row without its amount, and its amount."""
        for number in range(self.orders):
            yield from self._order(number)
        for number in range(self.returns):
            order = self._cells("Refund", "ItemPrice", "Principal", at=self._moment(number, self.returns))
            yield order | {"order-id": self._order_id(number)}, -ORDER_PRICE
            yield order | {"amount-type": "ItemFees", "amount-description": "Commission"}, REFERRAL
        for number in range(self.other_channels):
            order = self._cells("Order", "ShipmentFees", "FBA transportation fee", at=self._moment(number, 9))
            yield order | {"marketplace-name": "Non-Amazon CA"}, -712
        yield self._other("Subscription Fee", self._middle), -3_999
        yield self._other("Storage Fee", self._middle), -2_150
        for name, cents, at in (
            ("Previous Reserve Amount Balance", self.released, self.starts),
            ("Payable to Amazon", -self.owed, self.starts),
            ("Successful charge", self.charged, self.starts + timedelta(days=1)),
            ("Current Reserve Amount", -self.held, self.ends),
        ):
            if cents:
                yield self._other(name, at), cents

    def _order(self, number: int) -> Iterator[tuple[dict[str, str], int]]:
        order = self._cells("Order", "ItemPrice", "Principal", at=self._moment(number, self.orders))
        order |= {"order-id": self._order_id(number), "sku": f"KETTLE-{number % 9 + 1}", "quantity-purchased": "1"}
        tax = ORDER_PRICE * (8 if self.marketplace == US else 13) // 100
        yield order, ORDER_PRICE
        yield order | {"amount-description": "Tax"}, tax
        if self.marketplace == US or number % 8:  # Amazon.ca pays some tax to the seller
            withheld = {"amount-type": "ItemWithheldTax", "amount-description": "MarketplaceFacilitatorTax-Principal"}
            yield order | withheld, -tax
        fee = {"amount-type": "ItemFees"}
        yield order | fee | {"amount-description": "FBAPerUnitFulfillmentFee"}, -FULFILMENT
        yield order | fee | {"amount-description": "Commission"}, -REFERRAL

    def _cells(self, transaction: str, amount_type: str, description: str, *, at: datetime) -> dict[str, str]:
        return {
            "transaction-type": transaction,
            "marketplace-name": self.marketplace if transaction in ("Order", "Refund") else "",
            "amount-type": amount_type,
            "amount-description": description,
            "posted-date": f"{at:%Y-%m-%d}",
            "posted-date-time": _written(at),
        }

    def _other(self, description: str, at: datetime) -> dict[str, str]:
        return self._cells(_OTHER, _OTHER, description, at=at)

    def _order_id(self, number: int) -> str:
        return f"114-{self.settlement_id[-7:]}-{number:07d}"

    @property
    def _middle(self) -> datetime:
        return self.starts + (self.ends - self.starts) / 2

    def _moment(self, number: int, of: int) -> datetime:
        return self.starts + (self.ends - self.starts) * (2 * number + 1) / (2 * of)

    def _line(self, cells: dict[str, str]) -> tuple[str, ...]:
        return tuple({**cells, "settlement-id": self.settlement_id}.get(column, "") for column in COLUMNS)


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


RESERVE_ON_30_MAY = 228_111  # all that is left of that settlement
AMERICAN = (
    Plan(settlement_id="18273645524", marketplace=US, starts=_at("2026-03-21T07:00"), ends=_at("2026-04-04T07:00"),
         orders=120, returns=4, held=50_000, total=297_144),
    Plan(settlement_id="18273645535", marketplace=US, starts=_at("2026-04-04T07:00"), ends=_at("2026-04-18T07:00"),
         orders=104, returns=3, released=50_000, total=351_280),
    Plan(settlement_id=SETTLEMENT_ID, marketplace=US, starts=_at("2026-04-18T07:00"), ends=_at("2026-05-02T21:30"),
         orders=230, returns=9, total=4_756_302),
    Plan(settlement_id="18273645557", marketplace=US, starts=_at("2026-05-02T21:30"), ends=_at("2026-05-16T21:30"),
         orders=12, returns=9, total=-32_169),
    Plan(settlement_id="18273645568", marketplace=US, starts=_at("2026-05-16T21:30"), ends=_at("2026-05-30T21:30"),
         orders=72, returns=2, owed=32_169, charged=32_169, reserve_takes_all=True),
    Plan(settlement_id="18273645579", marketplace=US, starts=_at("2026-05-30T21:30"), ends=_at("2026-06-13T21:30"),
         orders=150, returns=5, released=RESERVE_ON_30_MAY, total=624_055),
)  # fmt: skip
CANADIAN = (
    Plan(settlement_id="29100411003", marketplace=CANADA, starts=_at("2026-04-01T16:05:44"),
         ends=_at("2026-04-15T16:05:44"), orders=38, held=12_000, total=84_210),
    Plan(settlement_id="29100411014", marketplace=CANADA, starts=_at("2026-04-15T16:05:44"),
         ends=_at("2026-04-29T16:05:44"), orders=40, released=12_000, other_channels=3, total=101_035),
    Plan(settlement_id="29100411025", marketplace=CANADA, starts=_at("2026-04-29T16:05:44"),
         ends=_at("2026-05-13T16:05:44"), orders=33, total=65_590),
    Plan(settlement_id="29100411036", marketplace=CANADA, starts=_at("2026-05-13T16:05:44"),
         ends=_at("2026-05-27T16:05:44"), orders=36, held=7_500, total=70_225),
    Plan(settlement_id="29100411047", marketplace=CANADA, starts=_at("2026-05-27T16:05:44"),
         ends=_at("2026-06-10T16:05:44"), orders=35, released=7_500, total=91_860),
)  # fmt: skip
NEXT = Plan(
    settlement_id="18273645580", marketplace=US, starts=_at("2026-06-13T21:30"), ends=_at("2026-06-27T21:30"),
    orders=96, total=260_417,
)  # fmt: skip
LOSABLE = "18273645535"
"""The settlement that goes missing where the stand-in is told to lose one."""
DELIVERED_TWICE = "18273645557"
"""The settlement that is listed under a second report id as well."""


def _amount(cents: int) -> dict[str, str]:
    return {"amount": _decimal(cents)}


def _decimal(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
