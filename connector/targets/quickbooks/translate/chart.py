"""What a document asks of the books before it can be written: accounts, tax codes, places, dates; and its head."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.books import BALANCE_SHEET, Account, Books, TaxRate
from connector.domain.document import Document, Line, Role
from connector.domain.keys import part_mark
from connector.errors import NeedsMapping, Rejected

TEXT_LENGTH = 4000
LOCATION, CLASS = "Location", "Class"
OUT_OF_SCOPE = ("no vat", "out of scope", "no tax")  # as QuickBooks names it by country

_REFS = {LOCATION: "DepartmentRef", CLASS: "ClassRef"}
_PURCHASES: frozenset[Role] = frozenset({"fee", "fee_tax", "cogs", "inventory", "paid_out"})
_NEEDS_A_NAME = {"receivable": "customer", "payable": "vendor"}

Placed = tuple[Line, Account]


def check_open(document: Document, books: Books) -> None:
    if books.locked_until and document.date <= books.locked_until:
        raise Rejected(
            f"{document.mark} is dated {document.date}, and the books are closed until {books.locked_until}: "
            "open the period in QuickBooks, or decide on a later date.",
            code="closed_period",
        )


def placed(lines: Iterable[Line], document: Document, books: Books) -> list[Placed]:
    """Each line that moves money, with its account."""
    return [(line, account_of(line, document, books)) for line in lines if line.amount]


def account_of(line: Line, document: Document, books: Books) -> Account:
    account = books.account(line.account, line.number)
    if account is None:
        raise NeedsMapping(_missing(line, document, books))
    if account.type in _NEEDS_A_NAME:
        raise NeedsMapping(
            f"{document.mark}: a line on {account.name!r} needs a {_NEEDS_A_NAME[account.type]}, "
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


def head(document: Document, books: Books, part: str, *, numbered: bool) -> dict[str, object]:
    """Date, currency, rate and note of a record; the mark is its number, or ends its note in brackets."""
    mark = part_mark(document.mark, part)
    tail = "" if numbered else f" [{mark}]"
    fields: dict[str, object] = {"DocNumber": mark} if numbered else {}
    fields |= {
        "TxnDate": document.date.isoformat(),
        "PrivateNote": _note(document)[: TEXT_LENGTH - len(tail)] + tail,
        "CurrencyRef": {"value": document.currency},
    }
    if document.currency != books.currency and document.rate:
        fields["ExchangeRate"] = document.rate
    return fields


def tax_code(line: Line, account: Account, document: Document, books: Books) -> TaxRate | None:
    """The tax code of a line in books that have one on each; None for a balance sheet line that names none."""
    if not line.tax_code:
        if account.type in BALANCE_SHEET and not line.tax:
            return None
        raise NeedsMapping(
            f"{document.mark}: the {line.role} line on {account.name!r} has no tax code, and books of {books.country} "
            "want one: in the account map, say which (a no-tax code is one, too)."
        )
    rate = _rate(line.tax_code, books)
    if rate is None or not rate.is_active:
        state = "is not active" if rate else "is not in the books"
        raise NeedsMapping(f"{document.mark}: the tax code {line.tax_code!r} on {account.name!r} {state}.")
    return rate


def out_of_scope(document: Document, books: Books) -> TaxRate:
    """The code of what is outside of the tax, which forms want on every line."""
    known = [rate for rate in books.tax_rates if rate.is_active and rate.name.casefold() in OUT_OF_SCOPE]
    if not known:
        raise NeedsMapping(
            f"{document.mark}: the books have no tax code for what is out of scope (such as {OUT_OF_SCOPE[0]!r}), and "
            "a form wants a code on every line: add it in QuickBooks, or post this feed by journal."
        )
    return known[0]


def applies_to(line: Line) -> str:
    return "Purchase" if line.role in _PURCHASES else "Sales"


def tracking(line: Line, document: Document, books: Books) -> dict[str, object]:
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


def class_of(line: Line, document: Document, books: Books) -> dict[str, object]:
    """The class of a line of a form, whose location stands in its head."""
    return {name: ref for name, ref in tracking(line, document, books).items() if name == _REFS[CLASS]}


def place_of(lines: Iterable[Line], document: Document, books: Books) -> dict[str, object]:
    """The one location of a whole form; held where its lines stand at several."""
    found = [tracking(line, document, books).get(_REFS[LOCATION]) for line in lines]
    places = [place for at, place in enumerate(found) if place is not None and place not in found[:at]]
    if len(places) > 1:
        raise NeedsMapping(
            f"{document.mark}: its lines stand at {len(places)} locations, and a form in QuickBooks has one: post this "
            "feed by journal, or map them to one."
        )
    return {_REFS[LOCATION]: places[0]} if places else {}


def ref(account: Account) -> dict[str, object]:
    return {"value": account.account_id, "name": account.name}


def described(line: Line, body: dict[str, object]) -> dict[str, object]:
    return {**body, "Description": line.text[:TEXT_LENGTH]} if line.text else body


def _note(document: Document) -> str:
    """What the document is and where it comes from, for people."""
    known = document.source_ref in document.narration
    return document.narration if known else f"{document.narration} · {document.source_ref}"


def _missing(line: Line, document: Document, books: Books) -> str:
    named = f"{line.number} {line.account}".strip()
    archived = any(
        not account.is_active and line.account.casefold() == account.name.casefold() for account in books.accounts
    )
    state = "is inactive in" if archived else "is not in"
    return f"{document.mark}: the account {named!r} {state} the books: map {line.role} to another, or open it there."


def _rate(code: str, books: Books) -> TaxRate | None:
    """By QuickBooks' id, or by the name that people see."""
    by_id = [rate for rate in books.tax_rates if rate.code == code]
    by_name = [rate for rate in books.tax_rates if rate.name.casefold() == code.casefold()]
    return next(iter(by_id or by_name), None)
