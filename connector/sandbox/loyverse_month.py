"""Harbor Kiosk's month: two stores in March 2026, after an opening weekend in November 2025.

Harbor is in New York with sales tax on top of its prices, Annex in Los Angeles with the tax inside. 8 March has 23
hours, 2 November 2025 has 25."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import text
from connector.sandbox.loyverse_receipts import Discount, Paid, PaymentType, Product, Slip, TaxRule, Wish
from connector.sandbox.loyverse_shop import CASH, Drawer, Shop, Store
from connector.sandbox.shelf import Shelf

HARBOR = Store(name="Harbor", till=1, country="US")
ANNEX = Store(name="Annex", till=2, country="US")
ZONES: Mapping[str, str] = {HARBOR.id: "America/New_York", ANNEX.id: "America/Los_Angeles"}
"""The zone of each store, which Loyverse does not know."""
DAYS = 31

CANARIES = ("Rosalind Finchley", "rosalind.finchley@mail.example", "+13105550188", "cust-finchley-0001")
"""Texts of customers that no connector may keep: a name, an e-mail, a phone, a customer id."""

ON_TOP = TaxRule(name="NY Sales Tax", rate=Decimal("8.875"), is_added=True)
INSIDE = TaxRule(name="CA Sales Tax", rate=Decimal("9.5"), is_added=False)
LATTE = Product(name="Latte", category="Coffee", price=450, tax=ON_TOP)
BAGEL = Product(name="Bagel", category="Food", price=395, tax=ON_TOP)
BEANS = Product(name="Beans by weight", category="Retail", price=3200)
VOUCHER = Product(name="Gift voucher", category="Vouchers", price=2500)
KITE = Product(name="Paper kite", category="Retail", price=1999, tax=ON_TOP)
TACO = Product(name="Taco", category="Food", price=525, tax=INSIDE)
HORCHATA = Product(name="Horchata", category="Drinks", price=375, tax=INSIDE)
PRODUCTS = (LATTE, BAGEL, BEANS, VOUCHER, KITE, TACO, HORCHATA)

CARD = PaymentType(name="Card", type="NONINTEGRATEDCARD")
MEAL_VOUCHER = PaymentType(name="Meal Voucher", type="OTHER")
GIFT_VOUCHER = PaymentType(name="Gift Voucher", type="OTHER")
CHECK = PaymentType(name="Check", type="CHECK")
PALM = PaymentType(name="Palm scan", type="PALMSCAN")
PAYMENT_TYPES = (CASH, CARD, MEAL_VOUCHER, GIFT_VOUCHER, CHECK, PALM)


def fill(shelf: Shelf) -> None:
    """The month on a shelf that has none yet; one that was filled before is left as it is."""
    if shelf.all("loyverse-receipt"):
        return
    with shelf.transaction():
        shop = Shop(shelf, "USD", 2)
        opened = datetime(2025, 10, 20, 14, tzinfo=ZoneInfo("America/New_York"))
        shop.open("Harbor Kiosk", opened, (HARBOR, ANNEX))
        shop.stock(PRODUCTS, PAYMENT_TYPES, opened)
        _opening_weekend(shop)
        for n in range(1, DAYS + 1):
            day = date(2026, 3, n)
            _usual_day(shop, day)
            _special_day(shop, day)
            _close(shop, day)
        _afterwards(shop)


def change(shelf: Shelf) -> None:
    """Voids the first card sale of 20 March at Harbor, an hour after everything else: a day long since traded."""
    receipts = shelf.all("loyverse-receipt")
    newest = max(datetime.fromisoformat(text(body, "updated_at")) for body in receipts)
    Shop(shelf, "USD", 2).cancel(_sold(shelf, HARBOR, date(2026, 3, 20), "12:30"), newest + timedelta(hours=1))


def fill_tokyo(shelf: Shelf) -> None:
    """Another merchant, in yen: prices hold 10 % of tax, or 8 % for food to take away."""
    eat_in = TaxRule(name="Consumption tax", rate=Decimal("10.0"), is_added=False)
    take_away = TaxRule(name="Reduced tax", rate=Decimal("8.0"), is_added=False)
    store = Store(name="Yanaka", till=1, country="JP")
    curry = Product(name="Curry", category="Meals", price=980, tax=eat_in)
    bun = Product(name="Bean bun", category="Take away", price=165, tax=take_away)
    at = datetime(2026, 3, 14, 12, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    with shelf.transaction():
        shop = Shop(shelf, "JPY", 0)
        shop.open("Yanaka Curry", at - timedelta(days=30), (store,))
        shop.stock((curry, bun), (CASH, CARD), at - timedelta(days=30))
        wishes = (Wish(product=curry, quantity=Decimal(2)), Wish(product=bun, quantity=Decimal(3)))
        sold = shop.sell(store, _slip(at), wishes, [Paid(by=CASH)])
        shop.refund(store, sold, (Wish(product=bun),), [Paid(by=CASH)], at + timedelta(hours=3))


def _usual_day(shop: Shop, day: date) -> None:
    lattes, tacos = Decimal(1 + day.day % 3), Decimal(1 + day.day % 4)
    oat = (("Oat milk", 60),)
    breakfast = (Wish(product=LATTE, quantity=lattes, modifiers=oat), Wish(product=BAGEL))
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "09:10")), breakfast, [Paid(by=CASH)])
    lunch = (Wish(product=BAGEL, quantity=Decimal(2)), Wish(product=BEANS, quantity=Decimal("0.35")))
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "12:30")), lunch, [Paid(by=CARD)])
    # Three like lines: their tax, reckoned on the sum, is nudged between them.
    tacos_by_one = tuple(Wish(product=TACO) for _ in range(int(tacos)))
    shop.sell(ANNEX, _slip(_at(ANNEX, day, "13:05")), (*tacos_by_one, Wish(product=HORCHATA)), [Paid(by=CARD)])
    if day.day % 3 == 0:
        shop.sell(ANNEX, _slip(_at(ANNEX, day, "19:45")), (Wish(product=TACO),), [Paid(by=MEAL_VOUCHER)])
    else:
        shop.sell(ANNEX, _slip(_at(ANNEX, day, "20:15")), (Wish(product=HORCHATA),), [Paid(by=CASH)])


def _special_day(shop: Shop, day: date) -> None:
    specials = {
        3: _split_tender, 6: _tip_later, 8: _short_day, 9: _refund_to_another_tender, 12: _void_after_closing,
        14: _offline, 17: _discounts, 18: _vouchers, 20: _surcharge, 22: _unknown_tender, 25: _given_away, 27: _check,
    }  # fmt: skip
    if day.day in specials:
        specials[day.day](shop, day)


def _opening_weekend(shop: Shop) -> None:
    """2 November 2025 has two hours from one to two o'clock in New York."""
    saturday, sunday = date(2025, 11, 1), date(2025, 11, 2)
    shop.sell(HARBOR, _slip(_at(HARBOR, saturday, "10:00")), (Wish(product=LATTE),), [Paid(by=CASH)])
    night = _at(HARBOR, sunday, "01:30")
    for moment in (night, night.replace(fold=1), _at(HARBOR, sunday, "23:59")):
        shop.sell(HARBOR, _slip(moment), (Wish(product=BAGEL),), [Paid(by=CARD)])


