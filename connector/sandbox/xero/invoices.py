"""Invoices, bills and credit notes: numbers, statuses, totals, and what the ledger makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.sandbox.body import Body, number, text
from connector.sandbox.rates import own_rate
from connector.sandbox.xero.amounts import amount_of, minor_of
from connector.sandbox.xero.contacts import contact_of
from connector.sandbox.xero.lines import Priced, price_lines
from connector.sandbox.xero.organisation import Organisation, day_sent, wire_day
from connector.sandbox.xero.refusals import Invalid, Malformed

_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Invoices or credit notes: their wire names. `types` says for each type whether its lines are debits (1)."""

    kind: str
    id_field: str
    number_field: str
    prefix: str
    due_field: str
    paid_field: str
    not_unique: str
    types: Mapping[str, int]
    unique_type: str


INVOICES = Family(
    kind="Invoices",
    id_field="InvoiceID",
    number_field="InvoiceNumber",
    prefix="INV",
    due_field="AmountDue",
    paid_field="AmountPaid",
    not_unique="Invoice # must be unique.",
    types={"ACCREC": -1, "ACCPAY": 1},
    unique_type="ACCREC",
)
CREDIT_NOTES = Family(
    kind="CreditNotes",
    id_field="CreditNoteID",
    number_field="CreditNoteNumber",
    prefix="CN",
    due_field="RemainingCredit",
    paid_field="AppliedAmount",
    not_unique="Credit note # must be unique.",
    types={"ACCRECCREDIT": 1, "ACCPAYCREDIT": -1},
    unique_type="ACCRECCREDIT",
)


def create_document(organisation: Organisation, family: Family, sent: Body) -> Body:
    """A new document as Xero answers it. Raises Invalid with every reason, Malformed for wrong types."""
    wish: Body = {"Status": "DRAFT", **sent, family.id_field: organisation.new_id(family.kind)}
    if text(wish, "Type") not in family.types:
        raise Malformed(f"Type must be one of {', '.join(family.types)}, not {text(wish, 'Type')}")
    if not text(wish, family.number_field) and text(wish, "Type") == family.unique_type:
        wish[family.number_field] = f"{family.prefix}-{organisation.shelf.next_number(family.prefix):04d}"
    if _holders(organisation, family, wish):
        raise Invalid(family.not_unique)
    return _kept(organisation, family, wish)


def update_document(organisation: Organisation, family: Family, before: Body, sent: Body) -> Body:
    """The document with the fields that were sent, its lines replaced; VOIDED and DELETED take it off the books."""
    status = text(sent, "Status")
    if text(before, "Status") in ("VOIDED", "DELETED"):
        raise Invalid("This document cannot be edited as it is voided or deleted.")
    if number(before, family.paid_field):
        raise Invalid("This document cannot be edited as it has a payment or credit note allocated to it.")
    if status in ("VOIDED", "DELETED"):
        return _ended(organisation, family, before, status)
    if text(before, "Status") == "AUTHORISED" and status in ("DRAFT", "SUBMITTED"):
        raise Invalid("Invoice not of valid status for modification")
    organisation.check_open(day_sent(before, "Date", None))
    return _kept(organisation, family, {**before, **sent, family.id_field: before[family.id_field]})


def find_document(organisation: Organisation, family: Family, id_or_number: str) -> Body | None:
    """The document with this id, or the newest live one with this number."""
    found = organisation.shelf.get(family.kind, id_or_number)
    return found or next(reversed(_live(organisation, family, id_or_number)), None)


def settle(organisation: Organisation, family: Family, document: Body, paid: int) -> Body:
    """The document after `paid` more minor units (less when negative) were paid on it."""
    currency = text(document, "CurrencyCode")
    due = minor_of(number(document, family.due_field) or Decimal(0), currency) - paid
    already = minor_of(number(document, family.paid_field) or Decimal(0), currency) + paid
    body: Body = {
        **document,
        family.due_field: amount_of(due, currency),
        family.paid_field: amount_of(already, currency),
        "Status": "PAID" if due == 0 else "AUTHORISED",
    }
    return organisation.keep(family.kind, family.id_field, body, mark=_mark(family, body))


