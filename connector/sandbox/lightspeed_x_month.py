"""A month of Harbour Lane: 8 March to 7 April 2026, in Auckland, Chicago and Tokyo.

Chicago's 8 March has 23 hours, Auckland's 5 April has 25; Tokyo has no cents. Auckland and Tokyo show prices with tax,
Chicago adds two taxes. Ordinary days are alike by rule; the particular acts stand in the list below."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body
from connector.sandbox.lightspeed_x_shop import Item, Outlet, Pay, Product, Shop, TaxGroup, Ticket, stamp
from connector.sandbox.shelf import Shelf

DOMAIN_PREFIX = "harbourlane"
FIRST, LAST = date(2026, 3, 8), date(2026, 4, 7)

CASH, CARD, GIFT, STORE, LOYALTY, ACCOUNT, LATER = (f"9a900000-0000-4000-8000-00000000000{n}" for n in range(1, 8))
UNLISTED = "9a900000-0000-4000-8000-000000000099"
PAYMENT_TYPES = {
    CASH: ("Cash", 1), CARD: ("Credit Card", 3), GIFT: ("Gift Card", 118), STORE: ("Store Credit", 107),
    LOYALTY: ("Loyalty", 106), ACCOUNT: ("On Account", 6), LATER: ("Pay Later", 5),
}  # fmt: skip

GST = TaxGroup(tax_id="7a700000-0000-4000-8000-000000000001", name="GST",
               rates=(("7a7e0000-0000-4000-8000-000000000001", "GST", Decimal("0.15")),))  # fmt: skip
ILLINOIS = TaxGroup(tax_id="7a700000-0000-4000-8000-000000000002", name="Chicago",
                    rates=(("7a7e0000-0000-4000-8000-000000000002", "State Tax", Decimal("0.0625")),
                           ("7a7e0000-0000-4000-8000-000000000003", "City Tax", Decimal("0.0125"))))  # fmt: skip
JAPAN = TaxGroup(tax_id="7a700000-0000-4000-8000-000000000003", name="Consumption Tax",
                 rates=(("7a7e0000-0000-4000-8000-000000000004", "Consumption Tax", Decimal("0.1")),))  # fmt: skip

AUCKLAND = Outlet(outlet_id="0a700000-0000-4000-8000-000000000001", name="Auckland", zone="Pacific/Auckland",
                  currency="NZD", is_inclusive=True, tax=GST)  # fmt: skip
CHICAGO = Outlet(outlet_id="0a700000-0000-4000-8000-000000000002", name="Chicago", zone="America/Chicago",
                 currency="USD", is_inclusive=False, tax=ILLINOIS)  # fmt: skip
TOKYO = Outlet(outlet_id="0a700000-0000-4000-8000-000000000003", name="Tokyo", zone="Asia/Tokyo",
               currency="JPY", is_inclusive=True, tax=JAPAN, unit=Decimal(1))  # fmt: skip
OUTLETS = (AUCKLAND, CHICAGO, TOKYO)

MUG = Product(
    product_id="90d00000-0000-4000-8000-000000000001", name="Mug", category="Homeware", price=Decimal("24.95")
)
TEA = Product(product_id="90d00000-0000-4000-8000-000000000002", name="Tea", category="Pantry", price=Decimal("4.95"))
SCARF = Product(product_id="90d00000-0000-4000-8000-000000000003", name="Scarf", category="Clothing", price=Decimal(80))
VOUCHER = Product(product_id="90d00000-0000-4000-8000-000000000004", name="Gift card", category="", price=Decimal(50))
POSTER = Product(product_id="90d00000-0000-4000-8000-000000000005", name="Poster", category="Homeware",
                 price=Decimal(1980))  # fmt: skip
PRODUCTS = (MUG, TEA, SCARF, VOUCHER, POSTER)

ADA = {
    "id": "c0570000-0000-4000-8000-00000000ada0",
    "name": "Adalinde Kanarek",
    "note": "Adalinde Kanarek, +64215550143, adalinde.kanarek@mail.example",
}
GIFT_CARD = "GC-CANARY-7781-0042"
CANARIES = (*ADA.values(), "Kanarek", "+64215550143", "adalinde.kanarek", GIFT_CARD)
"""Texts that no connector may keep: a customer's id, name, phone and e-mail, and the number of a gift card."""

VOIDED_LATER = "5a1e0000-0000-4000-8000-000000000004"


def fill(shelf: Shelf) -> None:
    """The month on a shelf that has none yet; one that was filled before is left as it is."""
    if shelf.all("lsx-sales"):
        return
    with shelf.transaction():
        shop = Shop(shelf, PAYMENT_TYPES)
        _reference(shelf, shop)
        acts = sorted(_acts(), key=lambda act: (act[1].arrives or act[1].at, act[0].outlet_id))
        made = {name: shop.sell(outlet, ticket) for outlet, ticket, name in acts}
        shop.add_tip(made["tip"], Decimal(6), _at(CHICAGO, date(2026, 3, 13), "22:40"))
        shop.void(made["void"], _at(AUCKLAND, date(2026, 3, 18), "09:10"))


