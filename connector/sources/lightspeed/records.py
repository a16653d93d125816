"""The fields of Lightspeed's records that we read, as shapes.py keeps them: every scalar as text, lists as lists.

Amounts are read as exact decimals; ids of nothing ("0") are left out before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec

from connector.errors import Broken
from connector.sources.mending import mended, without_no_numbers

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
ZERO = Decimal(0)


def _their_name(name: str) -> str:
    """sale_id → saleID, tax1_rate → tax1Rate."""
    first, *rest = name.split("_")
    return first + "".join("ID" if part == "id" else part.capitalize() for part in rest)


class Record(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename=_their_name):
    """A record whose fields bear Lightspeed's own names in JSON."""


class Kept(Record, frozen=True, kw_only=True):
    """A record that holds money. `unread` is ours: it names the parts that have another shape than Lightspeed says
    (sources/mending.py)."""

    unread: tuple[str, ...] = ()


class TaxCategory(Record, frozen=True):
    tax_category_id: str = ""
    is_tax_inclusive: bool = False
    tax1_name: str = ""
    tax2_name: str = ""


class PaymentType(Record, frozen=True):
    """`type` is one of cash, gift card, credit account, credit card, user defined; reserved ones are built in."""

    payment_type_id: str = ""
    name: str = ""
    type: str = ""
    internal_reserved: bool = False


class Item(Record, frozen=True):
    category_id: str = ""


class ListedItem(Record, frozen=True):
    """A product as the catalogue lists it; a sale's own `Item` tells its category alone."""

    item_id: str
    description: str = ""
    category_id: str = ""


class SaleLine(Record, frozen=True):
    """A line. A returned one has a negative quantity, a positive price and negative amounts; costs are unit costs."""

    sale_line_id: str = ""
    unit_quantity: Decimal = ZERO
    unit_price: Decimal = ZERO
    avg_cost: Decimal | None = None
    tax: bool = False
    tax1_rate: Decimal = ZERO
    tax2_rate: Decimal = ZERO
    calc_line_discount: Decimal = ZERO
    calc_transaction_discount: Decimal = ZERO
    calc_total: Decimal | None = None
    calc_subtotal: Decimal = ZERO
    calc_tax1: Decimal = ZERO
    calc_tax2: Decimal = ZERO
    item_id: str = ""
    item_fee_id: str = ""
    line_type: str = ""
    item: Item | None = msgspec.field(default=None, name="Item")

    @property
    def discount(self) -> Decimal:
        return self.calc_line_discount + self.calc_transaction_discount

    @property
    def is_return(self) -> bool:
        return self.unit_quantity < 0

    @property
    def is_item_fee(self) -> bool:
        return bool(self.item_fee_id) or self.line_type.startswith("item_fee")


class SaleAccount(Record, frozen=True):
    credit_account_id: str = ""


class SalePayment(Record, frozen=True):
    """A payment, tip included; negative where money or credit was given. An archived one is void."""

    sale_payment_id: str = ""
    amount: Decimal = ZERO
    tip_amount: Decimal = ZERO
    archived: bool = False
    payment_type_id: str = ""
    credit_account_id: str = ""
    payment_type: PaymentType | None = msgspec.field(default=None, name="PaymentType")
    accounts: tuple[SaleAccount, ...] = msgspec.field(default=(), name="SaleAccounts")


class Sale(Kept, frozen=True):
    """A sale, complete or not. Where the header and its lines disagree, the header is the truth."""

    sale_id: str
    completed: bool = False
    voided: bool = False
    archived: bool = False
    is_tax_inclusive: bool = False
    create_time: Moment | None = None
    complete_time: Moment | None = None
    time_stamp: Moment | None = None
    calc_discount: Decimal = ZERO
    calc_subtotal: Decimal = ZERO
    calc_total: Decimal | None = None
    calc_tax1: Decimal = ZERO
    calc_tax2: Decimal = ZERO
    calc_avg_cost: Decimal | None = None
    calc_payments: Decimal | None = None
    calc_tips: Decimal = ZERO
    total: Decimal = ZERO
    displayable_total: Decimal | None = None
    balance: Decimal | None = None
    customer_id: str = ""
    shop_id: str = ""
    register_id: str = ""
    tax_category_id: str = ""
    tax_category: TaxCategory | None = msgspec.field(default=None, name="TaxCategory")
    lines: tuple[SaleLine, ...] = msgspec.field(default=(), name="SaleLines")
    payments: tuple[SalePayment, ...] = msgspec.field(default=(), name="SalePayments")

    @property
    def valid_payments(self) -> tuple[SalePayment, ...]:
        return tuple(payment for payment in self.payments if not payment.archived)


