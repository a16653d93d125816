"""Amounts in tables: signs and marks are decided by whole columns, since one cell alone may say either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.reconcile.statements.amounts import read_amount
from connector.reconcile.statements.profiles import Columns
from connector.reconcile.statements.reading import Reading, cleaned

_OUT = {
    "d",
    "dr",
    "debit",
    "debet",
    "af",
    "soll",
    "s",
    "out",
    "withdrawal",
    "money out",
    "-",
    "payment",
    "dbit",
    "sale",
}
_IN = {"c", "cr", "credit", "bij", "haben", "h", "in", "deposit", "money in", "+", "crdt", "topup", "return", "refund"}
_ONE_GROUP = re.compile(r"[^\d.,]*\d{1,3}([.,])\d{3}[^\d.,]*\Z")
_MARKED = re.compile(r"([.,])\d+[^\d.,]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the columns as a whole say: the decimal mark, and how money out is shown."""

    decimals: str
    is_by_direction: bool
    is_inverse: bool
    debit_is_negative: bool
    credit_is_negative: bool
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAmount:
    """The minor units of a row, money in positive; None with the reason where they cannot be read."""

    minor: int | None
    code: str = "amount"
    doubt: str = ""


def signs_of(rows: Sequence[Sequence[str]], columns: Columns, reading: Reading) -> Signs:
    """Reads the columns as a whole."""
    cells = {role: [columns.cell(row, role) for row in rows] for role in ("amount", "debit", "credit", "balance")}
    decimals, doubts = reading.decimals, []
    if not decimals:
        decimals, is_doubtful = _mark(text for role in cells.values() for text in role)
        if is_doubtful:
            doubts.append(
                "Amounts such as 1,234 or 1.234 are read as thousands; if they are decimals, say so with --decimals."
            )
    amounts = [text for text in cells["amount"] if re.search(r"[1-9]", text)]
    is_signed = any(_is_negative(text) for text in amounts)
    directions = [columns.cell(row, "direction").casefold() for row in rows]
    is_by_direction = not is_signed and any(each in _OUT | _IN for each in directions)
    if len(amounts) > 1 and not is_signed and not is_by_direction and not columns.is_inverse:
        doubts.append("No amount is negative; if this is a card whose purchases are positive, say --profile card.")
    return Signs(
        decimals=decimals,
        is_by_direction=is_by_direction,
        is_inverse=columns.is_inverse,
        debit_is_negative=_all_negative(cells["debit"]),
        credit_is_negative=_all_negative(cells["credit"]),
        doubts=tuple(doubts),
    )


def cell_amount(row: Sequence[str], columns: Columns, currency: str, signs: Signs) -> CellAmount:
    """The amount of one row, out of its one column or its two."""
    try:
        minor, is_rounded = _two(row, columns, currency, signs) or _one(row, columns, currency, signs)
    except ValueError as error:
        return CellAmount(minor=None, doubt=f"{cleaned(str(error), 120)}.")
    doubt = f"The row has more decimals than {currency or 'the currency'}; rounded." if is_rounded else ""
    return CellAmount(minor=minor, code="decimals", doubt=doubt)


def _two(row: Sequence[str], columns: Columns, currency: str, signs: Signs) -> tuple[int, bool] | None:
    """Debit and credit; None where neither holds a number and there may be an amount instead."""
    debit, credit = columns.cell(row, "debit"), columns.cell(row, "credit")
    if not re.search(r"\d", debit + credit):
        return None
    out, came = (
        read_amount(text, currency, signs.decimals) if re.search(r"\d", text) else None for text in (debit, credit)
    )
    if out and came and out.minor and came.minor:
        raise ValueError(f"{debit!r} and {credit!r} stand on both sides")
    minor = 0
    if came:
        minor += -came.minor if signs.credit_is_negative else came.minor
    if out:
        minor += out.minor if signs.debit_is_negative else -out.minor
    return minor, bool((out and out.is_rounded) or (came and came.is_rounded))


def _one(row: Sequence[str], columns: Columns, currency: str, signs: Signs) -> tuple[int, bool]:
    amount = read_amount(columns.cell(row, "amount"), currency, signs.decimals)
    sign = -1 if signs.is_inverse else 1
    if signs.is_by_direction:
        direction = columns.cell(row, "direction")
        if direction.casefold() not in _OUT | _IN:
            raise ValueError(f"{direction!r} does not tell money in from money out")
        sign = -1 if direction.casefold() in _OUT else 1
    return sign * amount.minor, amount.is_rounded


def _mark(texts: Iterable[str]) -> tuple[str, bool]:
    """The decimal mark of a table: the last of two marks, or the one before other than three digits. A table in which
    only groups of three stand behind its mark counts thousands, which is a doubt."""
    seen: set[str] = set()
    for text in texts:
        found = _MARKED.search(text)
        if not found:
            continue
        if not _ONE_GROUP.match(text) and (text.count(found[1]) == 1):
            return found[1], False
        seen.add(found[1])
    groups = next(iter(sorted(seen)), "")
    return {",": ".", ".": ","}.get(groups, "."), bool(seen)


def _is_negative(text: str) -> bool:
    return bool(re.search(r"[-−–]|\(.*\)|\bDR?\b\.?$", text, re.IGNORECASE))


def _all_negative(cells: Sequence[str]) -> bool:
    """A column whose every number is negative carries its sign already."""
    numbers = [text for text in cells if re.search(r"[1-9]", text)]
    return bool(numbers) and all(_is_negative(text) for text in numbers)
