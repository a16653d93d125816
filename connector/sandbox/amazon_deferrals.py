"""Transactions as the Finances API tells them: orders that Amazon holds back, some of them released since."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connector.sandbox.amazon_chain import CURRENCIES, FULFILMENT, ORDER_PRICE, REFERRAL, US
from connector.sandbox.body import Body

SELLER_ID = "A2SANDBOXSELLER"
MARKETPLACE_IDS = {"Amazon.com": "ATVPDKIKX0DER", "Amazon.ca": "A2EUQ1WTGCTBG2"}
CANARY = "Copper kettle for Adalinde Kanarek"
"""The text of an item, which no connector needs to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """An order shipped, or returned, whose money Amazon holds until it is mature."""

    name: str
    posted: datetime
    mature: datetime
    marketplace: str = US
    status: str = "DEFERRED"
    reason: str = "DD7"
    units: int = 1
    is_refund: bool = False
    unknown_fee: int = 0

    @property
    def body(self) -> Body:
        """The transaction, items and all."""
        currency = CURRENCIES[self.marketplace]
        sign = -1 if self.is_refund else 1
        sales, tax = sign * self.units * ORDER_PRICE, sign * self.units * (ORDER_PRICE * 8 // 100)
        fees = {"Commission": -sign * self.units * REFERRAL}
        fees |= {} if self.is_refund else {"FBAPerUnitFulfillmentFee": -self.units * FULFILMENT}
        fees |= {"RiverCrossingFee": -self.unknown_fee} if self.unknown_fee else {}
        parts = [
            _node("ProductCharges", currency, _node("OurPricePrincipal", currency, cents=sales)),
            _node("Tax", currency, _node("OurPriceTax", currency, cents=tax)),
            _node("MarketplaceWithheldTax", currency,
                  _node("MarketplaceFacilitatorTax-Principal", currency, cents=-tax)),
            _node("AmazonFees", currency, *(_fee(name, currency, cents) for name, cents in fees.items())),
        ]  # fmt: skip
        total = sales + sum(fees.values())
        item: Body = {
            "description": CANARY,
            "totalAmount": _money(total, currency),
            "breakdowns": parts,
            "contexts": [{"contextType": "ProductContext", "sku": "KETTLE-1", "quantityShipped": self.units}],
        }
        return self._head() | {
            "totalAmount": _money(total, currency),
            "items": [item],
            "breakdowns": [
                _node("Sales", currency, cents=sales),
                _node("Expenses", currency, cents=sum(fees.values())),
                _node("Tax", currency, cents=0),
            ],
        }

    def _head(self) -> Body:
        place = {"marketplaceId": MARKETPLACE_IDS[self.marketplace], "marketplaceName": self.marketplace}
        related = [{"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": f"114-7700000-{self.name}"}]
        if self.status == "DEFERRED_RELEASED":
            released = {"relatedIdentifierName": "RELEASE_TRANSACTION_ID", "relatedIdentifierValue": f"R-{self.name}"}
            related.append(released)
        return {
            "sellingPartnerMetadata": {"sellingPartnerId": SELLER_ID, "accountType": "Standard Orders"},
            "transactionId": f"D-{self.name}",
            "transactionType": "Refund" if self.is_refund else "Shipment",
            "transactionStatus": self.status,
            "description": "Refund Order" if self.is_refund else "Order Payment",
            "postedDate": _written(self.posted),
            "marketplaceDetails": place,
            "relatedIdentifiers": related,
            "contexts": [
                {
                    "contextType": "DeferredContext",
                    "deferralReason": self.reason,
                    "maturityDate": _written(self.mature),
                }
            ],
        }


def deferrals() -> list[Deferral]:
    """What is held back on 15 June 2026: an invoiced order of 20 May and a week's orders; three of May are released."""
    found = [
        Deferral(name=f"05{28 + n}", posted=_at(5, 28 + n, 17), mature=_at(6, 8 + n, 0), status="DEFERRED_RELEASED")
        for n in range(3)
    ]
    found.append(Deferral(name="0520", posted=_at(5, 20, 15), mature=_at(7, 4, 0), reason="B2B", units=12))
    found += [
        Deferral(name=f"06{day:02}", posted=_at(6, day, 18), mature=_at(6, day + 10, 0), units=1 + day % 2)
        for day in range(8, 14)
    ]
    found.append(Deferral(name="0690", posted=_at(6, 13, 20), mature=_at(6, 21, 0), is_refund=True))
    found.append(Deferral(name="0691", posted=_at(6, 14, 9), mature=_at(6, 24, 0), marketplace="Amazon.ca"))
    found.append(Deferral(name="0692", posted=_at(6, 14, 10), mature=_at(6, 24, 0), unknown_fee=35))
    return found


def _fee(name: str, currency: str, cents: int) -> Body:
    """A fee is told once more as its base."""
    return _node(name, currency, _node("Base", currency, cents=cents))


def _node(name: str, currency: str, *below: Body, cents: int | None = None) -> Body:
    amount = cents if cents is not None else sum(_cents(each) for each in below)
    return {"breakdownType": name, "breakdownAmount": _money(amount, currency), "breakdowns": list(below)}


def _cents(node: Body) -> int:
    amount = node["breakdownAmount"]
    assert isinstance(amount, dict)
    return int(amount["currencyAmount"] * 100)


def _money(cents: int, currency: str) -> Body:
    return {"currencyAmount": Decimal(cents) / 100, "currencyCode": currency}


def _at(month: int, day: int, hour: int) -> datetime:
    """A moment of 2026; days beyond the month run into the next."""
    return datetime(2026, month, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
