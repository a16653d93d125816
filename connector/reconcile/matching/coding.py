"""Rung 2 for lines that are no deposits: an owner's rule says to which account such a line goes."""

from __future__ import annotations

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import Board
from connector.reconcile.matching.tokens import words
from connector.reconcile.matching.values import Confidence, Evidence

CODED = 2


def code_lines(board: Board) -> None:
    """Certain under an approved rule, likely without; a line that rules of two accounts would have is nobody's."""
    rules = [rule for rule in board.rules.channels if rule.account]
    said = {rule.name: [f" {' '.join(words(each))} " for each in rule.descriptors or (rule.name,)] for rule in rules}
    for line in sorted(board.open_lines) if rules else ():
        of = board.lines[line]
        text = f" {' '.join(words(f'{of.text} {of.reference}'))} "
        found = [rule for rule in rules if any(pattern in text for pattern in said[rule.name])]
        if len({rule.account for rule in found}) != 1:
            continue
        rule, amount = found[0], f"{decimal_text(of.amount, of.currency)} {of.currency}"
        evidence = [
            Evidence(fact="channel", value=rule.name, detail="rule"),
            Evidence(fact="coded", value=amount, detail=rule.account),
        ]
        sure: Confidence = "certain" if rule.is_approved else "likely"
        board.propose([line], [], CODED, sure, evidence, (0, rule.account, rule.tax_code))
