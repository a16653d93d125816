"""What the stand-in shows: Harbor Books, two shops in US dollars, a night of 25 hours in November 2025 and a fortnight
of March 2026 with a day of 23; and, on a shelf of its own, a shop in Tokyo without cents whose prices hold the tax."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body, text
from connector.sandbox.lightspeed_goods import Occasion, Pay, Place, Product, Sold, stamp
from connector.sandbox.lightspeed_till import Till
from connector.sandbox.shelf import Shelf

ACCOUNT_ID = "120645"
EAST, WEST, TOKYO = "US/Eastern", "US/Pacific", "Asia/Tokyo"
MAIN_STREET, PIER = "1", "2"
FIRST_DAY, DAYS = date(2026, 3, 7), 14
CHANGED_DAY = date(2026, 3, 12)
ADA: Body = {
    "customerID": "901", "firstName": "Adalinde", "lastName": "Kanarek", "company": "Kanarek Millinery",
    "Contact": {"email": "adalinde.kanarek@mail.example", "phone": "+12125550143", "address1": "9 Canary Wharf Mews"},
}  # fmt: skip
NOTE = "Benedykt rings the bell at Siskin Terrace"
CANARIES = (
    "Adalinde", "Kanarek", "Kanarek Millinery", "adalinde.kanarek@mail.example", "+12125550143",
    "9 Canary Wharf Mews", NOTE,
)  # fmt: skip
"""Texts of customers that no connector may keep: names, e-mails, phones, streets, notes."""

CASH, CHECK, CARD, ACCOUNT, GIFT, DEBIT, TRUCK, MYSTERY = (
    Pay(type_id=n) for n in ("1", "2", "3", "4", "5", "6", "12", "17")
)
NOVEL = Product(item_id="11", name="Novel", price="12.99", category_id="1", cost="6.5")
ATLAS = Product(item_id="12", name="Atlas", price="48", category_id="1", cost="22.25")
MUG = Product(item_id="13", name="Mug", price="9.5", category_id="3", cost="3.2")
BREAD = Product(item_id="14", name="Loaf", price="4.75", category_id="4", cost="1.1", taxed=False)
LEMONADE = Product(item_id="15", name="Lemonade", price="3.33", category_id="4", cost="0.8")
BOTTLE = Product(item_id="0", name="Bottle deposit", price="0.1", taxed=False, fee_id="1074")
WRAPPING = Product(item_id="0", name="Wrapping", price="2.25")
FERRY = Product(item_id="21", name="Model ferry", price="4400", category_id="1", cost="2100")
_STATE: Body = {
    "taxCategoryID": "1", "isTaxInclusive": "false", "tax1Name": "State Tax", "tax2Name": "City Tax",
    "tax1Rate": "0.0625", "tax2Rate": "0.01375", "timeStamp": "2025-01-01T00:00:00+00:00",
}  # fmt: skip
_CONSUMPTION: Body = {
    "taxCategoryID": "1", "isTaxInclusive": "true", "tax1Name": "Consumption Tax", "tax2Name": "",
    "tax1Rate": "0.1", "tax2Rate": "0", "timeStamp": "2025-01-01T00:00:00+00:00",
}  # fmt: skip
_TYPES = (
    ("1", "Cash", "cash", "true"), ("2", "Check", "user defined", "true"), ("3", "Credit Card", "credit card", "true"),
    ("4", "Credit Account", "credit account", "true"), ("5", "Gift Card", "gift card", "true"),
    ("6", "Debit Card", "user defined", "true"), ("12", "Food Truck", "user defined", "false"),
    ("17", "Pay Later", "pay later", "false"),
)  # fmt: skip


def fill(shelf: Shelf) -> None:
    """Fill an empty shelf with the two shops and their days; one that is filled stays as it is. Always the same ids."""
    if shelf.all("lightspeed-account"):
        return
    with shelf.transaction():
        _open(shelf, "Harbor Books", "USD", _STATE, ((MAIN_STREET, "Main Street", EAST), (PIER, "Pier", WEST)))
        east = _Diary(Till(shelf, Place(shop_id=MAIN_STREET, register_id="1", tax=_STATE)), EAST)
        west = _Diary(Till(shelf, Place(shop_id=PIER, register_id="2", tax=_STATE)), WEST)
        _long_night(east)
        for n in range(DAYS):
            _counter(east, FIRST_DAY + timedelta(days=n))
        _week(east)
        _late(east)
        west.sell(date(2026, 3, 16), time(11, 5), [Sold(product=MUG)], [CASH])
        west.sell(date(2026, 3, 18), time(12, 0), [Sold(product=ATLAS)], [MYSTERY])
        _drawer(east)


def fill_tokyo(shelf: Shelf) -> None:
    """Fill an empty shelf with a shop whose money has no cents and whose prices hold the tax."""
    if shelf.all("lightspeed-account"):
        return
    with shelf.transaction():
        _open(shelf, "Harbor Books Tokyo", "JPY", _CONSUMPTION, (("1", "Ginza", TOKYO),))
        place = Place(shop_id="1", register_id="1", tax=_CONSUMPTION, unit=Decimal(1))
        diary, day = _Diary(Till(shelf, place), TOKYO), date(2026, 3, 10)
        diary.sell(day, time(10, 0), [Sold(product=FERRY)], [CASH])
        diary.sell(day, time(11, 0), [Sold(product=FERRY, quantity=3, discount="1200")], [CARD])
        diary.sell(day, time(23, 30), [Sold(product=FERRY, quantity=-1)], [CASH])


def change(shelf: Shelf) -> str:
    """One late change in a day long traded: its first counter sale is void, a week after. The sale's id."""
    for sale in shelf.all("lightspeed-sale"):
        done = text(sale, "completeTime")
        if done and datetime.fromisoformat(done).astimezone(ZoneInfo(EAST)).date() == CHANGED_DAY:
            at = stamp(datetime.combine(CHANGED_DAY + timedelta(days=9), time(9), ZoneInfo(EAST)))
            sale_id = text(sale, "saleID")
            shelf.put("lightspeed-sale", sale_id, {**sale, "voided": "true", "updatetime": at, "timeStamp": at})
            return sale_id
    raise ValueError("there is no sale to change: fill the shelf first")


