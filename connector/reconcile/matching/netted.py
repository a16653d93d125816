"""Rung 7 for channels whose fee nobody tells: takings less a fee that a model says, within its band."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import LISTED, Board
from connector.reconcile.matching.pairs import FEE_NETTED, forced
from connector.reconcile.matching.values import Evidence


def match_netted(board: Board) -> None:
    """Likely where the line's channel has one entry within the band and the entry one line; else all are listed.

    The fee is what the line lacks: the model only says that it may be so."""
    modelled = [entry for entry in sorted(board.open_entries) if board.entries[entry].band]
    edges = {line: near for line in sorted(board.open_lines) if modelled and (near := _near(board, line, modelled))}
    for line, entry in forced(edges):
        _propose(board, line, entry, rivals=1)
    for line, entries in edges.items():
        still = [entry for entry in entries if entry in board.open_entries]
        for entry in still[:LISTED] if line in board.open_lines else ():
            _propose(board, line, entry, rivals=max(len(still), 2))


def _near(board: Board, line: int, entries: Sequence[int]) -> list[int]:
    return [] if line in board.named else [entry for entry in entries if _fits(board, line, entry)]


def _fits(board: Board, line: int, entry: int) -> bool:
    of, due = board.lines[line], board.entries[entry]
    if of.currency != due.currency or board.channels[line] != due.channel:
        return False
    earliest, latest = board.window(due.channel)
    off = of.amount - (due.amount - due.fee)
    return earliest <= board.lag(line, entry) <= latest and abs(off) <= due.band


def _propose(board: Board, line: int, entry: int, *, rivals: int) -> None:
    of, due = board.lines[line], board.entries[entry]
    fee, modelled = (f"{decimal_text(each, due.currency)} {due.currency}" for each in (due.amount - of.amount, due.fee))
    band = f"{decimal_text(due.band, due.currency)} {due.currency}"
    evidence = [
        Evidence(fact="channel", value=due.channel, detail="in the bank text"),
        Evidence(fact="fee", value=fee, detail=due.fee_model),
        Evidence(fact="within_band", value=modelled, detail=f"within {band}"),
        Evidence(fact="lag_days", value=str(board.lag(line, entry))),
        Evidence(fact="unique", value="both") if rivals == 1 else Evidence(fact="rivals", value=str(rivals)),
    ]
    board.propose([line], [entry], FEE_NETTED, "likely" if rivals == 1 else "possible", evidence)
