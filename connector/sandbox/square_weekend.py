"""The weekend the demonstration shows: Main St, New York, Saturday 14 and Sunday 15 March 2026.

Sunday is the worked example of the documentation, cent by cent; Saturday holds the cases that catch a careless reader.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_orders import Place
from connector.sandbox.square_payments import Pay, Person
from connector.sandbox.square_prices import Cart, CartLine, Discount, Product, ServiceCharge, TaxRule
from connector.sandbox.square_shop import Occasion, Sale, Shop

MERCHANT_ID = "MLMAINSTREET1"
LOCATION_ID = "LMAINST0000001"
ZONE = ZoneInfo("America/New_York")
SATURDAY, SUNDAY = date(2026, 3, 14), date(2026, 3, 15)

ADA = Person(
    customer_id="CUSTADA0001", first_name="Adalinde", last_name="Kanarek", email="adalinde.kanarek@mail.example",
    phone="+12125550143", street="9 Canary Wharf Mews",
)  # fmt: skip
BEN = Person(
    customer_id="CUSTBEN0002", first_name="Benedykt", last_name="Zeisig", email="benedykt.zeisig@mail.example",
    phone="+17185550177", street="31 Siskin Terrace",
)  # fmt: skip
CANARIES = tuple(
    value
    for person in (ADA, BEN)
    for value in (person.first_name, person.last_name, person.email, person.phone, person.street, person.customer_id)
)
"""Texts of customers that no connector may keep: names, e-mails, phones, streets, customer ids."""

LATTE = Product(variation_id="VLATTE", name="Latte", category="Coffee", price=450)
SANDWICH = Product(variation_id="VSANDWICH", name="Sandwich", category="Food", price=1200)
BRUNCH = Product(variation_id="VBRUNCH", name="Brunch plate", category="Food", price=1500)
DINNER = Product(variation_id="VDINNER", name="Dinner plate", category="Food", price=3000)
STARTER = Product(variation_id="VSTARTER", name="Starter", category="Food", price=1000)
LEMONADE = Product(variation_id="VLEMONADE", name="Lemonade", category="Drinks", price=400)
WINE = Product(variation_id="VWINE", name="Bottle of wine", category="Drinks", price=4000)
MUG = Product(variation_id="VMUG", name="Mug", category="Retail", price=1800)
GRINDER = Product(variation_id="VGRINDER", name="Hand grinder", category="Retail", price=2500)
BEANS = Product(variation_id="VBEANS", name="Beans 500 g", category="Retail", price=2000, taxable=False)
PRODUCTS = (LATTE, SANDWICH, BRUNCH, DINNER, STARTER, LEMONADE, WINE, MUG, GRINDER, BEANS)

CARD, CASH = Pay(kind="CARD"), Pay(kind="CASH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturday:
    """What later acts refer to."""

    counter: tuple[Sale, ...]
    brunch: Sale
    pickup: Sale
    late: Sale
    amount_refund: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunday:
    """The card sales and the refund that Tuesday's payout settles."""

    cards: tuple[Sale, ...]
    refund: str


def weekend(shelf: Shelf) -> None:
    """Fill a fresh shelf: one location, its catalogue, two trading days, four payouts. Always the same ids."""
    with shelf.transaction():
        shop = main_street(shelf)
        saturday = _saturday(shop)
        _payouts(shop, saturday, _sunday(shop, saturday))


def main_street(shelf: Shelf) -> Shop:
    """Main St with its catalogue and nothing sold yet: New York, dollars, 8 % sales tax on top."""
    tax = TaxRule(name="Sales Tax", percentage=Decimal("8.0"))
    shop = Shop(shelf, Place(location_id=LOCATION_ID, currency="USD", tax=tax), prefix="MAIN")
    shop.open(_location(), PRODUCTS)
    return shop


def _location() -> Body:
    return {
        "id": LOCATION_ID,
        "merchant_id": MERCHANT_ID,
        "name": "Main St",
        "business_name": "Main Street Coffee",
        "status": "ACTIVE",
        "type": "PHYSICAL",
        "timezone": "America/New_York",
        "country": "US",
        "currency": "USD",
        "language_code": "en-US",
        "created_at": "2024-05-02T13:00:00Z",
        "capabilities": ["CREDIT_CARD_PROCESSING"],
        "address": {"address_line_1": "1 Main St", "locality": "Brooklyn", "country": "US", "postal_code": "11201"},
    }


def _saturday(shop: Shop) -> Saturday:
    counter = _saturday_counter(shop)
    brunch = shop.sell(_cart(_line(BRUNCH, 2)), [Pay(kind="CARD", tip=500)], _at(SATURDAY, "11:40"))
    _saturday_without_money(shop)
    mug = shop.sell(_cart(_line(MUG)), [CARD], _at(SATURDAY, "13:05"))
    swap = shop.exchange(
        shop.coming_back(mug, {"line-1": Decimal(1)}), _cart(_line(GRINDER)), [CARD], _at(SATURDAY, "16:20")
    )
    pickup = shop.sell(
        _cart(_line(SANDWICH, 2), _line(LEMONADE)),
        [Pay(kind="CARD", person=BEN, is_online=True)],
        _at(SATURDAY, "17:10", channel="Square Online", pickup_for=BEN),
    )
    amount_refund = shop.refund_amount(counter[0], 300, at=_moment(SATURDAY, "17:45"), reason="Cold coffee")
    # 20:40 in New York is already Sunday in UTC; the card is not paid out by the end of the week.
    late = shop.sell(_cart(_line(WINE), _line(STARTER)), [Pay(kind="CARD", tip=800)], _at(SATURDAY, "20:40"))
    return Saturday(
        counter=(*counter, brunch, mug, swap), brunch=brunch, pickup=pickup, late=late, amount_refund=amount_refund
    )