def _split_tender(shop: Shop, day: date) -> None:
    shop.sell(
        HARBOR, _slip(_at(HARBOR, day, "15:00")), (Wish(product=KITE),), [Paid(by=CASH, amount=1000), Paid(by=CARD)]
    )


def _tip_later(shop: Shop, day: date) -> None:
    sold = shop.sell(HARBOR, _slip(_at(HARBOR, day, "18:20")), (Wish(product=BAGEL),), [Paid(by=CARD)])
    shop.tip_later(sold, 150, _at(HARBOR, day, "22:40"))


def _short_day(shop: Shop, day: date) -> None:
    for clock in ("01:45", "03:15", "23:30"):
        shop.sell(HARBOR, _slip(_at(HARBOR, day, clock)), (Wish(product=LATTE),), [Paid(by=CARD)])


def _refund_to_another_tender(shop: Shop, day: date) -> None:
    kites = (Wish(product=KITE, quantity=Decimal(2)),)
    sold = shop.sell(HARBOR, _slip(_at(HARBOR, day, "16:00")), kites, [Paid(by=CARD)])
    back = _at(HARBOR, day + timedelta(days=1), "11:00")
    shop.refund(HARBOR, sold, (Wish(product=KITE),), [Paid(by=CASH)], back)


def _void_after_closing(shop: Shop, day: date) -> None:
    sold = shop.sell(ANNEX, _slip(_at(ANNEX, day, "18:00")), (Wish(product=TACO),), [Paid(by=CARD)])
    shop.cancel(sold, _at(ANNEX, day + timedelta(days=1), "10:00"))


