"""Takings as receipts, one for each tender's account: a receipt has one account that it is paid into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.domain.books import Books
from connector.domain.document import Document, Line
from connector.domain.money import share_half_even
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.chart import head, ref
from connector.targets.quickbooks.translate.forms import sales_form
from connector.targets.quickbooks.translate.names import customer
from connector.targets.quickbooks.translate.tenders import Paid, Takings, signs, takings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    part: str
    paid: Paid | None
    lines: Sequence[Line]


def receipted(document: Document, books: Books) -> tuple[Entry, ...]:
    """Sales receipts, or refund receipts where refunds outweigh; together they hold every line of the document."""
    found = takings(document, books)
    parted = _parted(found, document) if found.paid else [_Receipt(part="", paid=None, lines=found.on_form)]
    return tuple(_entry(receipt, found.side, document, books) for receipt in parted)


def _entry(receipt: _Receipt, side: int, document: Document, books: Books) -> Entry:
    payload = {
        **head(document, books, receipt.part, numbered=True),
        "CustomerRef": customer(document, books),
        **({"DepositToAccountRef": ref(receipt.paid.account)} if receipt.paid else {}),
        **sales_form(receipt.lines, -side, document, books),
    }
    return Entry(kind="SalesReceipt" if side > 0 else "RefundReceipt", payload=payload, part=receipt.part)


def _parted(found: Takings, document: Document) -> list[_Receipt]:
    """The lines in their order fill one tender after another, so that at most one line is cut at each seam.

    What lessens the total (a discount, a gift card) stands whole on the receipt of the largest tender."""
    largest = max(found.paid, key=lambda paid: paid.amount)
    less = [line for line in found.on_form if line.amount * found.side > 0]
    rest = [line for line in found.on_form if line.amount * found.side < 0]
    parted: list[_Receipt] = []
    for sign, paid in zip(signs(found.paid, document), found.paid, strict=True):
        beside = less if paid is largest else []
        room = paid.amount + sum(abs(line.amount) for line in beside)
        taken, rest = _filled(room, rest)
        parted.append(_Receipt(part=f"R{sign}" if parted else "", paid=paid, lines=taken + beside))
    return parted


def _filled(room: int, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The first lines up to an amount, and what is left; the line at the seam is cut, its tax in proportion."""
    taken: list[Line] = []
    for place, line in enumerate(lines):
        if abs(line.amount) > room:
            first, second = _cut(line, room)
            return ([*taken, first] if room else taken), [second, *lines[place + 1 :]]
        taken.append(line)
        room -= abs(line.amount)
    return taken, []


def _cut(line: Line, room: int) -> tuple[Line, Line]:
    amount = room if line.amount > 0 else -room
    tax = share_half_even(line.tax, room, abs(line.amount))
    first = replace(line, amount=amount, tax=tax, shares=())
    return first, replace(line, amount=line.amount - amount, tax=line.tax - tax, shares=())
