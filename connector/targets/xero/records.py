"""The fields of Xero we write and read, and no others.

In what we write, money is integer minor units of the document's currency and rates are text, so that a payload has one
spelling; wire.py turns them into JSON numbers of exactly those digits. What we read is taken leniently: unknown keys
and unknown words are no error, missing fields are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal

import msgspec

RecordKind = Literal["invoice", "credit_note", "payment", "bank_transaction", "bank_transfer", "manual_journal"]

COLLECTIONS: dict[RecordKind, str] = {
    "invoice": "Invoices",
    "credit_note": "CreditNotes",
    "payment": "Payments",
    "bank_transaction": "BankTransactions",
    "bank_transfer": "BankTransfers",
    "manual_journal": "ManualJournals",
}
GONE = frozenset({"VOIDED", "DELETED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One record of a document: `payload` holds the document's currency and the record as it will be written."""

    part: str
    kind: RecordKind
    mark: str
    day: str
    payload: dict[str, object]


class Written(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """What we send: a field left at its default is not sent."""


class AccountRef(Written, frozen=True, kw_only=True):
    account_id: str = msgspec.field(name="AccountID")


class ContactRef(Written, frozen=True, kw_only=True):
    contact_id: str = msgspec.field(name="ContactID")


class InvoiceRef(Written, frozen=True, kw_only=True):
    invoice_number: str


class CreditNoteRef(Written, frozen=True, kw_only=True):
    credit_note_number: str


class TrackingRef(Written, frozen=True, kw_only=True):
    name: str
    option: str


class LineItem(Written, frozen=True, kw_only=True):
    """`unit_amount` contains the tax where the record says Inclusive."""

    description: str
    quantity: int
    unit_amount: int
    tax_type: str
    tax_amount: int
    account_code: str = ""
    account_id: str = msgspec.field(name="AccountID", default="")
    tracking: list[TrackingRef] = []


class JournalLine(Written, frozen=True, kw_only=True):
    """`line_amount`: debit positive."""

    description: str
    line_amount: int
    tax_type: str
    tax_amount: int
    account_code: str = ""
    account_id: str = msgspec.field(name="AccountID", default="")
    tracking: list[TrackingRef] = []


class Invoice(Written, frozen=True, kw_only=True):
    type: str
    invoice_number: str
    reference: str
    contact: ContactRef
    date: str
    due_date: str
    status: str
    line_amount_types: str
    currency_code: str
    line_items: list[LineItem]
    currency_rate: str = ""


class CreditNote(Written, frozen=True, kw_only=True):
    type: str
    credit_note_number: str
    reference: str
    contact: ContactRef
    date: str
    status: str
    line_amount_types: str
    currency_code: str
    line_items: list[LineItem]
    currency_rate: str = ""


class Payment(Written, frozen=True, kw_only=True):
    """Of an invoice, or of a credit note (then it is a refund)."""

    account: AccountRef
    date: str
    amount: int
    reference: str
    invoice: InvoiceRef | None = None
    credit_note: CreditNoteRef | None = None
    currency_rate: str = ""


class BankTransaction(Written, frozen=True, kw_only=True):
    type: str
    contact: ContactRef
    bank_account: AccountRef
    date: str
    reference: str
    status: str
    line_amount_types: str
    currency_code: str
    line_items: list[LineItem]
    currency_rate: str = ""


class BankTransfer(Written, frozen=True, kw_only=True):
    from_bank_account: AccountRef
    to_bank_account: AccountRef
    amount: int
    date: str
    reference: str


class ManualJournal(Written, frozen=True, kw_only=True):
    narration: str
    date: str
    status: str
    line_amount_types: str
    show_on_cash_basis_reports: bool
    journal_lines: list[JournalLine]


class NewAccount(Written, frozen=True, kw_only=True):
    code: str
    name: str
    type: str
    enable_payments_to_account: bool


class NewContact(Written, frozen=True, kw_only=True):
    name: str


class _Read(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What we read: every field may be missing."""


class ValidationError(_Read, frozen=True, kw_only=True):
    message: str = ""


class AccountRead(_Read, frozen=True, kw_only=True):
    account_id: str = msgspec.field(name="AccountID", default="")
    code: str = ""
    name: str = ""
    type: str = ""
    status: str = ""
    system_account: str = ""
    enable_payments_to_account: bool = False
    currency_code: str = ""


class TaxRateRead(_Read, frozen=True, kw_only=True):
    name: str = ""
    tax_type: str = ""
    status: str = ""
    effective_rate: Decimal | None = None


class CurrencyRead(_Read, frozen=True, kw_only=True):
    """A currency that the organisation uses."""

    code: str = ""


class OptionRead(_Read, frozen=True, kw_only=True):
    name: str = ""
    status: str = ""
    tracking_option_id: str = msgspec.field(name="TrackingOptionID", default="")


class TrackingCategoryRead(_Read, frozen=True, kw_only=True):
    name: str = ""
    status: str = ""
    options: list[OptionRead] = []


class ContactRead(_Read, frozen=True, kw_only=True):
    contact_id: str = msgspec.field(name="ContactID", default="")
    name: str = ""
    contact_status: str = ""


class OrganisationRead(_Read, frozen=True, kw_only=True):
    name: str = ""
    country_code: str = ""
    base_currency: str = ""
    period_lock_date: str = ""
    end_of_year_lock_date: str = ""
    sales_tax_basis: str = ""


class ActionRead(_Read, frozen=True, kw_only=True):
    """Something that whoever gave consent may do in the organisation, or may not."""

    name: str = ""
    status: str = ""


class TrackingRead(_Read, frozen=True, kw_only=True):
    name: str = ""
    option: str = ""


class LineRead(_Read, frozen=True, kw_only=True):
    account_code: str = ""
    account_id: str = msgspec.field(name="AccountID", default="")
    tax_type: str = ""
    line_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    tracking: list[TrackingRead] = []


class PaidRead(_Read, frozen=True, kw_only=True):
    """What a payment is of."""

    invoice_number: str = ""
    credit_note_number: str = ""


class PaymentRead(_Read, frozen=True, kw_only=True):
    """A payment as the document that it pays lists it."""

    payment_id: str = msgspec.field(name="PaymentID", default="")
    reference: str = ""


class AllocationRead(_Read, frozen=True, kw_only=True):
    """A part of a credit note given to an invoice, on either of the two."""

    amount: Decimal = Decimal(0)


class RecordRead(_Read, frozen=True, kw_only=True):
    """A record of any kind we write, as the books hold it or as they refused it."""

    invoice_id: str = msgspec.field(name="InvoiceID", default="")
    credit_note_id: str = msgspec.field(name="CreditNoteID", default="")
    payment_id: str = msgspec.field(name="PaymentID", default="")
    bank_transaction_id: str = msgspec.field(name="BankTransactionID", default="")
    bank_transfer_id: str = msgspec.field(name="BankTransferID", default="")
    manual_journal_id: str = msgspec.field(name="ManualJournalID", default="")
    type: str = ""
    invoice_number: str = ""
    credit_note_number: str = ""
    reference: str = ""
    narration: str = ""
    date: str = ""
    status: str = ""
    currency_code: str = ""
    currency_rate: Decimal | None = None
    line_amount_types: str = ""
    total: Decimal = Decimal(0)
    total_tax: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    bank_amount: Decimal = Decimal(0)
    payment_type: str = ""
    line_items: list[LineRead] = []
    journal_lines: list[LineRead] = []
    invoice: PaidRead = PaidRead()
    credit_note: PaidRead = PaidRead()
    account: AccountRead = AccountRead()
    bank_account: AccountRead = AccountRead()
    from_bank_account: AccountRead = AccountRead()
    to_bank_account: AccountRead = AccountRead()
    payments: list[PaymentRead] = []
    allocations: list[AllocationRead] = []
    amount_credited: Decimal = Decimal(0)
    is_reconciled: bool = False
    from_is_reconciled: bool = False
    to_is_reconciled: bool = False
    updated: str = msgspec.field(name="UpdatedDateUTC", default="")
    created: str = msgspec.field(name="CreatedDateUTC", default="")
    status_attribute_string: str = ""
    validation_errors: list[ValidationError] = []

    def id_of(self, kind: RecordKind) -> str:
        return str(getattr(self, f"{kind}_id"))

    def mark_of(self, kind: RecordKind) -> str:
        """The name it carries; of a journal, what stands in brackets at the end of its narration."""
        if kind == "invoice":
            return self.invoice_number
        if kind == "credit_note":
            return self.credit_note_number
        if kind == "manual_journal":
            _, bracket, tail = self.narration.rpartition("[")
            return tail.removesuffix("]") if bracket and tail.endswith("]") else ""
        return self.reference

    @property
    def version(self) -> str:
        return self.updated or self.created

    @property
    def rate(self) -> str:
        """Home units for one foreign unit, twelve digits; empty where there is none, or it is 1 (home currency)."""
        if not self.currency_rate or self.currency_rate == 1:
            return ""
        return f"{Context(prec=12).divide(Decimal(1), self.currency_rate):f}"

    @property
    def is_gone(self) -> bool:
        return self.status in GONE

    @property
    def is_matched(self) -> bool:
        """Whether a person matched it with a line of the bank."""
        return self.is_reconciled or self.from_is_reconciled or self.to_is_reconciled

    @property
    def is_allocated(self) -> bool:
        """Whether a credit stands against it: its own on an invoice, or another's on it."""
        return bool(self.allocations or self.amount_credited)

    @property
    def texts(self) -> list[str]:
        """What the books find wrong with it, in their words; none where they took it."""
        said = [error.message for error in self.validation_errors]
        if self.status_attribute_string == "ERROR" and not said:
            return ["Xero refused it without a reason"]
        return said


class AttachmentRead(_Read, frozen=True, kw_only=True):
    attachment_id: str = msgspec.field(name="AttachmentID", default="")
    file_name: str = ""


class Cell(_Read, frozen=True, kw_only=True):
    value: str = ""
    attributes: list[CellAttribute] = []


class CellAttribute(_Read, frozen=True, kw_only=True):
    id: str = ""
    value: str = ""


class Row(_Read, frozen=True, kw_only=True):
    row_type: str = ""
    cells: list[Cell] = []
    rows: list[Row] = []


class Report(_Read, frozen=True, kw_only=True):
    rows: list[Row] = []


def payload(record: Written, currency: str) -> dict[str, object]:
    """The record as the outbox keeps it, with the currency its minor units are of."""
    return {"currency": currency, "record": msgspec.to_builtins(record)}
