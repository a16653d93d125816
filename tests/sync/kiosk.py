"""A kiosk in London on Loyverse: three weeks in pounds with six taxes inside its prices, and its books in Xero."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body, text
from connector.sandbox.inprocess import Wire
from connector.sandbox.loyverse_receipts import Discount, Paid, PaymentType, Product, Slip, TaxRule, Wish
from connector.sandbox.loyverse_shop import CASH, Drawer, Shop, Store
from connector.sandbox.shelf import Shelf
from connector.sandbox.town import House
from connector.sandbox.xero.app import xero_app

ZONE = "Europe/London"
STORE = Store(name="Thames", till=1, country="GB")
TAXES = {"VAT": "20", "Reduced VAT": "5", "Meal VAT": "12.5", "Tea VAT": "20", "Hat VAT": "20", "Toy VAT": "20"}
PRODUCTS = {
    name: Product(name=name, category="Kiosk", price=600, tax=TaxRule(name=name, rate=Decimal(rate), is_added=False))
    for name, rate in TAXES.items()
}
MEAL_VOUCHER = PaymentType(name="Meal Voucher", type="OTHER")
CHECK = PaymentType(name="Check", type="CHECK")
PALM = PaymentType(name="Palm scan", type="PALMSCAN")
POINTS, REGULAR = Discount(name="Points", amount=100, by_points=True), Discount(name="Regulars", percentage=Decimal(10))
SOLD = {2: "Reduced VAT", 3: "Meal VAT", 4: "Tea VAT", 5: "Hat VAT", 6: "Toy VAT"}
PAID = {7: MEAL_VOUCHER, 8: CHECK, 9: PALM}
OFF = {10: POINTS, 11: REGULAR}
LAST, GAPS_BY_DAY = 20, 13  # what is refunded, paid out or miscounted after these stands in documents of its own
OWN_RATES = {"TAX101": "12.5% (VAT on Meals)", "TAX102": "12.5% (VAT on Hot Food)"}


def fill(shelf: Shelf, name: str = "Thames Kiosk", first: int = 1) -> None:
    """The first days of March 2026; each is like the others but for one thing. Under another name and from a later day
    it is a second account at Loyverse, of a till that takes the same sales."""
    shop = Shop(shelf, "GBP", 2)
    with shelf.transaction():
        opened = datetime(2026, 2, 20, 9, tzinfo=ZoneInfo(ZONE))
        shop.open(name, opened, (STORE,))
        shop.stock(PRODUCTS.values(), (CASH, MEAL_VOUCHER, CHECK, PALM), opened)
        for n in range(first, LAST + 1):
            _day(shop, date(2026, 3, n))


def _day(shop: Shop, day: date) -> None:
    n, product = day.day, PRODUCTS[SOLD.get(day.day, "VAT")]
    wish = Wish(product=product, discounts=(OFF[n],) if n in OFF else ())
    slip = Slip(number="", store="", at=_at(day, 11), tip=50 if n == 12 else 0, surcharge=30 if n == 13 else 0)
    sold = shop.sell(STORE, slip, (wish,), [Paid(by=PAID.get(n, CASH))])
    if n == 14:
        shop.refund(STORE, sold, (wish,), [Paid(by=CASH)], _at(day, 15))
    movements = (("PAID_OUT", 400, "Milk"),) if n == 15 else ()
    miscount = -25 if n == 16 else 0
    shop.close(STORE, Drawer(opened_at=_at(day, 8), closed_at=_at(day, 20), miscount=miscount, movements=movements))


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONE))


def settle_in_london(wire: Wire, books: House, clock: Callable[[], datetime]) -> None:
    """The town's Xero becomes a British organisation, with a rate of its own under two codes and a place to track."""
    shelf = books.shelf
    for kind, key in (("Accounts", "AccountID"), ("TaxRates", "TaxType"), ("Currencies", "Code")):
        for body in shelf.all(kind):
            shelf.remove(kind, text(body, key))
    app = xero_app(shelf, faults=books.faults, clock=clock, country="GB", currency="GBP", company="Thames Kiosk")
    wire.houses[books.base_url.removeprefix("http://")] = app
    usual = shelf.get("TaxRates", "OUTPUT2") or {}
    for code, name in OWN_RATES.items():
        own: Body = {"Name": name, "TaxType": code, "DisplayTaxRate": Decimal("12.5"), "EffectiveRate": Decimal("12.5")}
        shelf.put("TaxRates", code, {**usual, **own})
    _track(shelf, "ACTIVE")


def tidied_up(shelf: Shelf) -> None:
    """Somebody tidies up in the kiosk's books: an account is deleted, one is not paid into, a rate and a place end."""
    _change(shelf, "Loyverse Returns", {"Name": "Taken back", "Code": ""})
    _change(shelf, "Loyverse Meal Voucher Clearing", {"EnablePaymentsToAccount": False})
    shelf.remove("Accounts", text(_account(shelf, "Loyverse Discounts"), "AccountID"))
    shelf.put("TaxRates", "TAX101", {**(shelf.get("TaxRates", "TAX101") or {}), "Status": "ARCHIVED"})
    _track(shelf, "ARCHIVED")


def put_right(shelf: Shelf) -> None:
    """What only the books' owner can do: the account is paid into and the place is open again."""
    _change(shelf, "Loyverse Meal Voucher Clearing", {"EnablePaymentsToAccount": True})
    _track(shelf, "ACTIVE")


def _track(shelf: Shelf, status: str) -> None:
    options = [{"TrackingOptionID": "pier", "Name": "Pier", "Status": status}]
    place: Body = {"TrackingCategoryID": "place", "Name": "Location", "Status": "ACTIVE", "Options": options}
    shelf.put("TrackingCategories", "place", place)


def _change(shelf: Shelf, name: str, fields: Body) -> None:
    account = {**_account(shelf, name), **fields}
    shelf.put("Accounts", text(account, "AccountID"), account, mark=text(account, "Code"))


def _account(shelf: Shelf, name: str) -> Body:
    return next(body for body in shelf.all("Accounts") if body["Name"] == name)