def _saturday_counter(shop: Shop) -> tuple[Sale, ...]:
    oat_lattes = CartLine(product=LATTE, quantity=Decimal(2), modifiers=(("Oat milk", 75),))
    lattes = shop.sell(
        Cart(lines=(oat_lattes, _line(SANDWICH))), [Pay(kind="CARD", tip=250)], _at(SATURDAY, "08:15", person=ADA)
    )
    shop.sell(_cart(_line(LATTE), _line(LEMONADE)), [Pay(kind="CASH", supplied=2000)], _at(SATURDAY, "08:50"))
    shop.sell(
        Cart(lines=(_line(LATTE),), discount=Discount(name="On the house", percentage=Decimal(100))),
        [],
        _at(SATURDAY, "09:30"),
    )
    mixed = Cart(lines=(_line(LATTE), _line(SANDWICH), _line(BEANS)), discount=Discount(name="Neighbours", amount=500))
    neighbour = shop.sell(mixed, [CARD], _at(SATURDAY, "10:20"))
    return lattes, neighbour


def _saturday_without_money(shop: Shop) -> None:
    shop.abandon(_cart(_line(SANDWICH, 3)), _at(SATURDAY, "12:15", person=ADA))
    shop.cancel(_cart(_line(BRUNCH)), _at(SATURDAY, "12:30"))


def _sunday(shop: Shop, saturday: Saturday) -> Sunday:
    gratuity = ServiceCharge(name=None, percentage=Decimal(18), is_gratuity=True)
    room_fee = ServiceCharge(name="Room fee", amount=3000, taxable=True)
    party = shop.sell(
        Cart(
            lines=(_line(DINNER, 4),), discount=Discount(name="Regulars", percentage=Decimal(10)), charges=(gratuity,)
        ),
        [CARD],
        _at(SUNDAY, "12:10", person=ADA),
    )
    wine = shop.sell(_cart(_line(WINE)), [Pay(kind="CARD", tip=680)], _at(SUNDAY, "13:00"))
    shop.gift_card(5000, [CASH], _at(SUNDAY, "13:30", person=BEN))
    shop.sell(
        _cart(_line(DINNER, 2)),
        [Pay(kind="SQUARE_GIFT_CARD", amount=2500), Pay(kind="CASH", supplied=4000)],
        _at(SUNDAY, "14:00"),
    )
    room = shop.sell(Cart(lines=(_line(DINNER, 2), _line(STARTER)), charges=(room_fee,)), [CARD], _at(SUNDAY, "15:15"))
    shop.sell(_cart(_line(BEANS)), [Pay(kind="EXTERNAL", external_type="CHECK")], _at(SUNDAY, "16:00"))
    one_plate = shop.coming_back(saturday.brunch, {"line-1": Decimal(1)})
    refund = shop.refund(saturday.brunch, one_plate, at=_moment(SUNDAY, "16:30"), reason="Returned goods")
    return Sunday(cards=(party, wine, room), refund=refund)


def _payouts(shop: Shop, saturday: Saturday, sunday: Sunday) -> None:
    failed = shop.payout(
        shop.charges(saturday.pickup),
        at=_moment(SUNDAY, "20:05"),
        arrival=date(2026, 3, 16),
        status="FAILED",
        settled_at=_moment(date(2026, 3, 17), "09:00"),
    )
    shop.payout(
        shop.charges(*saturday.counter) + shop.refunds(saturday.amount_refund),
        at=_moment(SUNDAY, "20:10"),
        arrival=date(2026, 3, 16),
        settled_at=_moment(date(2026, 3, 16), "08:30"),
    )
    shop.payout(
        shop.charges(*sunday.cards) + shop.refunds(sunday.refund),
        at=_moment(date(2026, 3, 16), "20:10"),
        arrival=date(2026, 3, 17),
        settled_at=_moment(date(2026, 3, 17), "08:30"),
    )
    back_again = shop.returned_payout(failed, at=_moment(date(2026, 3, 17), "09:00"))
    sent_at = _moment(date(2026, 3, 17), "20:10")
    shop.payout((back_again,), at=sent_at, arrival=date(2026, 3, 18), status="SENT", settled_at=sent_at)


def _cart(*lines: CartLine) -> Cart:
    return Cart(lines=lines)


def _line(product: Product, quantity: int = 1) -> CartLine:
    return CartLine(product=product, quantity=Decimal(quantity))


def _at(
    day: date, clock: str, *, channel: str | None = None, person: Person | None = None, pickup_for: Person | None = None
) -> Occasion:
    return Occasion(at=_moment(day, clock), channel=channel, person=person, pickup_for=pickup_for)


def _moment(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE)


def fill(shelf: Shelf) -> None:
    """The weekend on a shelf that has none yet; one that was filled before is left as it is."""
    if not shelf.all("square-order"):
        weekend(shelf)
