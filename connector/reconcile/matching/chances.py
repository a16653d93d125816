"""Rung 9: sums that fit by arithmetic alone; shown with how many of them there are, never applied."""

from __future__ import annotations

from connector.reconcile.matching.board import LISTED, Board
from connector.reconcile.matching.sums import ways
from connector.reconcile.matching.values import Evidence

BY_CHANCE = 9
CANDIDATES = 20


def show_sums(board: Board) -> None:
    """Sets of two to four open entries of the channel and window that sum to a line, where at most CANDIDATES are
    open. Of true deposits of three tickets every fifth also fits another set, so this is no evidence."""
    near: dict[str, list[int]] = {}
    for entry in sorted(board.open_entries):
        near.setdefault(board.entries[entry].channel, []).append(entry)
    for line in sorted(board.open_lines.difference(board.named)):
        channel = board.channels[line]
        earliest, latest = board.window(channel)
        found = [
            entry
            for entry in near.get(channel, ())
            if board.entries[entry].currency == board.lines[line].currency
            and earliest <= board.lag(line, entry) <= latest
        ]
        if len(found) <= CANDIDATES:
            _show(board, line, found)


def _show(board: Board, line: int, entries: list[int]) -> None:
    amounts = [(board.entries[entry].amount - board.entries[entry].fee, entry) for entry in entries]
    found = list(ways(amounts, board.lines[line].amount))
    evidence = [
        Evidence(fact="amount", value="exact", detail="by arithmetic alone"),
        Evidence(fact="explanations", value=str(len(found)), detail=f"among {len(entries)} open entries"),
    ]
    for way in found[:LISTED]:
        board.propose([line], way, BY_CHANCE, "possible", evidence)
