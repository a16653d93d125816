"""The door: bank lines and ledger entries → matches, rung by rung, the surest evidence first."""

from __future__ import annotations

from collections.abc import Sequence

from connector.reconcile.matching.batches import match_batches
from connector.reconcile.matching.board import laid_out
from connector.reconcile.matching.chances import show_sums
from connector.reconcile.matching.coding import code_lines
from connector.reconcile.matching.differences import match_differences
from connector.reconcile.matching.exchange import match_exchange
from connector.reconcile.matching.misses import nearest_misses
from connector.reconcile.matching.netted import match_netted
from connector.reconcile.matching.pairs import match_pairs
from connector.reconcile.matching.parts import match_parts
from connector.reconcile.matching.references import match_references
from connector.reconcile.matching.rules import Rules
from connector.reconcile.matching.runs import match_runs
from connector.reconcile.matching.values import BankLine, Entry, Matches, Waiting

# What the owner coded (2), references (1, 4, 6), known batches (4), one to one (2, 3, 7), fees by a model (7), parts by
# name (6), runs (5), exchange (8), differences (10), and what is only shown (9).
RUNGS = (
    code_lines,
    match_references,
    match_batches,
    match_pairs,
    match_netted,
    match_parts,
    match_runs,
    match_exchange,
    match_differences,
    show_sums,
)


def match(lines: Sequence[BankLine], entries: Sequence[Entry], rules: Rules | None = None) -> Matches:
    """Proposes what belongs together; each rung works on everything that the rungs before it left open.

    A tie is nobody's match: it is listed with all that it could be. The order of the input decides only the order in
    time within one day."""
    board = laid_out(lines, entries, rules or Rules())
    for rung in RUNGS:
        rung(board)
    misses = nearest_misses(board)
    return Matches(
        proposals=board.proposals,
        waiting=[
            Waiting(line_id=lines[place].line_id, possible=board.possible.get(place, ()), misses=misses[place])
            for place in sorted(board.open_lines)
        ],
        open_entries=[entries[place].entry_id for place in sorted(board.open_entries)],
    )
