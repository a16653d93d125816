"""Tables that books import: journal entries for QuickBooks Online, manual journals for Xero.

QuickBooks: quickbooks.intuit.com, help article "Import journal entries" (columns, account names with their parent
before a colon, account numbers switched off, a name beside receivables and payables). Xero: help.xero.com,
"ManualJournalsImport" (one narration and date to a journal, day/month/year, account code, full name of the tax rate,
debits positive, 300 lines to a file, two tracking categories). Both read 2026-11."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.books import Books
from connector.domain.document import Document, Line
from connector.domain.money import decimal_text
from connector.domain.spreadsheet import plain_cell

QUICKBOOKS_COLUMNS = (
    "JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Name", "Currency", "Location",
    "Class",
)  # fmt: skip
XERO_COLUMNS = (
    "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount", "TrackingName1", "TrackingOption1",
    "TrackingName2", "TrackingOption2",
)  # fmt: skip
XERO_LINES = 300
XERO_TRACKING = 2
XERO_NO_TAX_CODE = "NONE"
XERO_NO_TAX = "Tax Exempt"  # the name in books whose tax rates are not known


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A document that a table cannot hold; it stands in the journal all the same."""

    books: str
    mark: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file by name; the text is empty where no document fits it."""

    name: str
    text: str
    left_out: tuple[LeftOut, ...] = ()


def quickbooks_journals(documents: Sequence[Document]) -> Table:
    """One row to a line; dates are month/day/year, amounts plain decimals on one of two sides."""
    fitting, left_out = _sorted_out(documents, "quickbooks", _obstacle_in_quickbooks)
    rows = [_quickbooks_row(document, line) for document in fitting for line in document.lines]
    return Table(name="quickbooks-journals.csv", text=_csv(QUICKBOOKS_COLUMNS, rows), left_out=left_out)


def xero_journals(documents: Sequence[Document], books: Books | None) -> list[Table]:
    """As many files as 300 lines each call for; a journal is never cut. Amounts contain their tax: import them as tax
    inclusive."""
    fitting, left_out = _sorted_out(documents, "xero", lambda document: _obstacle_in_xero(document, books))
    files: list[list[list[str]]] = [[]]
    for document in fitting:
        if len(files[-1]) + len(document.lines) > XERO_LINES:
            files.append([])
        files[-1] += [_xero_row(document, line, books) for line in document.lines]
    names = [f"xero-journals-{number}.csv" for number in range(1, len(files) + 1)]
    tables = [Table(name=name, text=_csv(XERO_COLUMNS, rows)) for name, rows in zip(names, files, strict=True)]
    return [replace(tables[0], left_out=left_out), *tables[1:]]


def _sorted_out(
    documents: Iterable[Document], books: str, obstacle: Callable[[Document], str]
) -> tuple[list[Document], tuple[LeftOut, ...]]:
    judged = [(document, obstacle(document)) for document in documents]
    left_out = [LeftOut(books=books, mark=document.mark, reason=reason) for document, reason in judged if reason]
    return [document for document, reason in judged if not reason], tuple(left_out)


def _obstacle_in_quickbooks(document: Document) -> str:
    """Why the import cannot hold the document; empty where it can."""
    if any(line.tax for line in document.lines):
        return "the import has no column for tax that is contained in a line"
    if any(line.role == "receivable" for line in document.lines):
        return "a receivable needs the name of a customer"
    strange = {name for line in document.lines for name, _ in line.tracking if name.casefold() not in _COLUMN_OF}
    return f"the import has no column for tracking by {', '.join(sorted(strange))}" if strange else ""


def _obstacle_in_xero(document: Document, books: Books | None) -> str:
    """Why the import cannot hold the document; empty where it can."""
    numbers = {line.account: line.number or _number(line.account, books) for line in document.lines}
    without = [account for account, number in numbers.items() if not number]
    if books and document.currency != books.currency:
        return f"manual journals are in {books.currency}, the document is in {document.currency}"
    if without:
        return f"the import needs an account code for {', '.join(without)}"
    if any(line.role == "bank" for line in document.lines):
        return "a manual journal cannot touch a bank account"
    if any(len(line.tracking) > XERO_TRACKING for line in document.lines):
        return f"a line has {XERO_TRACKING} tracking categories at most"
    too_long = len(document.lines) > XERO_LINES
    return f"it has more than the {XERO_LINES} lines of a file" if too_long else ""


_COLUMN_OF = {"class": "Class", "location": "Location", "department": "Location"}


def _quickbooks_row(document: Document, line: Line) -> list[str]:
    amount = decimal_text(abs(line.amount), document.currency)
    tracking = {_COLUMN_OF[name.casefold()]: option for name, option in line.tracking}
    return [
        _text(document.mark),
        f"{document.date:%m/%d/%Y}",
        _text(line.account),
        amount if line.amount >= 0 else "",
        amount if line.amount < 0 else "",
        _text(line.text or document.narration),
        "",
        document.currency,
        _text(tracking.get("Location", "")),
        _text(tracking.get("Class", "")),
    ]


def _xero_row(document: Document, line: Line, books: Books | None) -> list[str]:
    tracking = [_text(part) for pair in line.tracking for part in pair]
    return [
        _text(f"{document.narration} [{document.mark}]"),
        f"{document.date:%d/%m/%Y}",
        _text(line.text),
        _text(line.number or _number(line.account, books)),
        _text(_tax_name(line.tax_code, books)),
        decimal_text(line.amount, document.currency),
        *tracking,
        *[""] * (2 * XERO_TRACKING - len(tracking)),
    ]


def _number(account: str, books: Books | None) -> str:
    known = books.account(account) if books else None
    return known.number if known else ""


def _tax_name(code: str, books: Books | None) -> str:
    names = {rate.code: rate.name for rate in books.tax_rates} if books else {}
    wanted = code or XERO_NO_TAX_CODE
    return names.get(wanted, XERO_NO_TAX if wanted == XERO_NO_TAX_CODE else wanted)


def _text(cell: str) -> str:
    """One line of text that a spreadsheet will not take for a formula."""
    return plain_cell(" ".join(cell.split()))


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue()
