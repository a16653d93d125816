"""Rung 6 by name: an entry paid in parts, or several entries paid at once, where one name stands on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.reconcile.matching.board import Board
from connector.reconcile.matching.sums import ways
from connector.reconcile.matching.tokens import names
from connector.reconcile.matching.values import Evidence

SHARED = 6
CANDIDATES = 8
Found = tuple[tuple[int, ...], tuple[int, ...], str]


def match_parts(board: Board) -> None:
    """Likely where the name's lines and entries add up in one way only and nothing else claims any of them."""
    lines, entries = _by_name(board)
    found = [each for name in sorted(lines.keys() & entries.keys()) for each in _sums(board, name, lines, entries)]
    claims: dict[tuple[str, int], int] = {}
    for some, others, _ in found:
        for each in (*(("line", line) for line in some), *(("entry", entry) for entry in others)):
            claims[each] = claims.get(each, 0) + 1
    for some, others, name in found:
        is_only = all(claims["line", line] == 1 for line in some) and all(claims["entry", each] == 1 for each in others)
        evidence = [
            Evidence(fact="name", value=name, detail="on both sides"),
            Evidence(fact="amount", value="exact", detail=f"{len(some)} to {len(others)}"),
            Evidence(fact="unique", value="both") if is_only else Evidence(fact="rivals", value="2 or more"),
        ]
        board.propose(some, others, SHARED, "likely" if is_only else "possible", evidence)


def _by_name(board: Board) -> tuple[Mapping[str, Sequence[int]], Mapping[str, Sequence[int]]]:
    """Open lines and entries by the names on them, where an entry of the channel is one item."""
    entries: dict[str, list[int]] = {}
    for place in sorted(board.open_entries):
        entry = board.entries[place]
        if entry.text and board.grains[entry.channel] == "one":
            for name in names(entry.text) - names(entry.channel):
                entries.setdefault(name, []).append(place)
    lines: dict[str, list[int]] = {}
    for place in sorted(board.open_lines.difference(board.named)):
        for name in names(board.lines[place].text):
            if name in entries:
                lines.setdefault(name, []).append(place)
    return lines, entries


def _sums(
    board: Board, name: str, lines: Mapping[str, Sequence[int]], entries: Mapping[str, Sequence[int]]
) -> Iterator[Found]:
    for entry in entries[name]:
        near = [line for line in lines[name] if _fits(board, line, entry)]
        ways = _ways([(board.lines[line].amount, line) for line in near], board.entries[entry].amount)
        yield from ((way, (entry,), name) for way in ways)
    for line in lines[name]:
        due = [entry for entry in entries[name] if _fits(board, line, entry)]
        ways = _ways([(board.entries[entry].amount, entry) for entry in due], board.lines[line].amount)
        yield from (((line,), way, name) for way in ways)


def _fits(board: Board, line: int, entry: int) -> bool:
    of = board.entries[entry]
    if board.lines[line].currency != of.currency or board.channels[line] not in ("", of.channel):
        return False
    earliest, latest = board.window(of.channel)
    return earliest <= board.lag(line, entry) <= latest


def _ways(parts: Sequence[tuple[int, int]], total: int) -> list[tuple[int, ...]]:
    """The ways in which two to four parts make the total; none are looked for among too many."""
    if len(parts) > CANDIDATES:
        return []
    return list(ways(parts, total))