def control_account(organisation: Organisation, document: Body) -> str:
    """The id of the receivable or payable account behind the document."""
    return organisation.system_account("DEBTORS" if text(document, "Type").startswith("ACCREC") else "CREDITORS")


def rate_of(document: Body, base: str = "") -> Decimal:
    """Units of the document's currency for one unit of the base currency: as it says, or the organisation's own."""
    told = number(document, "CurrencyRate")
    return told or (own_rate(text(document, "CurrencyCode"), base) if base else Decimal(1))


def _kept(organisation: Organisation, family: Family, wish: Body) -> Body:
    status = text(wish, "Status")
    if status not in _STATUSES:
        raise Malformed(f"Status must be one of {', '.join(_STATUSES)}, not {status}")
    day = day_sent(wish, "Date", organisation.clock().date())
    organisation.check_open(day)
    currency = organisation.checked_currency(wish)
    priced = price_lines(organisation, wish, currency)
    if priced.total < 0:
        raise Invalid("The document total must be greater than or equal to zero.")
    body: Body = {
        **wish,
        **_dates(family, wish, day, status),
        **priced.fields(),
        "Contact": contact_of(organisation, wish),
        "LineAmountTypes": text(wish, "LineAmountTypes") or "Exclusive",
        "CurrencyCode": currency,
        "CurrencyRate": rate_of({**wish, "CurrencyCode": currency}, organisation.currency)
        if currency != organisation.currency
        else 1,
        "Status": "PAID" if status == "AUTHORISED" and priced.total == 0 else status,
        family.due_field: amount_of(priced.total, currency),
        family.paid_field: amount_of(0, currency),
        "Payments": [],
        "SentToContact": False,
        "HasAttachments": False,
        "HasErrors": False,
    }
    _book(organisation, family, body, priced)
    return organisation.keep(family.kind, family.id_field, body, mark=_mark(family, body))


def _dates(family: Family, wish: Body, day: date, status: str) -> Body:
    if family is CREDIT_NOTES:
        return wire_day(day)
    if not text(wish, "DueDate"):
        if status == "AUTHORISED":
            raise Invalid("The due date must be specified.")
        return wire_day(day)
    return {**wire_day(day), **wire_day(day_sent(wish, "DueDate", None), "DueDate")}


def _book(organisation: Organisation, family: Family, document: Body, priced: Priced) -> None:
    if text(document, "Status") not in ("AUTHORISED", "PAID"):
        return
    sign = family.types[text(document, "Type")]
    legs = [*priced.legs(organisation, sign), (control_account(organisation, document), -sign * priced.total)]
    organisation.enter(text(document, family.id_field), legs, rate_of(document), text(document, "CurrencyCode"))


def _ended(organisation: Organisation, family: Family, before: Body, status: str) -> Body:
    drafted = text(before, "Status") in ("DRAFT", "SUBMITTED")
    if (status == "DELETED") != drafted:
        raise Invalid("Invoice not of valid status for modification")
    organisation.check_open(day_sent(before, "Date", None))
    organisation.enter(text(before, family.id_field), [])
    nothing = amount_of(0, text(before, "CurrencyCode"))
    body: Body = {**before, "Status": status, family.due_field: nothing, family.paid_field: nothing}
    return organisation.keep(family.kind, family.id_field, body, mark=_mark(family, body))


def _holders(organisation: Organisation, family: Family, wish: Body) -> list[Body]:
    """The live documents that hold the number, where the type has unique numbers."""
    if text(wish, "Type") != family.unique_type:
        return []
    return [d for d in _live(organisation, family, text(wish, family.number_field)) if d["Type"] == wish["Type"]]


def _live(organisation: Organisation, family: Family, number_: str) -> list[Body]:
    # A number of a voided document stays taken here; a deleted draft gives it free.
    found = organisation.shelf.marked(family.kind, number_.lower()) if number_ else []
    return [document for document in found if document["Status"] != "DELETED"]


def _mark(family: Family, document: Body) -> str:
    return text(document, family.number_field).lower()