def change(shelf: Shelf) -> None:
    """One late change in a day that was traded before: the one sale of a day of the third outlet is voided."""
    Shop(shelf, PAYMENT_TYPES).void(VOIDED_LATER, _at(AUCKLAND, date(2026, 4, 9), "10:00"))


def _reference(shelf: Shelf, shop: Shop) -> None:
    shelf.put("lsx-retailer", "retailer", {
        "id": "ae700000-0000-4000-8000-000000000001", "name": "Harbour Lane", "domain_prefix": DOMAIN_PREFIX,
        "currency": {"code": "NZD"},
    })  # fmt: skip
    for outlet in OUTLETS:
        shop.keep("outlets", _outlet(outlet))
        shop.keep("registers", _register(outlet))
    for type_id, (name, kind) in PAYMENT_TYPES.items():
        shop.keep("payment_types", {"id": type_id, "name": name, "type_id": kind, "deleted_at": None})
    for tax in (GST, ILLINOIS, JAPAN):
        rates = [{"id": key, "name": name, "rate": rate, "display_name": name} for key, name, rate in tax.rates]
        shop.keep("taxes", {"id": tax.tax_id, "name": tax.name, "rates": rates, "is_default": tax is GST})
    for product in PRODUCTS:
        group: Body = {"id": f"type-{product.category}", "name": product.category} if product.category else {}
        shop.keep("products", {"id": product.product_id, "name": product.name, "sku": product.name.lower(),
                               "type": group, "categories": [], "price_excluding_tax": product.price})  # fmt: skip


def _outlet(outlet: Outlet) -> Body:
    return {
        "id": outlet.outlet_id,
        "name": outlet.name,
        "time_zone": outlet.zone,
        "currency": outlet.currency,
        "display_prices": "inclusive" if outlet.is_inclusive else "exclusive",
        "deleted_at": None,
    }


def _register(outlet: Outlet) -> Body:
    """Open since the month's last morning."""
    return {
        "id": _register_id(outlet),
        "name": f"{outlet.name} till",
        "outlet_id": outlet.outlet_id,
        "is_open": True,
        "register_open_time": stamp(_at(outlet, LAST, "08:30")),
        "register_close_time": None,
        "register_open_sequence_id": _session_id(outlet, LAST),
        "closures": (LAST - FIRST).days + 1,
        "deleted_at": None,
    }


Act = tuple[Outlet, Ticket, str]


def _acts() -> Iterator[Act]:
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        yield from _ordinary_day(day, number)
    yield from _auckland()
    yield from _chicago()
    yield from _tokyo()


def _ordinary_day(day: date, number: int) -> Iterator[Act]:
    """Three sales in Auckland, two in Chicago, one in Tokyo; nothing about them is random."""
    teas = Item(product=TEA, quantity=3)
    mugs = Item(product=MUG, quantity=1 + number % 3, off=Decimal("0.1") if number % 4 == 0 else Decimal(0))
    scarf = Item(product=SCARF)
    yield _sale(AUCKLAND, day, "10:05", (teas,), (Pay(type_id=CASH),))
    yield _sale(AUCKLAND, day, "12:40", (mugs, teas), (Pay(type_id=CARD),))
    yield _sale(AUCKLAND, day, "15:20", (scarf,), (Pay(type_id=CASH, amount=Decimal(30)), Pay(type_id=CARD)))
    yield _sale(CHICAGO, day, "11:15", (mugs, teas), (Pay(type_id=CARD),))
    yield _sale(CHICAGO, day, "20:30", (scarf, teas), (Pay(type_id=CASH if number % 2 else CARD),))
    yield _sale(TOKYO, day, "14:00", (Item(product=POSTER, quantity=1 + number % 2),), (Pay(type_id=CASH),))


