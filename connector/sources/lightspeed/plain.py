"""Sales as they are written: amounts left as the text they are, so that one that was seen before is looked up and not
reckoned again. Only what an ordinary sale needs is read; any other is read in full, by records.py."""

from __future__ import annotations

import msgspec

from connector.errors import Broken
from connector.sources.lightspeed.records import Item, Moment, PaymentType, Record, TaxCategory


class PlainLine(Record, frozen=True):
    """A line without its id: lines that are alike are equal."""

    unit_quantity: str = "0"
    avg_cost: str | None = None
    tax: bool = False
    tax1_rate: str = "0"
    tax2_rate: str = "0"
    calc_line_discount: str = "0"
    calc_transaction_discount: str = "0"
    calc_total: str | None = None
    calc_subtotal: str = "0"
    calc_tax1: str = "0"
    calc_tax2: str = "0"
    item_id: str = ""
    item_fee_id: str = ""
    line_type: str = ""
    item: Item | None = msgspec.field(default=None, name="Item")


class PlainPayment(Record, frozen=True):
    amount: str = "0"
    tip_amount: str = "0"
    archived: bool = False
    payment_type_id: str = ""
    credit_account_id: str = ""
    payment_type: PaymentType | None = msgspec.field(default=None, name="PaymentType")


class _Lines(msgspec.Struct, frozen=True, gc=False):
    found: list[PlainLine] | PlainLine = msgspec.field(default_factory=list, name="SaleLine")


class _Payments(msgspec.Struct, frozen=True, gc=False):
    found: list[PlainPayment] | PlainPayment = msgspec.field(default_factory=list, name="SalePayment")


class PlainSale(Record, frozen=True):
    sale_id: str
    completed: bool = False
    voided: bool = False
    archived: bool = False
    is_tax_inclusive: bool = False
    complete_time: Moment | None = None
    calc_discount: str = "0"
    calc_subtotal: str = "0"
    calc_total: str = ""
    calc_tax1: str = "0"
    calc_tax2: str = "0"
    calc_avg_cost: str = ""
    calc_payments: str = ""
    calc_tips: str = "0"
    total: str = "0"
    balance: str = ""
    shop_id: str = ""
    register_id: str = ""
    tax_category_id: str = ""
    tax_category: TaxCategory | None = msgspec.field(default=None, name="TaxCategory")
    sale_lines: list[PlainLine] | _Lines = msgspec.field(default_factory=list, name="SaleLines")
    sale_payments: list[PlainPayment] | _Payments = msgspec.field(default_factory=list, name="SalePayments")

    @property
    def lines(self) -> list[PlainLine]:
        """The lines, whether they stand as we keep them or as Lightspeed writes one or many."""
        told = self.sale_lines if isinstance(self.sale_lines, list) else self.sale_lines.found
        return told if isinstance(told, list) else [told]

    @property
    def payments(self) -> list[PlainPayment]:
        told = self.sale_payments if isinstance(self.sale_payments, list) else self.sale_payments.found
        return told if isinstance(told, list) else [told]


class _Page(msgspec.Struct, frozen=True, gc=False):
    sales: list[PlainSale] = msgspec.field(name="Sale")


class RawPage(msgspec.Struct, frozen=True, gc=False):
    sales: list[msgspec.Raw] = msgspec.field(name="Sale")


def read_plain(page: bytes) -> list[PlainSale]:
    """The sales of a page; raises Broken where one of them is not plain."""
    try:
        return _READER.decode(page).sales
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not sales as Lightspeed mostly writes them: {error}") from error


_READER = msgspec.json.Decoder(_Page, strict=False)