class _Diary:
    """A till with the wall clock of its shop."""

    def __init__(self, till: Till, zone: str) -> None:
        self.till = till
        self._zone = ZoneInfo(zone)

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self._zone)

    def sell(self, day: date, hour: time, sold: list[Sold], pays: list[Pay], customer_id: str = "0") -> str:
        return self.till.sell(sold, pays, Occasion(at=self.at(day, hour), customer_id=customer_id))


def _open(shelf: Shelf, name: str, currency: str, tax: Body, shops: tuple[tuple[str, str, str], ...]) -> None:
    told: Body = {"accountID": ACCOUNT_ID, "status": "customer", "name": name, "employeeCount": "3"}
    shelf.put("lightspeed-account", ACCOUNT_ID, told | {"defaultCurrency": {"code": currency, "symbol": "$"}})
    shelf.put("lightspeed-customer", "901", ADA)
    shelf.put("lightspeed-tax-category", "1", tax)
    for number, label, zone in shops:
        shop: Body = {"shopID": number, "name": label, "timeZone": zone, "taxCategoryID": "1", "archived": "false"}
        shelf.put("lightspeed-shop", number, shop | {"contactID": "4", "vatNumber": ""})
        register: Body = {"registerID": number, "name": f"Register {number}", "shopID": number, "archived": "false"}
        shelf.put("lightspeed-register", number, register)
    for number, label, path in (("1", "Books", "Books"), ("3", "Mugs", "Gifts/Mugs"), ("4", "Café", "Café")):
        category: Body = {"categoryID": number, "name": label, "fullPathName": path, "nodeDepth": "0"}
        shelf.put("lightspeed-category", number, category)
    for product in (NOVEL, ATLAS, MUG, BREAD, LEMONADE, FERRY):
        item: Body = {"itemID": product.item_id, "description": product.name, "categoryID": product.category_id}
        item |= {"archived": "false", "timeStamp": "2025-01-01T00:00:00+00:00"}
        shelf.put("lightspeed-item", product.item_id, item)
    for number, label, kind, reserved in _TYPES:
        body: Body = {"paymentTypeID": number, "name": label, "type": kind, "internalReserved": reserved}
        more: Body = {"requireCustomer": "false", "archived": "false", "refundAsPaymentTypeID": "0"}
        shelf.put("lightspeed-payment-type", number, body | more)


def _long_night(diary: _Diary) -> None:
    """2 November 2025 has 25 hours: half past one comes twice."""
    night = date(2025, 11, 2)
    diary.sell(night, time(1, 30), [Sold(product=NOVEL)], [CASH])
    diary.sell(night, time(1, 30, fold=1), [Sold(product=MUG)], [CASH])
    diary.sell(night, time(23, 59), [Sold(product=LEMONADE, quantity=3)], [CARD])


