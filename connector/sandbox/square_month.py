"""A believable month of three locations: March 2026 in New York (dollars, 8 % on top), London (pounds, VAT within the
price) and Tokyo (yen, tax within the price), and three days of November 2025 in New York, one of them 25 hours long.

Everything is counted out by day and hour, never by chance, so the month is the same every time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body, children, text
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_acts import void
from connector.sandbox.square_month_cases import OF_LONDON, OF_NEW_YORK, OF_TOKYO, Case, Trade
from connector.sandbox.square_orders import Place
from connector.sandbox.square_payments import Pay, amount_of
from connector.sandbox.square_prices import Cart, CartLine, Product, TaxRule
from connector.sandbox.square_shop import Occasion, Shop
from connector.sandbox.square_till import Drawer
from connector.sandbox.square_weekend import ADA, BEN, MERCHANT_ID

NEW_YORK, LONDON, TOKYO = "LHARBOUR000001", "LSOHO000000001", "LGINZA00000001"
MARCH = tuple(date(2026, 3, 1) + timedelta(days=n) for n in range(31))  # 8 March has 23 hours in New York, 29 in London
NOVEMBER = (date(2025, 11, 1), date(2025, 11, 2), date(2025, 11, 3))  # 2 November has 25 hours in New York
END = datetime(2026, 4, 3, 12, tzinfo=ZoneInfo("UTC"))
"""A moment at which all of the month has been paid out: the earliest a clock should stand at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A location of the month: where it is, what it sells and the hours at which somebody buys."""

    location_id: str
    name: str
    prefix: str
    country: str
    zone: str
    currency: str
    tax: TaxRule
    prices: tuple[int, int, int, int]
    hours: tuple[int, ...]
    tips: int = 0
    cases: Mapping[date, tuple[Case, ...]] = field(default_factory=dict)
    out_is_minus: bool = True

    @property
    def products(self) -> tuple[Product, ...]:
        latte, lunch, wine, beans = self.prices
        return (
            Product(variation_id=f"{self.prefix}LATTE", name="Latte", category="Coffee", price=latte),
            Product(variation_id=f"{self.prefix}LUNCH", name="Lunch plate", category="Food", price=lunch),
            Product(variation_id=f"{self.prefix}WINE", name="Glass of wine", category="Drinks", price=wine),
            Product(variation_id=f"{self.prefix}BEANS", name="Beans", category="Retail", price=beans, taxable=False),
        )


STREETS = (
    Street(
        location_id=NEW_YORK, name="Harbour St", prefix="NYC", country="US", zone="America/New_York", currency="USD",
        tax=TaxRule(name="Sales Tax", percentage=Decimal("8.0")), prices=(475, 1450, 1125, 1900),
        hours=(1, 3, 9, 12, 18, 23), tips=150, cases=OF_NEW_YORK,
    ),
    Street(
        location_id=LONDON, name="Soho", prefix="LON", country="GB", zone="Europe/London", currency="GBP",
        tax=TaxRule(name="VAT", percentage=Decimal(20), inclusive=True), prices=(340, 1195, 780, 950),
        hours=(2, 10, 13, 23), cases=OF_LONDON, out_is_minus=False,
    ),
    Street(
        location_id=TOKYO, name="Ginza", prefix="TYO", country="JP", zone="Asia/Tokyo", currency="JPY",
        tax=TaxRule(name="Consumption Tax", percentage=Decimal(10), inclusive=True), prices=(480, 1280, 900, 1730),
        hours=(8, 12, 20), cases=OF_TOKYO,
    ),
)  # fmt: skip


def fill_month(shelf: Shelf) -> None:
    """The month on a shelf that has no orders yet; one that was filled before is left as it is."""
    if shelf.all("square-order"):
        return
    with shelf.transaction():
        shops = [_opened(shelf, street) for street in STREETS]
        for day in NOVEMBER:
            _trade(shelf, Trade(shop=shops[0], day=day, zone=ZoneInfo(STREETS[0].zone)), STREETS[0])
        for day in MARCH:
            for shop, street in zip(shops, STREETS, strict=True):
                _trade(shelf, Trade(shop=shop, day=day, zone=ZoneInfo(street.zone)), street)


def change(shelf: Shelf) -> str:
    """One late change in a day that was traded long ago: the first cash sale is voided, as of an hour after the newest
    change there is. The order's id. Raises ValueError on a shelf without a cash sale."""
    orders = {text(order, "id"): order for order in shelf.all("square-order")}
    newest = max(datetime.fromisoformat(text(order, "updated_at")) for order in orders.values())
    for payment in shelf.all("square-payment"):
        order = orders[text(payment, "order_id")]
        is_whole = len(children(order, "tenders")) == 1 and order["state"] == "COMPLETED"
        if payment["source_type"] == "CASH" and payment["status"] == "COMPLETED" and is_whole:
            place = Place(location_id=text(order, "location_id"), currency="", tax=STREETS[0].tax)
            void(Shop(shelf, place, prefix=""), order, at=newest + timedelta(hours=1))
            return text(order, "id")
    raise ValueError("there is no cash sale to void")


