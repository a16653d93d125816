"""What we read from QuickBooks, and a record before it is written there.

QuickBooks adds fields without a new version number: unknown keys are passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record before it is written, with QuickBooks' field names; amounts are minor units of its CurrencyRef.

    `part` tells the records of one document apart, and ends the mark; empty for the first."""

    kind: str
    payload: dict[str, object]
    part: str = ""


class Ref(msgspec.Struct, frozen=True):
    value: str = ""
    name: str | None = None


class Account(msgspec.Struct, frozen=True, rename="pascal"):
    """`current_balance` is debit positive, and 0 for every account of the profit and loss."""

    id: str
    name: str
    account_type: str
    account_sub_type: str | None = None
    fully_qualified_name: str | None = None
    acct_num: str | None = None
    active: bool = True
    tax_account: bool | None = None
    current_balance: Decimal | None = None
    currency_ref: Ref | None = None


class TaxRateDetail(msgspec.Struct, frozen=True, rename="pascal"):
    tax_rate_ref: Ref = Ref()


class TaxRateList(msgspec.Struct, frozen=True, rename="pascal"):
    tax_rate_detail: tuple[TaxRateDetail, ...] = ()


class TaxCode(msgspec.Struct, frozen=True, rename="pascal"):
    """A code stands for one or several rates, and has others for sales than for purchases."""

    id: str
    name: str
    active: bool = True
    sales_tax_rate_list: TaxRateList = TaxRateList()
    purchase_tax_rate_list: TaxRateList = TaxRateList()


class TaxRate(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    rate_value: Decimal | None = None


class Item(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    name: str
    income_account_ref: Ref | None = None


class Person(msgspec.Struct, frozen=True, rename="pascal"):
    """A Customer or a Vendor."""

    id: str
    display_name: str
    active: bool = True


class Place(msgspec.Struct, frozen=True, rename="pascal"):
    """A Department (a location, as people see it) or a Class."""

    id: str
    name: str
    fully_qualified_name: str | None = None


class CompanyInfo(msgspec.Struct, frozen=True, rename="pascal"):
    company_name: str
    country: str


class AccountingInfoPrefs(msgspec.Struct, frozen=True, rename="pascal"):
    """`book_close_date` is missing where the books are open."""

    book_close_date: date | None = None
    track_departments: bool = False
    class_tracking_per_txn: bool = False
    class_tracking_per_txn_line: bool = False


class CurrencyPrefs(msgspec.Struct, frozen=True, rename="pascal"):
    home_currency: Ref
    multi_currency_enabled: bool = False


class ReportPrefs(msgspec.Struct, frozen=True, rename="pascal"):
    """`report_basis` is Accrual or Cash."""

    report_basis: str = ""


class Preferences(msgspec.Struct, frozen=True, rename="pascal"):
    accounting_info_prefs: AccountingInfoPrefs
    currency_prefs: CurrencyPrefs
    report_prefs: ReportPrefs = ReportPrefs()


class Detail(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a line stands: an account, or an item that stands for one. A journal's says its side and its tax, too."""

    posting_type: str = ""
    account_ref: Ref | None = None
    item_ref: Ref | None = None
    tax_code_ref: Ref | None = None
    tax_amount: Decimal | None = None


class LinkedTxn(msgspec.Struct, frozen=True, rename="pascal"):
    txn_id: str = ""
    txn_type: str = ""


class Line(msgspec.Struct, frozen=True, rename="pascal"):
    """A line of any record; one that only describes, or sums up, has no detail that we read."""

    amount: Decimal | None = None
    linked_txn: tuple[LinkedTxn, ...] = ()
    journal_entry_line_detail: Detail | None = None
    sales_item_line_detail: Detail | None = None
    deposit_line_detail: Detail | None = None
    account_based_expense_line_detail: Detail | None = None

    @property
    def detail(self) -> Detail | None:
        return (
            self.journal_entry_line_detail
            or self.sales_item_line_detail
            or self.deposit_line_detail
            or self.account_based_expense_line_detail
        )


class TxnTaxDetail(msgspec.Struct, frozen=True, rename="pascal"):
    total_tax: Decimal | None = None


class PaidFrom(msgspec.Struct, frozen=True):
    bank: Ref | None = msgspec.field(name="BankAccountRef", default=None)
    card: Ref | None = msgspec.field(name="CCAccountRef", default=None)


class MetaData(msgspec.Struct, frozen=True, rename="pascal"):
    last_updated_time: datetime | None = None


class Record(msgspec.Struct, frozen=True, rename="pascal"):
    """A transaction of any kind that we write. What has no number of its own has our mark at the end of its note.

    A journal entry's TotalAmt is 0 whatever it holds."""

    id: str
    sync_token: str
    txn_date: str = ""
    doc_number: str | None = None
    private_note: str | None = None
    currency_ref: Ref | None = None
    exchange_rate: Decimal | None = None
    amount: Decimal | None = None
    total_amt: Decimal | None = None
    home_total_amt: Decimal | None = None
    from_account_ref: Ref | None = None
    to_account_ref: Ref | None = None
    deposit_to_account_ref: Ref | None = None
    customer_ref: Ref | None = None
    vendor_ref: Ref | None = None
    check_payment: PaidFrom | None = None
    credit_card_payment: PaidFrom | None = None
    txn_tax_detail: TxnTaxDetail | None = None
    line: tuple[Line, ...] = ()
    meta_data: MetaData = MetaData()


NUMBERED = frozenset({"JournalEntry", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Bill", "BillPayment"})
KINDS = (*sorted(NUMBERED), "Deposit", "Payment", "Transfer")


class Trace(msgspec.Struct, frozen=True, rename="pascal"):
    """A record of any kind, as a list of changes shows it; of a deleted one nothing is left but its id."""

    id: str
    sync_token: str = ""
    doc_number: str | None = None
    private_note: str | None = None
    exchange_rate: Decimal | None = None
    meta_data: MetaData = MetaData()
    status: str | None = msgspec.field(name="status", default=None)


class Capture(msgspec.Struct, frozen=True, rename="pascal"):
    """One list of changes: for each kind asked for, a map that holds its records under the kind's name."""

    query_response: tuple[dict[str, msgspec.Raw], ...] = ()


class Gone(msgspec.Struct, frozen=True, rename="pascal"):
    """The answer to a deletion."""

    id: str


class Attachable(msgspec.Struct, frozen=True, rename="pascal"):
    """A file on a record."""

    id: str
    file_name: str | None = None


class Uploaded(msgspec.Struct, frozen=True, rename="pascal"):
    attachable: Attachable