def _auckland() -> Iterator[Act]:
    bought = _sale(AUCKLAND, date(2026, 3, 10), "11:11", (Item(product=SCARF),), (Pay(type_id=CARD),), "bought")
    yield bought[0], replace(bought[1], person=ADA), bought[2]
    back = (Item(product=SCARF, is_return=True),)
    yield _returned(AUCKLAND, date(2026, 3, 12), "16:00", back, CASH, "refund in cash")
    yield _returned(AUCKLAND, date(2026, 3, 16), "16:00", (Item(product=MUG, is_return=True),), STORE, "store credit")
    swap = (Item(product=MUG, is_return=True), Item(product=SCARF))
    yield _sale(AUCKLAND, date(2026, 3, 17), "13:00", swap, (Pay(type_id=CARD),), "exchange")
    voucher = (Item(product=VOUCHER, gift_card=GIFT_CARD),)
    yield _sale(AUCKLAND, date(2026, 3, 11), "14:00", voucher, (Pay(type_id=CARD),), "gift card sold")
    used = (Pay(type_id=GIFT, amount=Decimal(50)), Pay(type_id=CASH))
    yield _sale(AUCKLAND, date(2026, 3, 19), "14:00", (Item(product=SCARF),), used, "gift card used")
    yield _sale(AUCKLAND, date(2026, 3, 15), "17:55", (Item(product=SCARF),), (Pay(type_id=CARD),), "void")
    offline = _sale(AUCKLAND, date(2026, 3, 20), "18:10", (Item(product=MUG),), (Pay(type_id=CASH),), "offline")
    yield offline[0], replace(offline[1], arrives=offline[1].at + timedelta(hours=26)), offline[2]
    points = (Pay(type_id=LOYALTY, amount=Decimal(5)), Pay(type_id=CARD))
    yield _sale(AUCKLAND, date(2026, 3, 23), "12:00", (Item(product=MUG),), points, "loyalty")
    owed = _sale(AUCKLAND, date(2026, 3, 24), "12:00", (Item(product=SCARF, quantity=2),), (), "on account")
    yield owed[0], replace(owed[1], attributes=("onaccount",), person=ADA), owed[2]
    deposit = (Pay(type_id=CASH, amount=Decimal(20)),)
    layby = _sale(AUCKLAND, date(2026, 3, 25), "12:00", (Item(product=SCARF),), deposit, "layby")
    yield layby[0], replace(layby[1], state="pending", attributes=("layby",), person=ADA), layby[2]
    parked = _sale(AUCKLAND, date(2026, 3, 26), "12:00", (Item(product=TEA),), (), "parked")
    yield parked[0], replace(parked[1], state="parked"), parked[2]
    # 02:30 comes twice on 5 April; the second time is the hour that makes the day 25 hours long.
    night = _at(AUCKLAND, date(2026, 4, 5), "02:30", fold=1)
    late = _sale(
        AUCKLAND, date(2026, 4, 5), "02:30", (Item(product=TEA),), (Pay(type_id=CASH),), "second half past two"
    )
    yield late[0], replace(late[1], at=night), late[2]
    yield _sale(AUCKLAND, date(2026, 4, 5), "23:50", (Item(product=MUG),), (Pay(type_id=CARD),), "last of 25 hours")


def _chicago() -> Iterator[Act]:
    yield _sale(CHICAGO, date(2026, 3, 8), "23:50", (Item(product=TEA),), (Pay(type_id=CASH),), "last of 23 hours")
    yield _sale(CHICAGO, date(2026, 3, 13), "21:30", (Item(product=SCARF),), (Pay(type_id=CARD),), "tip")
    yield _sale(CHICAGO, date(2026, 3, 14), "10:30", (Item(product=MUG),), (Pay(type_id=LATER),), "custom tender")
    fee = _sale(CHICAGO, date(2026, 3, 21), "10:30", (Item(product=SCARF),), (Pay(type_id=CARD),), "non-cash fee")
    yield fee[0], replace(fee[1], adjustments=(("NON_CASH_FEE", "Non-cash Fee", Decimal("2.4")),)), fee[2]
    online = _sale(CHICAGO, date(2026, 3, 22), "03:15", (Item(product=MUG),), (Pay(type_id=CARD),), "online")
    yield online[0], replace(online[1], source="ECOMMERCE", online_charges=(("Shipping", Decimal("7.5")),)), online[2]


def _tokyo() -> Iterator[Act]:
    yield _sale(TOKYO, date(2026, 3, 27), "18:00", (Item(product=POSTER),), (Pay(type_id=UNLISTED),), "unknown tender")


def _returned(outlet: Outlet, day: date, clock: str, items: tuple[Item, ...], to: str, name: str) -> Act:
    made = _sale(outlet, day, clock, items, (Pay(type_id=to),), name)
    return made[0], replace(made[1], returns="5a1e0000-0000-4000-8000-000000000001", person=ADA), made[2]


def _sale(outlet: Outlet, day: date, clock: str, items: tuple[Item, ...], pays: tuple[Pay, ...], name: str = "") -> Act:
    ticket = Ticket(
        at=_at(outlet, day, clock),
        register_id=_register_id(outlet),
        session_id=_session_id(outlet, day),
        items=items,
        pays=pays,
    )
    return outlet, ticket, name or f"{outlet.name} {day} {clock}"


def _register_id(outlet: Outlet) -> str:
    return f"4e900000{outlet.outlet_id[8:]}"


def _session_id(outlet: Outlet, day: date) -> str:
    return f"5e550000-0000-4000-8000-{outlet.outlet_id[-2:]}00{day:%Y%m%d}"


def _at(outlet: Outlet, day: date, clock: str, *, fold: int = 0) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(outlet.zone), fold=fold)
