"""A document → its one QuickBooks record: a journal entry, or a transfer where it moves money and nothing else."""

from __future__ import annotations

from connector.domain.books import BALANCE_SHEET, Account, Books, TaxRate
from connector.domain.document import Document, Line, Role
from connector.domain.keys import part_mark
from connector.errors import NeedsMapping, Rejected
from connector.targets.quickbooks.records import Entry

TEXT_LENGTH = 4000
LOCATION, CLASS = "Location", "Class"

_REFS = {LOCATION: "DepartmentRef", CLASS: "ClassRef"}
_PURCHASES: frozenset[Role] = frozenset({"fee", "fee_tax", "cogs", "inventory", "paid_out"})
_NEEDS_A_NAME = {"receivable": "customer", "payable": "vendor"}


def render(document: Document, books: Books) -> tuple[Entry, ...]:
    """The record of a document; none where every line is zero.

    Raises NeedsMapping for an account, tax code, location or class that is missing or cannot stand there, and
    Rejected("closed_period") for a date within the closed part of the books."""
    lines = [line for line in document.lines if line.amount]
    if not lines:
        return ()
    _check_open(document, books)
    accounts = [_account(line, document, books) for line in lines]
    placed = list(zip(lines, accounts, strict=True))
    if _is_transfer(document, books, placed):
        return (Entry(kind="Transfer", payload=_transfer(document, books, placed)),)
    return (Entry(kind="JournalEntry", payload=_journal(document, books, placed)),)


def note(document: Document) -> str:
    """What the document is and where it comes from, for people."""
    known = document.source_ref in document.narration
    return document.narration if known else f"{document.narration} · {document.source_ref}"


def _check_open(document: Document, books: Books) -> None:
    if books.locked_until and document.date <= books.locked_until:
        raise Rejected(
            f"{document.mark} is dated {document.date}, and the books are closed until {books.locked_until}: "
            "open the period in QuickBooks, or decide on a later date.",
            code="closed_period",
        )


def _account(line: Line, document: Document, books: Books) -> Account:
    account = books.account(line.account, line.number)
    if account is None:
        raise NeedsMapping(_missing(line, document, books))
    if account.type in _NEEDS_A_NAME:
        raise NeedsMapping(
            f"{document.mark}: a journal line on {account.name!r} needs a {_NEEDS_A_NAME[account.type]}, "
            f"which the {line.role} line does not have: map it to a clearing account."
        )
    if account.is_system:
        raise NeedsMapping(
            f"{document.mark}: {account.name!r} belongs to QuickBooks' own sales tax: map {line.role} to an account "
            "of your own."
        )
    if account.currency not in ("", books.currency, document.currency):
        raise NeedsMapping(
            f"{document.mark} is in {document.currency}, and {account.name!r} is kept in {account.currency}: map it to "
            f"an account in {document.currency}."
        )
    return account


def _missing(line: Line, document: Document, books: Books) -> str:
    named = f"{line.number} {line.account}".strip()
    archived = any(
        not account.is_active and line.account.casefold() == account.name.casefold() for account in books.accounts
    )
    state = "is inactive in" if archived else "is not in"
    return f"{document.mark}: the account {named!r} {state} the books: map {line.role} to another, or open it there."


def _is_transfer(document: Document, books: Books, placed: list[tuple[Line, Account]]) -> bool:
    if document.kind != "transfer" or len(placed) != 2 or document.currency != books.currency:
        return False
    (one, first), (other, second) = placed
    moves_only = not (one.tax or other.tax or one.tax_code or other.tax_code)
    stays = {first.type, second.type} <= BALANCE_SHEET and first.account_id != second.account_id
    refs = [_tracking(line, document, books) for line, _ in placed]
    return moves_only and stays and all(refs[1].get(name, ref) == ref for name, ref in refs[0].items())


