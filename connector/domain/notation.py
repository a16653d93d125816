"""A document as a bookkeeper would write it. The one file that writes this notation."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.document import Document, Held, Line
from connector.domain.money import decimal_text, grouped_text
from connector.domain.wording import many

_WIDTH = 14


def written(document: Document) -> str:
    """The document in notation: a heading, debits, then credits, amounts aligned to the right.

    A line that nets to zero is left out; what it is made of can be seen with `connector explain`."""
    told = [line for line in document.lines if line.amount] or document.lines
    lines = sorted(told, key=lambda line: line.amount < 0)
    width = max(len(_account(line)) for line in lines)
    rows = [_row(line, width, document.currency) for line in lines]
    heading = f"{document.date.isoformat()}  {document.narration}  [{document.mark}]  {document.currency}"
    return "\n".join([heading, *rows]) + "\n"


def written_held(held: Held) -> str:
    """A held period in one or two lines: what waits, how much of it, and why."""
    off = f"  difference {decimal_text(held.difference, held.currency)} {held.currency}" if held.difference else ""
    return f"HELD  {held.key}  {many(held.movements, 'movement')}  [{held.code}]{off}\n      {held.reason}\n"


def journal(documents: Iterable[Document]) -> str:
    """Documents in notation, one after the other, with a blank line between."""
    return "\n".join(written(document) for document in documents)


def _row(line: Line, width: int, currency: str) -> str:
    side = "Cr" if line.amount < 0 else "Dr"
    amount = grouped_text(abs(line.amount), currency).rjust(_WIDTH)
    tax = f"   {line.tax_code}" if line.tax_code else ""
    contained = f" {grouped_text(abs(line.tax), currency)}" if line.tax else ""
    return f"  {side}  {_account(line).ljust(width)}{amount}{tax}{contained}".rstrip()


def _account(line: Line) -> str:
    tracking = ", ".join(option for _, option in line.tracking)
    return f"{line.account} ({tracking})" if tracking else line.account
