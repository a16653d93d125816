"""Documents of matches on a clearing account: deposits that a matched bank line booked, as payouts of the proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.domain.facts import BY_MATCH
from connector.reconcile.clearing.values import Payout, Taking
from connector.store.matches import Banked, Match
from connector.store.posted_lines import PostedLine
from connector.sync.bank_entries import TAKINGS, tail, takings_of
from connector.sync.clearing_settlements import DEPOSIT
from connector.sync.match_books import said


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMatches:
    """What each line of a match's document settles (`items`, by mark and text), what is booked of which item in all,
    and deposits of takings as payouts of their own."""

    items: Mapping[tuple[str, str], str] = field(default_factory=dict)
    booked: Mapping[str, PostedLine] = field(default_factory=dict)
    deposits: Sequence[Payout] = ()

    def of(self, line: PostedLine, payouts: Sequence[Payout]) -> str:
        """Which payout a line of a match's document belongs to; empty for any other line."""
        item = self.items.get((line.period, line.text), "")
        names = {each.name for each in payouts}
        return next((name for name in _names(item) if name in names), "") if item else ""

    def banked(self, payouts: Sequence[Payout]) -> list[Payout]:
        """The payouts, those that a match booked on the day of their bank line, and the deposits of takings."""
        days = {name: line.day for item, line in self.booked.items() for name in _names(item)}
        moved = [
            replace(each, day=days[each.name], sent=min(each.sent, days[each.name]), is_booked=True)
            if each.name in days and not each.is_booked
            else each
            for each in payouts
        ]
        return [*moved, *self.deposits]


def booked_by_matches(
    lines: Sequence[PostedLine], matched: Sequence[Match], takings: Sequence[Taking], coded: Sequence[Banked] | None
) -> ByMatches:
    """What matches booked on one clearing account; `matched` are those that made a document, `takings` the account's.

    `coded` are the matched items of the account where the bookkeeper codes the bank's own lines, None where our
    documents take them out."""
    items = {(match.period, said(item)): item for match in matched for item in match.items}
    sums: dict[str, int] = defaultdict(int)
    last: dict[str, PostedLine] = {}
    for line in lines:
        item = items.get((line.period, line.text), "") if line.period.startswith(BY_MATCH) else ""
        if item:
            sums[item], last[item] = sums[item] + line.amount, line
    if coded is not None:
        taken = ((each.item, each.day, each.amount - sums[each.item]) for each in coded)
        return ByMatches(items=items, deposits=_deposits(taken, takings, is_booked=False))
    booked = {item: line for item, line in last.items() if sums[item]}
    taken = ((item, line.day, -sums[item]) for item, line in booked.items())
    return ByMatches(items=items, booked=booked, deposits=_deposits(taken, takings, is_booked=True))


def _deposits(taken: Iterable[tuple[str, date, int]], takings: Sequence[Taking], *, is_booked: bool) -> list[Payout]:
    """Deposits that take a period's takings out of the account: item, day and amount of each."""
    return [
        _of_takings(item, day, amount, takings, is_booked=is_booked)
        for item, day, amount in taken
        if item.startswith(TAKINGS)
    ]


def _of_takings(item: str, day: date, amount: int, takings: Sequence[Taking], *, is_booked: bool) -> Payout:
    settles = {each.name: each.amount for each in takings if each.period == takings_of(item)[1]}
    return Payout(
        name=item,
        sent=day,
        day=day,
        settles=settles,
        others=amount - sum(settles.values()),
        is_booked=is_booked,
        title=f"the deposit of {day.isoformat()}",
    )


def _names(item: str) -> tuple[str, ...]:
    """What the proof may call the payout of an item."""
    return (item, f"payout|{tail(item)}", f"settlement|{tail(item)}{DEPOSIT}")
