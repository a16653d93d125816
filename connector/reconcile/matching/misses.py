"""Rung 11: what nearly explains a line, and why it does not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import Board
from connector.reconcile.matching.values import Evidence

SHOWN = 3


def nearest_misses(board: Board) -> Mapping[int, Sequence[Evidence]]:
    """For each open line what it names, or up to SHOWN open entries of its channel with the nearest amounts."""
    amounts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entry in board.open_entries:
        of = board.entries[entry]
        net = of.amount - of.fee
        amounts.setdefault((of.currency, of.channel), []).append((net, entry))
        if of.channel:
            amounts.setdefault((of.currency, ""), []).append((net, entry))
    for near in amounts.values():
        near.sort()
    return {line: _misses(board, line, amounts) for line in sorted(board.open_lines)}


def _misses(board: Board, line: int, amounts: Mapping[tuple[str, str], Sequence[tuple[int, int]]]) -> list[Evidence]:
    of = board.lines[line]
    if line in board.named:
        return [_named(board, line)]
    near = amounts.get((of.currency, board.channels[line]), ())
    place = bisect_left(near, (of.amount, -1))
    around = sorted(near[max(0, place - SHOWN) : place + SHOWN], key=lambda each: (abs(each[0] - of.amount), each[1]))
    return [_near(board, line, *each) for each in around[:SHOWN]]


def _named(board: Board, line: int) -> Evidence:
    of, entries = board.lines[line], board.named[line]
    if not entries:
        return Evidence(fact="named", value="", detail="the entries that it names are with another line")
    first = board.entries[entries[0]]
    due = sum(board.entries[entry].amount - board.entries[entry].fee for entry in entries)
    if first.currency != of.currency:
        reason = f"it is {decimal_text(due, first.currency)} {first.currency}, outside the band of the rate"
    else:
        reason = f"its entries sum to {_money(due, of.currency)}, which is {_money(of.amount - due, of.currency)} off"
    return Evidence(fact="named", value=first.batch or first.reference or first.entry_id, detail=reason)


def _near(board: Board, line: int, amount: int, entry: int) -> Evidence:
    of, found = board.lines[line], board.entries[entry]
    lag, window = board.lag(line, entry), board.window(found.channel)
    if amount != of.amount:
        reason = f"its amount is {_money(amount, of.currency)}, {_money(of.amount - amount, of.currency)} off"
    elif not window[0] <= lag <= window[1]:
        reason = f"it is {lag} days before the line, outside {window[0]} to {window[1]}"
    else:
        reason = "another line or entry fits as well"
    return Evidence(fact="near", value=found.entry_id, detail=reason)


def _money(minor: int, currency: str) -> str:
    return f"{decimal_text(minor, currency)} {currency}"
