"""Rungs 1, 4 and 6: an id of ours, of a payout or of an invoice stands on the bank line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import Board
from connector.reconcile.matching.tokens import ids, is_fair, is_strong, key
from connector.reconcile.matching.values import Evidence

BY_ID, BY_BATCH, SHARED = 1, 4, 6


def match_references(board: Board) -> None:
    """Entries whose id, reference or batch a line names, where the sums agree to the minor unit: certain.

    Where they do not, the line is kept with what it names, and no other rung may give it something else by chance."""
    said = {place: sorted(ids(f"{line.text} {line.reference}")) for place, line in enumerate(board.lines)}
    groups = _groups(board, frozenset(name for names in said.values() for name in names))
    for name, lines in _claims(board, said, groups).items():
        entries = [entry for entry in groups[name] if entry in board.open_entries]
        still = [line for line in lines if line in board.open_lines]
        if entries and still:
            _settle(board, name, still, entries)


def _groups(board: Board, wanted: frozenset[str]) -> dict[str, list[int]]:
    """Entries by every id they carry that some line names, in the order of their date."""
    groups: dict[str, list[int]] = {}
    for place in board.open_entries:
        entry = board.entries[place]
        for name in {key(each) for each in (entry.entry_id, entry.reference, entry.batch) if each}:
            if name in wanted:
                groups.setdefault(name, []).append(place)
    for entries in groups.values():
        entries.sort(key=lambda each: (board.entries[each].day, each))
    return groups


def _claims(board: Board, said: Mapping[int, Sequence[str]], groups: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Lines by the id that they name; a line that names several takes the one whose sum is its own, if one has."""
    claims: dict[str, list[int]] = {}
    for place in sorted(board.open_lines, key=lambda each: (board.lines[each].day, each)):
        named = list(_named(board, place, said[place], groups))
        equal = [name for name in named if board.lines[place].amount in _sums(board, groups[name])]
        for name in equal[:1] or named:
            claims.setdefault(name, []).append(place)
    return claims


def _named(board: Board, place: int, said: Sequence[str], groups: Mapping[str, list[int]]) -> Iterator[str]:
    for name in said:
        if name not in groups:
            continue
        channels = {board.entries[entry].channel for entry in groups[name]}
        if is_strong(name) or (is_fair(name) and board.channels[place] in channels):
            yield name


def _sums(board: Board, entries: Sequence[int]) -> tuple[int, int]:
    """Gross, and net of the fees."""
    gross = sum(board.entries[entry].amount for entry in entries)
    return gross, gross - sum(board.entries[entry].fee for entry in entries)


def _settle(board: Board, name: str, lines: Sequence[int], entries: Sequence[int]) -> None:
    if len({(board.lines[line].currency) for line in lines} | {board.entries[each].currency for each in entries}) == 1:
        total = sum(board.lines[line].amount for line in lines)
        if total in _sums(board, entries) and not _attempts(board, lines, entries):
            _propose(board, name, lines, entries)
            return
        lines, entries = _one_by_one(board, name, lines, entries)
        for line in lines:
            if entries and board.lines[line].amount in _sums(board, entries):
                rivals = [each for each in lines if board.lines[each].amount == board.lines[line].amount]
                if len(rivals) == 1:
                    _propose(board, name, [line], entries)
                    lines, entries = [each for each in lines if each != line], []
    for line in lines:
        board.named[line] = tuple(entries)


def _attempts(board: Board, lines: Sequence[int], entries: Sequence[int]) -> bool:
    """Whether several lines stand against as many entries of the same amounts: each attempt is an item of its own."""
    amounts = sorted(board.lines[line].amount for line in lines), sorted(board.entries[e].amount for e in entries)
    return len(lines) > 1 and amounts[0] == amounts[1]


def _one_by_one(
    board: Board, name: str, lines: Sequence[int], entries: Sequence[int]
) -> tuple[Sequence[int], Sequence[int]]:
    """Lines and entries of one id and the same amount in the order of time, where there are as many of both."""
    for amount in {board.lines[line].amount for line in lines}:
        paid = [line for line in lines if board.lines[line].amount == amount]
        due = [entry for entry in entries if board.entries[entry].amount == amount]
        if len(paid) == len(due) and len(entries) > 1:
            for line, entry in zip(paid, due, strict=True):
                _propose(board, name, [line], [entry])
            lines = [line for line in lines if line not in paid]
            entries = [entry for entry in entries if entry not in due]
    return lines, entries


def _propose(board: Board, name: str, lines: Sequence[int], entries: Sequence[int]) -> None:
    rung, fact = _kind(board, name, lines, entries)
    lag = max(board.lag(line, entries[-1]) for line in lines)
    gross, net = _sums(board, entries)
    total = sum(board.lines[line].amount for line in lines)
    evidence = [Evidence(fact=fact, value=name, detail="in the bank text")]
    evidence.append(Evidence(fact="amount", value="exact", detail=f"{len(lines)} to {len(entries)}"))
    if total == net != gross:
        currency = board.entries[entries[0]].currency
        fee = f"{decimal_text(gross - net, currency)} {currency}"
        evidence.append(Evidence(fact="fee", value=fee, detail=board.entries[entries[0]].fee_model))
    evidence.append(Evidence(fact="lag_days", value=str(lag)))
    board.propose(lines, entries, rung, "certain", evidence)


def _kind(board: Board, name: str, lines: Sequence[int], entries: Sequence[int]) -> tuple[int, str]:
    if all(key(board.entries[entry].batch) == name for entry in entries) and len(entries) > 1:
        return BY_BATCH, "batch"
    if len(lines) == len(entries) == 1:
        return BY_ID, "id"
    return SHARED, "reference"
