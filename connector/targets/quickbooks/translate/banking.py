"""Money on its way to the bank: a transfer, a deposit or a journal; and the processor's fees as a paid bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.domain.books import BALANCE_SHEET, Account, Books
from connector.domain.document import Document, Line
from connector.domain.keys import part_mark
from connector.errors import NeedsMapping
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.chart import Placed, account_of, head, placed, ref, tracking
from connector.targets.quickbooks.translate.forms import deposit_form, expense_form
from connector.targets.quickbooks.translate.journal import journal
from connector.targets.quickbooks.translate.names import vendor

REST, BILL, PAID = "J", "B", "BP"

_FEES = frozenset({"fee", "fee_tax"})
_BY_TRANSFER = frozenset({"", "transfer"})
_CREDIT_CARD = "Credit Card"


def banked(document: Document, books: Books, family: str, lines: Sequence[Line]) -> tuple[Entry, ...]:
    """A deposit or a transfer where the family says so and the money can go that way; else one journal entry."""
    bank = [line for line in lines if line.role == "bank" and line.amount]
    if family == "deposit" and len(bank) == 1 and bank[0].amount > 0:
        return (_deposit(document, books, bank[0], [line for line in lines if line is not bank[0]]),)
    if family == "transfer" and len(bank) == 1:
        found = _transferred(document, books, bank[0], lines)
        if found:
            return found
    if family in _BY_TRANSFER and _is_transfer(document, books, lines):
        return (_transfer(document, books, placed(lines, document, books)),)
    return (journal(document, books, lines),)


def billed(document: Document, books: Books) -> tuple[Entry, ...]:
    """Fees as a bill, paid from the account that they were taken from; the rest is a transfer where it can be one.

    Fees that come back outweigh only rarely: then all goes without a bill."""
    fees = [line for line in document.lines if line.role in _FEES]
    owed = sum(line.amount for line in fees)
    if owed <= 0:
        return banked(document, books, "transfer", document.lines)
    clearing = _clearing(document)
    rest = [
        replace(line, amount=line.amount + owed, shares=()) if line is clearing else line
        for line in document.lines
        if line not in fees
    ]
    first = banked(document, books, "transfer", rest) if any(line.amount for line in rest) else ()
    part = BILL if first else ""
    paid = _bill_payment(document, books, account_of(clearing, document, books), owed, part)
    return (*first, _bill(document, books, fees, part), paid)


def _is_transfer(document: Document, books: Books, lines: Sequence[Line]) -> bool:
    """Whether a transfer moves money between two accounts of the balance sheet and does nothing else."""
    found = placed(lines, document, books)
    if document.kind != "transfer" or len(found) != 2 or document.currency != books.currency:
        return False
    (one, first), (other, second) = found
    moves_only = not (one.tax or other.tax or one.tax_code or other.tax_code)
    stays = {first.type, second.type} <= BALANCE_SHEET and first.account_id != second.account_id
    refs = [tracking(line, document, books) for line, _ in found]
    return moves_only and stays and all(refs[1].get(name, ref) == ref for name, ref in refs[0].items())


def _transferred(document: Document, books: Books, bank: Line, lines: Sequence[Line]) -> tuple[Entry, ...]:
    """The bank's amount as a transfer from clearing, and what else the document does as a journal; nothing where it
    has no one clearing account to come from, or is in a foreign currency."""
    sources = [line for line in lines if line.role == "clearing" and line.amount]
    if len(sources) != 1 or document.currency != books.currency:
        return ()
    moved = replace(sources[0], amount=-bank.amount, shares=())
    left = replace(sources[0], amount=sources[0].amount + bank.amount, shares=())
    rest = [left if line is sources[0] else line for line in lines if line is not bank]
    rest = [line for line in rest if line.amount]
    transfer = _transfer(document, books, placed([bank, moved], document, books))
    return (transfer, journal(document, books, rest, REST)) if rest else (transfer,)


def _transfer(document: Document, books: Books, found: Sequence[Placed]) -> Entry:
    taken, given = sorted(found, key=lambda pair: pair[0].amount)
    payload = {
        **head(document, books, "", numbered=False),
        "Amount": given[0].amount,
        "FromAccountRef": ref(taken[1]),
        "ToAccountRef": ref(given[1]),
        **tracking(taken[0], document, books),
        **tracking(given[0], document, books),
    }
    return Entry(kind="Transfer", payload=payload)


def _deposit(document: Document, books: Books, bank: Line, lines: Sequence[Line]) -> Entry:
    account = account_of(bank, document, books)
    if account.type not in ("bank", "current_asset"):
        raise NeedsMapping(
            f"{document.mark}: QuickBooks deposits into a bank account or another current asset only, which "
            f"{account.name!r} is not: map the bank to one."
        )
    payload = {
        **head(document, books, "", numbered=False),
        "DepositToAccountRef": ref(account),
        **deposit_form(lines, document, books),
    }
    return Entry(kind="Deposit", payload=payload)


def _clearing(document: Document) -> Line:
    found = [line for line in document.lines if line.role == "clearing" and line.amount]
    if len(found) != 1:
        raise NeedsMapping(
            f"{document.mark} takes its fees from {len(found)} clearing accounts, and a bill is paid from one: post "
            "fees as lines, or map the tenders to one account."
        )
    return found[0]


def _bill(document: Document, books: Books, fees: Sequence[Line], part: str) -> Entry:
    payload = {
        **head(document, books, part, numbered=True),
        "DueDate": document.date.isoformat(),
        "VendorRef": vendor(document, books),
        **expense_form(fees, document, books),
    }
    return Entry(kind="Bill", payload=payload, part=part)


def _bill_payment(document: Document, books: Books, account: Account, amount: int, part: str) -> Entry:
    is_card = account.kind == _CREDIT_CARD
    if account.type != "bank" and not is_card:
        raise NeedsMapping(
            f"{document.mark}: QuickBooks pays a bill from a bank account or a credit card only, and {account.name!r} "
            f"is of type {account.kind}: post fees as lines, or keep clearing as a bank account."
        )
    how = "CreditCardPayment" if is_card else "CheckPayment"
    bill = {"TxnType": "Bill", "Mark": part_mark(document.mark, part)}
    payload = {
        **head(document, books, PAID, numbered=True),
        "VendorRef": vendor(document, books),
        "PayType": "CreditCard" if is_card else "Check",
        how: {"CCAccountRef" if is_card else "BankAccountRef": ref(account)},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [bill]}],
    }
    return Entry(kind="BillPayment", payload=payload, part=PAID)