def _counter(diary: _Diary, day: date) -> None:
    """The same quiet trade each day: seven small sales."""
    for n in range(7):
        product = (NOVEL, MUG, LEMONADE, BREAD)[n % 4]
        diary.sell(day, time(9 + n, 10), [Sold(product=product, quantity=1 + n % 2)], [CASH if n % 3 else CARD])


def _week(diary: _Diary) -> None:
    """One case a day, from Saturday 7 March on; Sunday has 23 hours."""
    sat, sun, mon, tue, wed = (FIRST_DAY + timedelta(days=n) for n in range(5))
    bottles = [Sold(product=LEMONADE, quantity=2), Sold(product=BOTTLE, quantity=2), Sold(product=WRAPPING)]
    diary.sell(sat, time(17, 0), bottles, [CASH])
    diary.sell(sat, time(17, 30), [Sold(product=ATLAS, discount="4.8"), Sold(product=NOVEL)], [CARD])
    diary.sell(sun, time(1, 59), [Sold(product=NOVEL)], [CASH])
    diary.sell(sun, time(3, 1), [Sold(product=ATLAS)], [Pay(type_id="1", amount="20"), CARD])
    diary.sell(sun, time(12, 30), [Sold(product=MUG, quantity=4)], [TRUCK])
    diary.sell(sun, time(13, 0), [Sold(product=ATLAS)], [CHECK])
    diary.sell(sun, time(13, 5), [Sold(product=BREAD)], [DEBIT])
    diary.sell(mon, time(10, 0), [], [Pay(type_id="5", amount="-50", account_id="77"), Pay(type_id="1", amount="50")])
    deposit = [Pay(type_id="4", amount="-100", account_id="78"), Pay(type_id="3", amount="100")]
    diary.sell(mon, time(10, 30), [], deposit, customer_id="901")
    redeemed = [Pay(type_id="5", amount="30", account_id="77"), CASH]
    diary.sell(tue, time(15, 0), [Sold(product=ATLAS)], redeemed)
    on_account = [Pay(type_id="4", account_id="78")]
    diary.sell(tue, time(15, 30), [Sold(product=NOVEL, quantity=2)], on_account, customer_id="901")
    diary.sell(wed, time(11, 30), [Sold(product=ATLAS, quantity=-1)], [CASH])
    diary.sell(wed, time(12, 30), [Sold(product=NOVEL, quantity=-1), Sold(product=ATLAS)], [CARD])


def _late(diary: _Diary) -> None:
    """What becomes different after the day: a tip, a void, a sale that was made without a connection."""
    thu, fri, sat = (FIRST_DAY + timedelta(days=n) for n in (5, 6, 7))
    noon = diary.at(thu, time(12, 45))
    tipped = Occasion(at=noon, touched_at=noon + timedelta(hours=1))
    diary.till.sell([Sold(product=MUG, quantity=2)], [Pay(type_id="3", tip="5")], tipped)
    closed = diary.at(fri, time(16, 0))
    voided = Occasion(at=closed, touched_at=closed + timedelta(days=2), voided=True)
    diary.till.sell([Sold(product=ATLAS)], [CASH], voided)
    evening = diary.at(sat, time(20, 0))
    offline = Occasion(at=evening, touched_at=evening + timedelta(hours=26))
    diary.till.sell([Sold(product=NOVEL, quantity=3)], [CASH], offline)
    open_cart = Occasion(at=diary.at(sat, time(20, 30)), completed=False)
    diary.till.sell([Sold(product=MUG)], [Pay(type_id="1", amount="5")], open_cart)
    twice = [Pay(type_id="3", amount="10.22", archived=True), CASH]
    diary.till.sell([Sold(product=MUG)], twice, Occasion(at=diary.at(sat, time(20, 40)), tendered="9.78"))


def _drawer(diary: _Diary) -> None:
    """Saturday's drawer fifty cents short; on Monday twenty are paid out; Tuesday's fees of the first two days."""
    sat, mon = FIRST_DAY, FIRST_DAY + timedelta(days=2)
    opened = diary.at(sat, time(8, 30))
    diary.till.move_cash(opened, "150", "")
    diary.till.close(diary.at(sat, time(18, 30)), opened, (("1", "218.26", "217.76"), ("3", "87.54", "0")))
    diary.till.move_cash(diary.at(mon, time(14, 0)), "-20", NOTE)
    for sale_id in ("7", "10", "102"):
        diary.till.charge_fees(sale_id, diary.at(mon, time(2, 15)))
