"""The board that the rungs work on: lines and entries by their place, and which of them are still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connector.reconcile.matching.rules import FIRST_WINDOW, Grain, Rules
from connector.reconcile.matching.tokens import words
from connector.reconcile.matching.values import BankLine, Confidence, Entry, Evidence, Proposal

LISTED = 5
# A channel whose entries are this many, and so many for each of its lines, holds takings and not payouts.
_RUN_ENTRIES, _RUN_RATIO = 12, 3


@dataclass(slots=True)
class Board:
    """State of one matching: every rung takes what it can explain and leaves the rest to the next.

    `named` keeps for a line the entries that its text names though their sum differs."""

    lines: Sequence[BankLine]
    entries: Sequence[Entry]
    rules: Rules
    channels: list[str] = field(default_factory=list)
    open_lines: set[int] = field(default_factory=set)
    open_entries: set[int] = field(default_factory=set)
    proposals: list[Proposal] = field(default_factory=list)
    settled: dict[int, tuple[int, ...]] = field(default_factory=dict)
    possible: dict[int, list[Proposal]] = field(default_factory=dict)
    named: dict[int, tuple[int, ...]] = field(default_factory=dict)
    grains: dict[str, Grain] = field(default_factory=dict)
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)
    currencies: dict[str, list[int]] = field(default_factory=dict)
    by_amount: dict[tuple[str, int], list[int]] | None = None

    def propose(
        self,
        lines: Sequence[int],
        entries: Sequence[int],
        rung: int,
        confidence: Confidence,
        evidence: Iterable[Evidence],
        residual: tuple[int, str, str] = (0, "", ""),
    ) -> None:
        """Takes lines and entries off the board, unless the proposal is only possible: then it is listed. `residual` is
        what is left between them, with the account and tax code that take it."""
        made = Proposal(
            lines=tuple(self.lines[line].line_id for line in lines),
            entries=tuple(self.entries[entry].entry_id for entry in entries),
            rung=rung,
            confidence=confidence,
            evidence=tuple(evidence),
            residual=residual[0],
            account=residual[1],
            tax_code=residual[2],
        )
        if confidence == "possible":
            for line in lines:
                listed = self.possible.setdefault(line, [])
                if len(listed) < LISTED and made not in listed:
                    listed.append(made)
            return
        self.proposals.append(made)
        self.open_lines.difference_update(lines)
        self.open_entries.difference_update(entries)
        for line in lines:
            self.settled[line] = tuple(entries)

    def window(self, channel: str) -> tuple[int, int]:
        """Days from entry to line: the rule's, or wide at first."""
        if channel not in self.windows:
            rule, first = self.rules.of_channel(channel), FIRST_WINDOW[self.grains.get(channel, "one")]
            self.windows[channel] = (
                first[0] if rule.earliest is None else rule.earliest,
                first[1] if rule.latest is None else rule.latest,
            )
        return self.windows[channel]

    def same_amount(self, line: int) -> Sequence[int]:
        """Entries whose amount, gross or net of the fee, is the line's, in its currency."""
        if self.by_amount is None:
            self.by_amount = {}
            wanted = {(of.currency, of.amount) for of in self.lines}
            for place, entry in enumerate(self.entries):
                for amount in {entry.amount, entry.amount - entry.fee} if entry.fee else (entry.amount,):
                    if (entry.currency, amount) in wanted:
                        self.by_amount.setdefault((entry.currency, amount), []).append(place)
        return self.by_amount.get((self.lines[line].currency, self.lines[line].amount), ())

    def foreign(self, currency: str) -> list[int]:
        """Open entries in other currencies."""
        if not self.currencies:
            for place, entry in enumerate(self.entries):
                self.currencies.setdefault(entry.currency, []).append(place)
        others = (places for other, places in self.currencies.items() if other != currency)
        return [place for places in others for place in places if place in self.open_entries]

    def lag(self, line: int, entry: int) -> int:
        return (self.lines[line].day - self.entries[entry].day).days


def laid_out(lines: Sequence[BankLine], entries: Sequence[Entry], rules: Rules) -> Board:
    """A board with everything open, the lines' channels found by descriptor, and the grain of every channel."""
    board = Board(lines=lines, entries=entries, rules=rules)
    board.open_lines = set(range(len(lines)))
    board.open_entries = {place for place, entry in enumerate(entries) if entry.amount}
    names = sorted({entry.channel for entry in entries})
    board.channels = _channels(lines, names, rules)
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.channel] = counts.get(entry.channel, 0) + 1
    for name in names:
        given = rules.of_channel(name).grain
        is_many = counts[name] >= max(_RUN_ENTRIES, _RUN_RATIO * board.channels.count(name))
        board.grains[name] = given or ("run" if is_many and name in board.channels else "one")
    return board


def _channels(lines: Sequence[BankLine], names: Sequence[str], rules: Rules) -> list[str]:
    """By the rules' descriptors, else by the channel's own name in the text; the longest wins, a tie is no channel.

    A ledger of one channel without descriptors has all lines."""
    if len(names) == 1 and not rules.of_channel(names[0]).descriptors:
        return [names[0]] * len(lines)
    known: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        for descriptor in rules.of_channel(name).descriptors or (name,):
            normal = words(descriptor)
            if normal:
                known.setdefault(normal[0], []).append((f" {' '.join(normal)} ", name))
    return [_channel(words(f"{line.text} {line.reference}"), known) for line in lines]


def _channel(found: Sequence[str], known: dict[str, list[tuple[str, str]]]) -> str:
    text = f" {' '.join(found)} "
    hits = {(len(pattern), name) for word in found for pattern, name in known.get(word, ()) if pattern in text}
    longest = {name for length, name in hits if length == max(hits)[0]}
    return longest.pop() if len(longest) == 1 else ""