def _opened(shelf: Shelf, street: Street) -> Shop:
    place = Place(location_id=street.location_id, currency=street.currency, tax=street.tax)
    shop = Shop(shelf, place, prefix=street.prefix)
    shop.open(_location(street), street.products)
    return shop


def _location(street: Street) -> Body:
    return {
        "id": street.location_id,
        "merchant_id": MERCHANT_ID,
        "name": street.name,
        "business_name": "Main Street Coffee",
        "status": "ACTIVE",
        "type": "PHYSICAL",
        "timezone": street.zone,
        "country": street.country,
        "currency": street.currency,
        "created_at": "2024-05-02T13:00:00Z",
        "capabilities": ["CREDIT_CARD_PROCESSING"],
    }


def _trade(shelf: Shelf, trade: Trade, street: Street) -> None:
    """A day: the usual sales, what is special about it, its payout two days later, and the drawer counted."""
    for number, hour in enumerate(street.hours):
        _usual_sale(trade, street, number, hour)
    for case in street.cases.get(trade.day, ()):
        case(trade)
    _pay_out(trade)
    if street.prefix != "TYO":
        _count(shelf, trade, street)


def _usual_sale(trade: Trade, street: Street, number: int, hour: int) -> None:
    count = trade.day.toordinal() + number
    lines = [CartLine(product=street.products[count % 4], quantity=Decimal(1 + count % 3))]
    if count % 2:
        lines.append(CartLine(product=street.products[(count + 1) % 4]))
    # Half past the hour; in the night the clocks change one such hour is missing or there twice.
    on = Occasion(at=trade.at(hour, 30), person=(ADA, BEN)[count % 2])
    pay = Pay(kind="CASH") if number % 3 == 1 else Pay(kind="CARD", tip=street.tips)
    trade.sell(Cart(lines=tuple(lines)), [pay], on)


def _pay_out(trade: Trade) -> None:
    entries = (*trade.shop.charges(*trade.cards), *trade.shop.refunds(*trade.refunds), *trade.entries)
    made = trade.at(23, 58)
    arrival = trade.day + timedelta(days=2)
    trade.payout_id = trade.shop.payout(entries, at=made, arrival=arrival, settled_at=made + timedelta(hours=9))
    for after in trade.afterwards:
        after(trade)


def _count(shelf: Shelf, trade: Trade, street: Street) -> None:
    taken = _cash(shelf.all("square-payment"), trade, "total_money")
    given = [refund for refund in shelf.all("square-refund") if refund["destination_type"] == "CASH"]
    back = _cash(given, trade, "amount_money")
    off = {5: -200, 17: 75, 26: -5}.get(trade.day.day, 0)
    drawer = Drawer(
        opened_at=trade.at(0, 5),
        closed_at=trade.at(23, 50),
        opened=20_000,
        payments=taken,
        refunds=back,
        paid_in=5_000 if trade.day.day == 9 else 0,
        paid_out=1_250 if trade.day.day == 19 else 0,
        counted=0,
        person=ADA,
        out_is_minus=street.out_is_minus,
    )
    trade.count_drawer(drawer, off)


def _cash(records: Sequence[Body], trade: Trade, key: str) -> int:
    """The cash of the day: payments in cash, or refunds out of the drawer."""
    return sum(
        amount_of(record, key)
        for record in records
        if record["location_id"] == trade.shop.place.location_id
        and record.get("destination_type", record.get("source_type")) == "CASH"
        and record["status"] == "COMPLETED"
        and trade.holds(text(record, "created_at"))
    )
