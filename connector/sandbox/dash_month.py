"""What the Dash stand-in tells: a New York diner's March 2026 (the 8th has 23 hours), and four days of its Toronto
branch around 2 November 2025 (which has 25), with the cases that catch a careless reader."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body, child, children, text
from connector.sandbox.dash_day import REST, DayBook, Item, Provider, TaxRule, cents, money
from connector.sandbox.shelf import Shelf

MERCHANT: Body = {"id": "DASHMERCHANT1", "name": "Harbour Diner"}
NEW_YORK, TORONTO = "L1", "L2"
PLACES: Mapping[str, Body] = {
    NEW_YORK: {"id": NEW_YORK, "name": "Harbour St", "timezone": "America/New_York", "currency": "USD"},
    TORONTO: {"id": TORONTO, "name": "Queen St", "timezone": "America/Toronto", "currency": "CAD"},
}
CANARIES = ("Adalinde Kanarek", "adalinde.kanarek@mail.example", "+12125550143", "9 Canary Wharf Mews")
"""Texts of a customer that no connector may keep; the contract has no field for them, some senders add one."""

SALES_TAX = TaxRule(tax_id="ny", name="Sales Tax", per_10000=825)
HST = TaxRule(tax_id="hst", name="HST", per_10000=1300, inclusive=True)
BURGER = Item(item_id="p1", name="Burger", category="Food", price=1250)
SALAD = Item(item_id="p2", name="Salad", category="Food", price=975)
COLA = Item(item_id="p3", name="Cola", category="Drinks", price=312)
BEANS = Item(item_id="p4", name="Beans 500 g", category="Retail", price=1600, taxable=False)
SWIFT = Provider(name="Swift Bites", remits="provider", commission=20)
SWIFT_SILENT = Provider(name="Swift Bites", remits="", commission=20)
SWIFT_CANADA = Provider(name="Swift Bites", remits="merchant", commission=25)

LATER = timedelta(hours=26)
REVISED = frozenset({7, 13, 14})  # a tip added, a sale voided after closing, a sale uploaded 26 hours late


def fill(shelf: Shelf) -> None:
    """Puts locations and days on an empty shelf; one that has some is left as it is."""
    if shelf.all("dash-location"):
        return
    with shelf.transaction():
        for place_id, place in PLACES.items():
            shelf.put("dash-location", place_id, place | {"delivery_providers": [SWIFT.name]})
        for number in range(4):
            _put(shelf, TORONTO, date(2025, 10, 31) + timedelta(days=number), _toronto_day(number))
        for number in range(1, 32):
            day = date(2026, 3, number)
            if day.weekday():  # closed on Mondays
                _put(shelf, NEW_YORK, day, _new_york_day(number), revision=2 if number in REVISED else 1)
        _put(shelf, NEW_YORK, date(2026, 4, 1), _new_york_day(32), closed=False)


def change(shelf: Shelf) -> None:
    """A late change in a day long closed: five dollars more of tips on a card, told as the next revision."""
    summary = shelf.get("dash-summary", f"{NEW_YORK}/2026-03-20") or {}
    card = next(row for row in children(summary, "payments") if row["method"] == "credit_card")
    card["amount"] = money(cents(text(card, "amount")) + 500)
    revise(shelf, summary | {"tips": money(cents(text(summary, "tips")) + 500)})


def unbalance(shelf: Shelf) -> None:
    """Breaks the balance of one day by ten cents, told as the next revision."""
    summary = shelf.get("dash-summary", f"{NEW_YORK}/2026-03-21") or {}
    revise(shelf, summary | {"tips": money(cents(text(summary, "tips")) + 10)})


def revise(shelf: Shelf, summary: Body) -> None:
    """Keeps a day told anew: its revision one higher, changed an hour after everything else."""
    last = max(datetime.fromisoformat(text(each, "updated_at")) for each in shelf.all("dash-summary"))
    revision = summary["revision"]
    assert isinstance(revision, int)
    told = summary | {"revision": revision + 1, "updated_at": _written(last + timedelta(hours=1))}
    name = f"{text(child(summary, 'location'), 'id')}/{text(summary, 'business_date')}"
    shelf.put("dash-summary", name, told)


def _new_york_day(number: int) -> DayBook:
    """An ordinary day, and what happened on it besides."""
    book = DayBook(SALES_TAX)
    book.sell([(BURGER, 3 + number % 4), (COLA, 4)], [("credit_card", REST)], tip=300 + 25 * (number % 5))
    book.sell([(SALAD, 2 + number % 3), (COLA, 1)], [("cash", REST)])
    book.sell([(BURGER, 1), (BEANS, 1)], [("debit_card", REST)], discount=125)
    if number % 2:
        book.deliver([(BURGER, 2), (SALAD, 1)], SWIFT_SILENT if number == 19 else SWIFT, tip=150)
    OCCASIONS.get(number, _nothing)(book)
    return book


def _nothing(book: DayBook) -> None:
    """An ordinary day."""


OCCASIONS: Mapping[int, Callable[[DayBook], None]] = {
    5: lambda book: book.give_back(SALAD, "cash"),  # it was paid by card on the day before
    6: lambda book: book.sell([(BURGER, 8)], [("check", 5000), ("cash", 2000), ("credit_card", REST)]),
    7: lambda book: book.sell([(SALAD, 4)], [("credit_card", REST)], tip=900),
    10: lambda book: book.sell_gift_card(5000, "cash"),
    12: lambda book: book.sell([(BURGER, 2)], [("gift_card", 2000), ("cash", REST)]),
    14: lambda book: book.sell([(SALAD, 1)], [("cash", REST)]),
    15: lambda book: book.sell([(BURGER, 1)], [("food_voucher", REST)]),
    20: lambda book: book.keep_fee("Card terminal", 250, "credit_card"),
    24: lambda book: book.pay_out("Window cleaner", 4000),
    27: lambda book: book.sell([(BURGER, 12)], [("credit_card", REST)], charge=1800),
}  # fmt: skip


def _toronto_day(number: int) -> DayBook:
    """Prices hold the tax; cash is rounded to five cents."""
    book = DayBook(HST)
    book.sell([(BURGER, 2 + number)], [("credit_card", REST)], tip=200)
    book.sell([(SALAD, 1), (COLA, 1)], [("cash", REST)])
    book.round_cash(-2)  # 12.87 are paid with 12.85
    book.deliver([(SALAD, 2)], SWIFT_CANADA)
    return book


def _put(shelf: Shelf, place_id: str, day: date, book: DayBook, *, revision: int = 1, closed: bool = True) -> None:
    place = PLACES[place_id]
    shut = datetime.combine(day, time(23, 30), ZoneInfo(text(place, "timezone")))
    summary: Body = {
        "contract": "dash-daily-summary/1",
        "location": {key: place[key] for key in ("id", "name", "timezone")},
        "business_date": day.isoformat(),
        "currency": place["currency"],
        "revision": revision,
        "closed": closed,
        "updated_at": _written(shut + (LATER if revision > 1 else timedelta(0))),
        "closed_by": {"name": CANARIES[0], "email": CANARIES[1]},
        "notes": f"{CANARIES[0]}, {CANARIES[2]}, {CANARIES[3]} left a scarf",
    }
    summary |= {"closed_at": shut.isoformat()} if closed else {}
    shelf.put("dash-summary", f"{place_id}/{day.isoformat()}", summary | book.summary())


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
