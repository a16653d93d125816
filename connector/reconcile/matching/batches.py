"""Rung 4 without an id in the bank text: the source says which entries a payout holds, and their sum is the line's."""

from __future__ import annotations

from collections.abc import Sequence

from connector.reconcile.matching.board import Board
from connector.reconcile.matching.pairs import forced
from connector.reconcile.matching.values import Evidence

BY_BATCH = 4


def match_batches(board: Board) -> None:
    """A batch of two entries or more against one line in its channel and window, where only one way to pair them is
    possible: certain under an approved rule of the channel, else likely."""
    batches = _batches(board)
    by_amount: dict[tuple[str, int], list[int]] = {}
    for number, entries in enumerate(batches):
        by_amount.setdefault((board.entries[entries[0]].currency, _net(board, entries)), []).append(number)
    edges: dict[int, Sequence[int]] = {}
    for line in sorted(board.open_lines.difference(board.named)):
        of = board.lines[line]
        near = [each for each in by_amount.get((of.currency, of.amount), ()) if _fits(board, line, batches[each])]
        if near:
            edges[line] = near
    for line, number in forced(edges):
        _propose(board, line, batches[number])


def _batches(board: Board) -> list[list[int]]:
    """Open entries by channel, currency and batch, in the order of their date."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for place in board.open_entries:
        entry = board.entries[place]
        if entry.batch:
            found.setdefault((entry.channel, entry.currency, entry.batch), []).append(place)
    for entries in found.values():
        entries.sort(key=lambda each: (board.entries[each].day, each))
    return [found[name] for name in sorted(found) if len(found[name]) > 1]


def _net(board: Board, entries: Sequence[int]) -> int:
    return sum(board.entries[entry].amount - board.entries[entry].fee for entry in entries)


def _fits(board: Board, line: int, entries: Sequence[int]) -> bool:
    channel = board.entries[entries[-1]].channel
    earliest, latest = board.window(channel)
    return board.channels[line] in ("", channel) and earliest <= board.lag(line, entries[-1]) <= latest


def _propose(board: Board, line: int, entries: Sequence[int]) -> None:
    last = board.entries[entries[-1]]
    is_known = bool(last.channel) and board.channels[line] == last.channel
    is_ruled = is_known and board.rules.of_channel(last.channel).is_approved
    window = board.window(last.channel)
    evidence = [Evidence(fact="channel", value=last.channel)] if is_known else []
    evidence += [
        Evidence(fact="known_batch", value=last.batch, detail=f"{len(entries)} entries"),
        Evidence(fact="amount", value="exact"),
        Evidence(fact="lag_days", value=str(board.lag(line, entries[-1])), detail=f"window {window[0]}..{window[1]}"),
        Evidence(fact="unique", value="both"),
    ]
    board.propose([line], entries, BY_BATCH, "certain" if is_ruled else "likely", evidence)
