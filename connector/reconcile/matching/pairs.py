"""Rungs 2, 3 and 7: one line and one entry of the same amount, where only one way to pair them is possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import LISTED, Board
from connector.reconcile.matching.tokens import names
from connector.reconcile.matching.values import Confidence, Evidence

UNDER_RULE, EXACT, FEE_NETTED = 2, 3, 7
Edges = Mapping[int, Sequence[int]]


def match_pairs(board: Board) -> None:
    """First those that share a name, then all; ties are listed and matched by nobody."""
    edges = {line: near for line in sorted(board.open_lines) if (near := _candidates(board, line))}
    named = {line: _sharing(board, line, near) for line, near in edges.items()}
    for line, entry in forced({line: near for line, near in named.items() if near}):
        _propose(board, line, entry, is_named=True)
    for line, entry in forced(_still(board, edges)):
        _propose(board, line, entry, is_named=False)
    for line, near in _still(board, edges).items():
        for entry in near[:LISTED]:
            _propose(board, line, entry, is_named=False, rivals=len(near))


def forced(edges: Edges) -> list[tuple[int, int]]:
    """The pairs of every connected part that can be paired off completely in one way only."""
    made: list[tuple[int, int]] = []
    for lines, entries in _parts(edges):
        if len(lines) == len(entries):
            made += _peeled({line: set(edges[line]) for line in lines})
    return sorted(made)


def _parts(edges: Edges) -> Iterable[tuple[set[int], set[int]]]:
    """Lines and entries that hang together."""
    back: dict[int, list[int]] = {}
    for line, near in edges.items():
        for entry in near:
            back.setdefault(entry, []).append(line)
    seen: set[int] = set()
    for line in edges:
        if line in seen:
            continue
        lines, entries, stack = {line}, set[int](), [line]
        while stack:
            for entry in edges[stack.pop()]:
                if entry not in entries:
                    entries.add(entry)
                    stack += [each for each in back[entry] if each not in lines]
                    lines.update(back[entry])
        seen |= lines
        yield lines, entries


def _peeled(near: dict[int, set[int]]) -> list[tuple[int, int]]:
    """Takes a line or entry that has one partner left, again and again; nothing unless that empties the part."""
    made: list[tuple[int, int]] = []
    while near:
        pair = _only_one(near)
        if pair is None:
            return []
        made.append(pair)
        del near[pair[0]]
        for entries in near.values():
            entries.discard(pair[1])
    return made


def _only_one(near: Mapping[int, set[int]]) -> tuple[int, int] | None:
    back: dict[int, list[int]] = {}
    for line, entries in near.items():
        if len(entries) == 1:
            return line, next(iter(entries))
        for entry in entries:
            back.setdefault(entry, []).append(line)
    return next(((lines[0], entry) for entry, lines in back.items() if len(lines) == 1), None)


def _candidates(board: Board, line: int) -> Sequence[int]:
    """Open entries of the line's amount, gross or net of the fee, in the line's channel and its window."""
    channel = board.channels[line]
    if line in board.named or board.grains.get(channel, "one") != "one":
        return ()
    found = board.same_amount(line)
    return [entry for entry in found if entry in board.open_entries and _fits(board, line, entry)]


def _fits(board: Board, line: int, entry: int) -> bool:
    given = board.entries[entry].channel
    if board.grains[given] != "one" or board.channels[line] not in ("", given):
        return False
    earliest, latest = board.window(given)
    return earliest <= board.lag(line, entry) <= latest


def _sharing(board: Board, line: int, near: Sequence[int]) -> Sequence[int]:
    own = names(board.lines[line].text)
    return [entry for entry in near if own & (names(board.entries[entry].text) - names(board.entries[entry].channel))]


def _still(board: Board, edges: Edges) -> dict[int, Sequence[int]]:
    left = {line: [entry for entry in near if entry in board.open_entries] for line, near in edges.items()}
    return {line: near for line, near in left.items() if near and line in board.open_lines}


def _propose(board: Board, line: int, entry: int, *, is_named: bool, rivals: int = 1) -> None:
    of, channel = board.entries[entry], board.entries[entry].channel
    is_ruled = board.rules.of_channel(channel).is_approved and board.channels[line] == channel
    window = board.window(channel)
    evidence = [Evidence(fact="amount", value="exact")]
    is_netted = of.amount != board.lines[line].amount
    if is_netted:
        fee = f"{decimal_text(of.fee, of.currency)} {of.currency}"
        evidence = [Evidence(fact="fee", value=fee, detail=of.fee_model)]
    if board.channels[line] == channel and channel:
        evidence.insert(0, Evidence(fact="channel", value=channel, detail="rule" if is_ruled else "in the bank text"))
    if is_named:
        shared = sorted(names(board.lines[line].text) & names(of.text))
        evidence.append(Evidence(fact="name", value=" ".join(shared), detail="on both sides"))
    evidence.append(
        Evidence(fact="lag_days", value=str(board.lag(line, entry)), detail=f"window {window[0]}..{window[1]}")
    )
    unique = Evidence(fact="unique", value="both") if rivals == 1 else Evidence(fact="rivals", value=str(rivals))
    rung = FEE_NETTED if is_netted else UNDER_RULE if is_ruled else EXACT
    sure: Confidence = "certain" if rung == UNDER_RULE else "likely"
    board.propose([line], [entry], rung, sure if rivals == 1 else "possible", [*evidence, unique])