class RegisterCountAmount(Record, frozen=True):
    """What should have been in the drawer of one payment type, opening float and withdrawals included, and what was."""

    payment_type_id: str = ""
    calculated: Decimal = ZERO
    actual: Decimal = ZERO
    payment_type: PaymentType | None = msgspec.field(default=None, name="PaymentType")


class RegisterCount(Kept, frozen=True):
    register_count_id: str
    open_time: Moment | None = None
    create_time: Moment | None = None
    register_id: str = ""
    amounts: tuple[RegisterCountAmount, ...] = msgspec.field(default=(), name="RegisterCountAmounts")


class RegisterWithdraw(Kept, frozen=True):
    """Cash put into a drawer (positive: the opening float too) or taken out of it (negative)."""

    register_withdraw_id: str
    amount: Decimal = ZERO
    create_time: Moment | None = None
    register_id: str = ""
    payment_type_id: str = ""
    payment_type: PaymentType | None = msgspec.field(default=None, name="PaymentType")


class ProcessingFee(Kept, frozen=True):
    """What a processor keeps of a payment; the percentages that explain the parts are not read."""

    sale_payment_processing_fee_id: str
    sale_payment_id: str = ""
    fixed_fee: Decimal = ZERO
    variable_fee: Decimal = ZERO
    interchange_fees_fixed_fee: Decimal = ZERO
    interchange_fees_variable_fee: Decimal = ZERO
    scheme_fees_fixed_fee: Decimal = ZERO
    scheme_fees_variable_fee: Decimal = ZERO
    processing_time: Moment | None = None
    create_time: Moment | None = None

    @property
    def parts(self) -> tuple[Decimal, ...]:
        return (
            self.fixed_fee,
            self.variable_fee,
            self.interchange_fees_fixed_fee,
            self.interchange_fees_variable_fee,
            self.scheme_fees_fixed_fee,
            self.scheme_fees_variable_fee,
        )


class ReportRow(Record, frozen=True):
    """A row of a daily report, whichever: the report's own amount is the one that is there."""

    payment_type_id: str = ""
    amount: Decimal = ZERO
    tax: Decimal = ZERO
    discount: Decimal = ZERO
    subtotal: Decimal = ZERO


class DayReport(Kept, frozen=True):
    """The rows of one daily report of one shop and day, put together by us: see pages.py."""

    report_id: str
    shop_id: str
    day: date
    rows: tuple[ReportRow, ...] = ()


class AccountBalance(Record, frozen=True):
    credit_account_id: str = ""
    balance: Decimal = ZERO


class AccountBalances(Kept, frozen=True):
    """The balances other than nothing of all credit accounts, or all gift cards, put together by us: see pages.py."""

    balances_id: str
    looked_at: Moment | None = None
    rows: tuple[AccountBalance, ...] = ()


class Currency(Record, frozen=True):
    code: str = ""


class Account(Record, frozen=True):
    """The merchant; an answer about one account alone does not repeat its id."""

    account_id: str = ""
    name: str = ""
    default_currency: Currency | None = None


class Shop(Record, frozen=True):
    shop_id: str
    name: str = ""
    time_zone: str = ""


class Register(Record, frozen=True):
    register_id: str
    shop_id: str = ""


class Category(Record, frozen=True):
    category_id: str
    name: str = ""
    full_path_name: str = ""


T = TypeVar("T")
K = TypeVar("K", bound=Kept)


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record of that shape, as shapes.py kept it; raises Broken where it has another."""
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not a {shape.__name__} as Lightspeed writes it: {error}") from error


def read_mended(body: bytes, shape: type[K]) -> K:
    """The same without what has another shape or is no amount; raises Broken where nothing of it can be read."""
    return mended(body, shape, json=lambda told: without_no_numbers(msgspec.json.decode(told)), strict=False)
