"""Of a period, what reached the bank: payouts with what became of them, lines of statements, and matches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from connector.domain.facts import BY_MATCH, Fact, period_name
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.reconcile.matching.sentences import said
from connector.reconcile.matching.values import Evidence
from connector.reconcile.report.gathered import BankRow, MatchRow, PaidOut
from connector.store.bank_tables import BankLineRow, MatchGroupRow
from connector.store.feeds import Connection, Feed
from connector.store.matches import ITSELF, Banked, Match, banked, matches
from connector.store.period_rows import bank_rows, decided_matches, is_within, payout_facts
from connector.store.posted_lines import PostedLine, posted_lines
from connector.sync.bank_entries import OF_FACTS
from connector.sync.house import House
from connector.sync.match_books import said as called

Days = tuple[date, date]
LATE = timedelta(days=4)  # after which a bank that shows later lines should have shown a payout


@dataclass(slots=True)
class _Known:
    """What is needed to tell what became of a payout."""

    last: date
    shown_until: date | None
    by_item: dict[str, Banked]
    marks: dict[str, list[str]]
    fees: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def paid_out_of(house: House, feed: Feed, days: Days) -> list[PaidOut]:
    """Payouts that should reach the bank in the period, those on their way at its end, and older ones that the bank
    has not shown."""
    if feed.role == "sales only":
        return []
    with house.database.transaction() as tx:
        facts = payout_facts(tx, feed.source.id)
        shown = [row.date for row in bank_rows(tx, feed.target.id) if row.date]
        known = _Known(
            last=days[1],
            shown_until=max(shown, default=None),
            by_item={each.item: each for each in banked(tx, feed.id)},
            marks=_marks(posted_lines(tx, feed.id, ("bank",))),
        )
    for fact in facts:
        if isinstance(fact.about, PayoutEntry):
            known.fees[period_name(fact)] += fact.about.fee
    made = [each for fact in facts if (each := _paid_out(feed, fact, known))]
    return [each for each in made if _belongs(each, feed, days)]


def bank_of(house: House, connection: Connection, days: Days) -> list[BankRow]:
    """The lines of the period, and older ones that are open still."""
    with house.database.transaction() as tx:
        rows = bank_rows(tx, connection.id)
    return [
        BankRow(
            number=row.id or 0,
            books=connection.name,
            account=row.account,
            day=row.date,
            text=" ".join(filter(None, (row.counterparty, row.text, row.reference))),
            currency=row.currency,
            amount=row.amount_minor or 0,
            state=row.state,
            reason=row.reason,
            by=row.ignored_by,
        )
        for row in rows
        if row.date and (days[0] <= row.date <= days[1] or (row.state == "open" and row.date < days[0]))
    ]


def matched_of(house: House, feed: Feed, days: Days) -> list[MatchRow]:
    """Matches of bank lines of the period, or that were decided in it; proposals that wait are among them."""
    with house.database.transaction() as tx:
        found, when = matches(tx, feed.id), decided_matches(tx, feed.id)
        lines = {row.id or 0: row for row in bank_rows(tx, feed.target.id)}
    made = [(each, when[each.id], [lines[line] for line in each.lines if line in lines]) for each in found]
    return [_match(feed, *each) for each in made if _is_of(each[1], each[2], days)]


def _marks(lines: Iterable[PostedLine]) -> dict[str, list[str]]:
    """The documents that move the money of a period to the bank."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if not line.period.startswith(BY_MATCH):
            found[line.period].append(line.mark)
    return found


def _paid_out(feed: Feed, fact: Fact, known: _Known) -> PaidOut | None:
    match fact.about:
        case Payout() as payout:
            name, day, amount, reference = payout.payout_id, payout.arrives_on, payout.amount, payout.reference
        case Settlement() as settlement:
            name, day, amount, reference = settlement.settlement_id, settlement.deposits_on, settlement.total, ""
        case _:
            return None
    period = period_name(fact)
    fees = known.fees[period]
    state, told = _state(fact, (name, day), known)
    return PaidOut(
        feed=feed.name,
        name=name,
        sent=fact.business_day,
        day=day,
        reference=reference,
        currency=fact.currency,
        gross=amount + fees,
        fees=fees,
        amount=amount,
        state=state,
        told=told,
    )


def _state(fact: Fact, of: tuple[str, date], known: _Known) -> tuple[str, str]:
    """What became of a payout by the end of the period, and how that is known."""
    name, day = of
    about = fact.about
    if isinstance(about, Payout) and about.has_failed:
        return "failed", "the source says that it did not arrive"
    if isinstance(about, Payout) and about.kept_by_processor:
        return "kept by the processor", "the source says that it stays in a balance there"
    items = [*known.marks.get(period_name(fact), ()), OF_FACTS + name]
    there = next((known.by_item[item] for item in items if item in known.by_item), None)
    if there and there.day <= known.last:
        return "matched", f"at the bank on {there.day}, match {there.match}"
    if there:
        return "in transit", f"at the bank on {there.day}, after the period"
    if day > known.last:
        return "in transit", f"to arrive on {day}"
    if known.shown_until is None or known.shown_until < day + LATE:
        until = f"end on {known.shown_until}" if known.shown_until else "are none yet"
        return "not compared", f"bank lines {until}"
    return "missing", f"the bank shows later lines, until {known.shown_until}, and not this one"


def _belongs(each: PaidOut, feed: Feed, days: Days) -> bool:
    if feed.starts_on and each.day < feed.starts_on:
        return False
    if days[0] <= each.day <= days[1] or days[0] <= each.sent <= days[1]:
        return True
    return each.sent <= days[1] and each.state in ("in transit", "missing")


def _is_of(row: MatchGroupRow, lines: Sequence[BankLineRow], days: Days) -> bool:
    dated = any(line.date and days[0] <= line.date <= days[1] for line in lines)
    return dated or is_within(row.accepted_at, days) or is_within(row.undone_at, days)


def _match(feed: Feed, match: Match, row: MatchGroupRow, lines: Sequence[BankLineRow]) -> MatchRow:
    made = match.made
    by = "by itself, it is certain" if match.accepted_by == ITSELF else match.accepted_by
    evidence = "; ".join(said(Evidence(fact=fact, value=value, detail=detail)) for fact, value, detail in made.evidence)
    return MatchRow(
        number=match.id,
        feed=feed.name,
        state="waits for a yes" if match.state == "proposed" else match.state,
        lines=", ".join(f"{line.id} of {line.date}" for line in lines),
        items=", ".join(called(item) for item in match.items),
        currency=made.currency,
        banked=sum(line.amount_minor or 0 for line in lines),
        fee=made.fee,
        written_off=made.residual,
        exchange=made.exchange,
        evidence=f"{made.confidence}: {evidence}" + (f" ({made.fee_model})" if made.fee_model else ""),
        by=f"{by}, undone by {match.undone_by}" if match.undone_by else by,
        at=row.undone_at or row.accepted_at or row.proposed_at,
        reason=match.reason,
    )
