"""What a document asks of the books before it can be written there: accounts, tax types, tracking, contact, dates."""

from __future__ import annotations

from decimal import Decimal

from connector.domain.books import Account, Books
from connector.domain.document import PROFIT_AND_LOSS, Document, Line
from connector.domain.keys import contact_name
from connector.errors import NeedsMapping, Rejected
from connector.targets.xero.records import TrackingRef

NO_TAX = ("NONE", "BASEXCLUDED")  # the second is Australia's, whose books have no NONE
TRACKING_CATEGORIES = 2  # Xero takes no more on a line

_NEVER_ON_LINES = {"bank": "a bank account", "receivable": "the receivable account", "payable": "the payable account"}


def account_of(line: Line, books: Books) -> Account:
    """The active account of a line; raises NeedsMapping where there is none."""
    found = books.account(line.account, line.number)
    if found:
        return found
    named = f"{line.account} {line.number}".strip()
    if any(account.name.casefold() == line.account.casefold() for account in books.accounts):
        raise NeedsMapping(f"The account {named} is archived in Xero: restore it there, or map to another one.")
    raise NeedsMapping(f"Xero has no account {named}: create it there, or map to another one.")


def line_account(line: Line, books: Books) -> Account:
    """The account of a line, fit to stand on an invoice, a credit note or a bank transaction."""
    account = account_of(line, books)
    if account.type in _NEVER_ON_LINES:
        raise NeedsMapping(
            f"{account.name} is {_NEVER_ON_LINES[account.type]}, which Xero does not take on a line ({line.role}): "
            "map it to a current asset or liability."
        )
    return account


def check_takes_payments(account: Account, line: Line) -> None:
    """Raises NeedsMapping where Xero takes no payments into the account of a tender, or out of it."""
    if not account.takes_payments:
        raise NeedsMapping(
            f"Xero does not take payments into {account.name} ({line.text or line.role}): tick 'Enable payments to "
            "this account' in its chart of accounts."
        )


def account_fields(account: Account) -> tuple[str, str]:
    """Code and id as a line names its account: by code, which people read, or by id where it has no code."""
    return (account.number, "") if account.number else ("", account.account_id)


def tax_type(line: Line, books: Books) -> str:
    """The tax type of a line, always said: left out, Xero would take the account's own."""
    code = line.tax_code
    if not code and line.role in PROFIT_AND_LOSS and books.charges_tax_by_code():
        raise NeedsMapping(
            f"The line {line.text or line.role} on {line.account} has no tax code, which books with VAT or GST want on "
            "every line of profit and loss: map its tax, if only as out of scope."
        )
    if code in ("", *NO_TAX):
        return _no_tax(books)
    rate = next((rate for rate in books.tax_rates if rate.code == code), None)
    if rate is None:
        raise NeedsMapping(f"Xero has no tax rate {code} ({line.account}): map the source's tax to one it has.")
    if not rate.is_active:
        raise NeedsMapping(f"The tax rate {rate.name} ({code}) is switched off in Xero: map to an active one.")
    return code


def _no_tax(books: Books) -> str:
    """The books' own type for what is out of scope."""
    codes = {rate.code for rate in books.tax_rates}
    return next((code for code in NO_TAX if code in codes), NO_TAX[0])


def tracking_of(line: Line, books: Books) -> list[TrackingRef]:
    """Tracking goes on lines of profit and loss only."""
    if line.role not in PROFIT_AND_LOSS:
        return []
    if len(line.tracking) > TRACKING_CATEGORIES:
        raise NeedsMapping(f"A line on {line.account} has {len(line.tracking)} tracking categories; Xero takes two.")
    known = {(category, option) for category, option, _ in books.tracking}
    for category, option in line.tracking:
        if (category, option) not in known:
            raise NeedsMapping(
                f"Xero has no active tracking option {category}: {option}: create it, or map to another."
            )
    return [TrackingRef(name=category, option=option) for category, option in line.tracking]


def contact_id(document: Document, books: Books) -> str:
    """The id of the document's contact; it is never named in a record, for that may create or rename one."""
    name = contact_name(document.key)
    for known, identity in books.names:
        if known.casefold() == name.casefold():
            return identity
    raise NeedsMapping(f"Xero has no contact {name}: run the set-up of this connection again, it creates one.")


def check_date(document: Document, books: Books) -> None:
    if books.locked_until and document.date <= books.locked_until:
        raise Rejected(
            f"{document.mark}: Xero is locked up to {books.locked_until}; {document.date} cannot be written. "
            "Move the lock date, or let the document go to the first open day.",
            code="closed_period",
        )


def currency_rate(document: Document, books: Books) -> str:
    """Xero's rate is foreign units for one unit of the base currency, six decimals: our rate turned over."""
    if document.currency == books.currency or not document.rate:
        return ""
    return turned(document.rate)


def turned(rate: str) -> str:
    """Home units for one foreign unit as Xero says it: foreign units for one of the home currency."""
    return str((1 / Decimal(rate)).quantize(Decimal("0.000001")))


def line_amount_types(document: Document) -> str:
    """Amounts contain their tax; where no line names a tax, there is none."""
    return "Inclusive" if any(line.tax_code not in ("", *NO_TAX) for line in document.lines) else "NoTax"
