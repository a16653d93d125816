"""A running balance beside the lines: it tells the opening and the closing, whichever way the table is sorted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from connector.reconcile.statements.amounts import read_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Opening and closing as the running balance shows them; None where there is none or it does not follow."""

    opening: int | None = None
    closing: int | None = None
    doubt: str = ""


def running_balance(rows: Sequence[tuple[str, int | None]], currency: str, decimals: str) -> Running:
    """(balance as written, amount) of each row → the ends, if every balance is the one before it and its amount."""
    balances = [_balance(written, currency, decimals) for written, _ in rows]
    amounts = [amount for _, amount in rows]
    told = [(balance, amount) for balance, amount in zip(balances, amounts, strict=True) if balance is not None]
    if not told:
        return Running()
    if len(told) != len(rows) or any(amount is None for amount in amounts):
        return Running(doubt="The running balance has gaps; opening and closing are left out.")
    for chain in (told, told[::-1]):
        if _follows(chain):
            return Running(opening=chain[0][0] - (chain[0][1] or 0), closing=chain[-1][0])
    return Running(doubt="The running balance does not follow the amounts; opening and closing are left out.")


def _follows(chain: Sequence[tuple[int, int | None]]) -> bool:
    return all(before + (amount or 0) == balance for (before, _), (balance, amount) in pairwise(chain))


def _balance(written: str, currency: str, decimals: str) -> int | None:
    if not re.search(r"\d", written):
        return None
    try:
        return read_amount(written, currency, decimals).minor
    except ValueError:
        return None