def _offline(shop: Shop, day: date) -> None:
    at = _at(HARBOR, day, "20:30")
    slip = Slip(number="", store="", at=at, sent_at=at + timedelta(hours=26))
    shop.sell(HARBOR, slip, (Wish(product=BAGEL, quantity=Decimal(3)),), [Paid(by=CASH)])


def _discounts(shop: Shop, day: date) -> None:
    regulars = Discount(name="Regulars", percentage=Decimal(10))
    points = Discount(name="Points", amount=200, by_points=True)
    slip = Slip(
        number="",
        store="",
        at=_at(HARBOR, day, "17:10"),
        customer=CANARIES[3],
        note=f"For {CANARIES[0]}, {CANARIES[1]}, {CANARIES[2]}",
    )
    wishes = (
        Wish(product=KITE, discounts=(regulars, points)),
        Wish(product=BEANS, quantity=Decimal("0.25"), discounts=(regulars,)),
    )
    shop.sell(HARBOR, slip, wishes, [Paid(by=CARD)])
    tacos = (Wish(product=TACO, quantity=Decimal(3), discounts=(regulars,)),)
    shop.sell(ANNEX, _slip(_at(ANNEX, day, "17:10")), tacos, [Paid(by=CASH)])


def _vouchers(shop: Shop, day: date) -> None:
    """Sold as an item, and used as a payment type of the owner's own."""
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "10:30")), (Wish(product=VOUCHER),), [Paid(by=CARD)])
    used = [Paid(by=GIFT_VOUCHER, amount=2000), Paid(by=CASH)]
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "15:40")), (Wish(product=KITE),), used)


def _surcharge(shop: Shop, day: date) -> None:
    slip = Slip(number="", store="", at=_at(HARBOR, day, "19:00"), tip=300, surcharge=125)
    shop.sell(HARBOR, slip, (Wish(product=LATTE, quantity=Decimal(4)),), [Paid(by=CARD)])


def _unknown_tender(shop: Shop, day: date) -> None:
    shop.sell(ANNEX, _slip(_at(ANNEX, day, "18:30")), (Wish(product=TACO),), [Paid(by=PALM)])


def _given_away(shop: Shop, day: date) -> None:
    free = Discount(name="On the house", percentage=Decimal(100))
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "18:30")), (Wish(product=LATTE, discounts=(free,)),), [])


def _check(shop: Shop, day: date) -> None:
    shop.sell(HARBOR, _slip(_at(HARBOR, day, "16:15")), (Wish(product=KITE),), [Paid(by=CHECK)])


def _close(shop: Shop, day: date) -> None:
    """Both drawers, at ten to midnight; a few are miscounted, and from a few something is paid."""
    miscounts = {5: -50, 16: 25}
    movements = {11: (("PAY_IN", 2000, "Change"), ("PAY_OUT", 1500, f"Taxi for {CANARIES[0]}")),
                 21: (("PAID_OUT", 875, "Milk"),)}  # fmt: skip
    for store in (HARBOR, ANNEX):
        drawer = Drawer(
            opened_at=_at(store, day, "00:30" if day.day == 8 else "07:00"),
            closed_at=_at(store, day, "23:50"),
            miscount=miscounts.get(day.day, 0) if store == HARBOR else 0,
            movements=movements.get(day.day, ()) if store == HARBOR else (),
        )
        shop.close(store, drawer)


def _afterwards(shop: Shop) -> None:
    shop.withdraw(KITE, _at(HARBOR, date(2026, 4, 1), "08:00"))


def _sold(shelf: Shelf, store: Store, day: date, clock: str) -> str:
    at = _at(store, day, clock)
    found = [
        text(body, "receipt_number")
        for body in shelf.all("loyverse-receipt")
        if body["store_id"] == store.id and datetime.fromisoformat(text(body, "receipt_date")) == at
    ]
    return found[0]


def _slip(at: datetime) -> Slip:
    return Slip(number="", store="", at=at)


def _at(store: Store, day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(ZONES[store.id]))