def _transfer(document: Document, books: Books, placed: list[tuple[Line, Account]]) -> dict[str, object]:
    taken, given = sorted(placed, key=lambda pair: pair[0].amount)
    tail = f" [{part_mark(document.mark, '')}]"
    return {
        "TxnDate": document.date.isoformat(),
        "PrivateNote": note(document)[: TEXT_LENGTH - len(tail)] + tail,
        "CurrencyRef": {"value": document.currency},
        "Amount": given[0].amount,
        "FromAccountRef": _ref(taken[1]),
        "ToAccountRef": _ref(given[1]),
        **_tracking(taken[0], document, books),
        **_tracking(given[0], document, books),
    }


def _journal(document: Document, books: Books, placed: list[tuple[Line, Account]]) -> dict[str, object]:
    payload: dict[str, object] = {
        "DocNumber": part_mark(document.mark, ""),
        "TxnDate": document.date.isoformat(),
        "PrivateNote": note(document)[:TEXT_LENGTH],
        "CurrencyRef": {"value": document.currency},
        "Line": [_journal_line(line, account, document, books) for line, account in placed],
    }
    if document.currency != books.currency and document.rate:
        payload["ExchangeRate"] = document.rate
    if books.charges_tax_by_code():
        payload["GlobalTaxCalculation"] = "TaxExcluded"
    return payload


def _journal_line(line: Line, account: Account, document: Document, books: Books) -> dict[str, object]:
    tax = _tax(line, account, document, books) if books.charges_tax_by_code() else {}
    body: dict[str, object] = {
        "DetailType": "JournalEntryLineDetail",
        "Amount": abs(line.amount - line.tax) if tax else abs(line.amount),
        "JournalEntryLineDetail": {
            "PostingType": "Debit" if line.amount > 0 else "Credit",
            "AccountRef": _ref(account),
            **_tracking(line, document, books),
            **tax,
        },
    }
    return {**body, "Description": line.text[:TEXT_LENGTH]} if line.text else body


def _tax(line: Line, account: Account, document: Document, books: Books) -> dict[str, object]:
    if not line.tax_code:
        if account.type in BALANCE_SHEET and not line.tax:
            return {}
        raise NeedsMapping(
            f"{document.mark}: the {line.role} line on {account.name!r} has no tax code, and books of {books.country} "
            "want one: in the account map, say which (a no-tax code is one, too)."
        )
    rate = _rate(line.tax_code, books)
    if rate is None or not rate.is_active:
        state = "is not active" if rate else "is not in the books"
        raise NeedsMapping(f"{document.mark}: the tax code {line.tax_code!r} on {account.name!r} {state}.")
    return {
        "TaxCodeRef": {"value": rate.code, "name": rate.name},
        "TaxApplicableOn": "Purchase" if line.role in _PURCHASES else "Sales",
        "TaxAmount": abs(line.tax),
    }


def _rate(code: str, books: Books) -> TaxRate | None:
    """By QuickBooks' id, or by the name that people see."""
    by_id = [rate for rate in books.tax_rates if rate.code == code]
    by_name = [rate for rate in books.tax_rates if rate.name.casefold() == code.casefold()]
    return next(iter(by_id or by_name), None)


def _tracking(line: Line, document: Document, books: Books) -> dict[str, object]:
    """The location and class of a line; left out where the books track none, held where they lack this one."""
    refs: dict[str, object] = {}
    for category, option in line.tracking:
        options = {name.casefold(): (name, id_) for kept, name, id_ in books.tracking if kept == category}
        if category not in _REFS or not options:
            continue
        if option.casefold() not in options:
            raise NeedsMapping(f"{document.mark}: {category} {option!r} is not in the books: add it there or remap it.")
        name, id_ = options[option.casefold()]
        refs[_REFS[category]] = {"value": id_, "name": name}
    return refs


def _ref(account: Account) -> dict[str, object]:
    return {"value": account.account_id, "name": account.name}
