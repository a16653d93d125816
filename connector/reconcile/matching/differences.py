"""Rung 10: a small difference is written off, under a rule of the owner's that names account and tax code."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import Board
from connector.reconcile.matching.rules import WriteOff
from connector.reconcile.matching.values import Evidence

WRITTEN_OFF = 10


def match_differences(board: Board) -> None:
    """Certain where the line names the entries; likely where one entry alone is near enough, and only to this line."""
    for rule in board.rules.write_offs:
        for line in sorted(board.open_lines.intersection(board.named)):
            entries = [entry for entry in board.named[line] if entry in board.open_entries]
            if entries and _is_small(board, rule, line, entries):
                _propose(board, rule, line, entries, is_named=True)
        _nearest(board, rule)


def _nearest(board: Board, rule: WriteOff) -> None:
    near: dict[int, list[int]] = {}
    back: dict[int, list[int]] = {}
    entries = [entry for entry in sorted(board.open_entries) if board.entries[entry].currency == rule.currency]
    for line in sorted(board.open_lines.difference(board.named)):
        for entry in entries:
            if _fits(board, line, entry) and _is_small(board, rule, line, [entry]):
                near.setdefault(line, []).append(entry)
                back.setdefault(entry, []).append(line)
    for line, found in near.items():
        if len(found) == 1 and len(back[found[0]]) == 1:
            _propose(board, rule, line, found, is_named=False)


def _fits(board: Board, line: int, entry: int) -> bool:
    channel = board.entries[entry].channel
    if not channel or board.channels[line] != channel or board.grains[channel] != "one":
        return False
    earliest, latest = board.window(channel)
    return earliest <= board.lag(line, entry) <= latest


def _net(board: Board, entries: Sequence[int]) -> int:
    return sum(board.entries[entry].amount - board.entries[entry].fee for entry in entries)


def _is_small(board: Board, rule: WriteOff, line: int, entries: Sequence[int]) -> bool:
    of = board.lines[line]
    if {of.currency, *(board.entries[entry].currency for entry in entries)} != {rule.currency}:
        return False
    if rule.channel and {board.entries[entry].channel for entry in entries} != {rule.channel}:
        return False
    due = _net(board, entries)
    return rule.allows(of.amount - due, due)


def _propose(board: Board, rule: WriteOff, line: int, entries: Sequence[int], *, is_named: bool) -> None:
    residual = board.lines[line].amount - _net(board, entries)
    first = board.entries[entries[0]]
    fact = "id" if is_named else "channel"
    where = first.batch or first.reference or first.entry_id if is_named else first.channel
    evidence = [
        Evidence(fact=fact, value=where, detail="in the bank text"),
        Evidence(
            fact="written_off",
            value=f"{decimal_text(residual, rule.currency)} {rule.currency}",
            detail=f"to {rule.account}, tax {rule.tax_code}",
        ),
        Evidence(fact="lag_days", value=str(board.lag(line, entries[-1]))),
    ]
    taken_by = (residual, rule.account, rule.tax_code)
    board.propose([line], entries, WRITTEN_OFF, "certain" if is_named else "likely", evidence, taken_by)
