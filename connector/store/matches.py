"""Matches: bank lines and ledger items that belong together, as proposed, accepted and undone; and their invariants."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func
from sqlmodel import col, select

from connector.domain.money import decimal_text
from connector.errors import Unreadable
from connector.store.bank import set_line_state
from connector.store.bank_tables import BankLineRow, MatchGroupRow, MatchLinkRow
from connector.store.database import Transaction, hold
from connector.store.tables import FeedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A bank line (by its id) or a ledger item (by its name) in a match; see MatchLinkRow for the amounts."""

    line: int | None = None
    item: str = ""
    currency: str
    amount: int
    whole: int
    settled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """What is to be proposed. `evidence` is (fact, value, detail) each."""

    confidence: str
    rung: int
    evidence: tuple[tuple[str, str, str], ...]
    currency: str
    residual: int
    exchange: int
    digest: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A match as it is kept; `state` is proposed, accepted or undone."""

    id: int
    state: str
    accepted_by: str
    undone_by: str
    reason: str
    made: NewMatch

    @property
    def lines(self) -> tuple[int, ...]:
        return tuple(link.line for link in self.made.links if link.line is not None)

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(link.item for link in self.made.links if link.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Banked:
    """What an accepted match says of one ledger item: how much of it reached the bank, in its currency, and when."""

    item: str
    day: date
    amount: int
    currency: str
    is_exchanged: bool
    match: int


def matches(tx: Transaction, feed_id: int, state: str = "") -> list[Match]:
    """The matches of a feed, of one state where it is named, oldest first."""
    wanted = select(MatchGroupRow).where(MatchGroupRow.feed_id == feed_id)
    if state:
        wanted = wanted.where(MatchGroupRow.state == state)
    groups = list(tx.exec(wanted.order_by(col(MatchGroupRow.id))))
    links: dict[int, list[MatchLinkRow]] = {}
    of_feed = select(MatchGroupRow.id).where(MatchGroupRow.feed_id == feed_id)
    rows = tx.exec(select(MatchLinkRow).where(col(MatchLinkRow.group_id).in_(of_feed)).order_by(col(MatchLinkRow.id)))
    for link in rows:
        links.setdefault(link.group_id, []).append(link)
    return [_match(group, links.get(group.id or 0, [])) for group in groups]


def match_of(tx: Transaction, match_id: int) -> Match:
    """The match of that number; raises Unreadable."""
    group = tx.get(MatchGroupRow, match_id)
    if group is None:
        raise Unreadable(f"There is no match {match_id}; connector reconcile deposits lists them.")
    return _match(group, _links(tx, match_id))


def propose(tx: Transaction, feed_id: int, new: NewMatch, now: datetime) -> int:
    """Keeps a proposal and gives its number."""
    group = MatchGroupRow(
        feed_id=feed_id,
        confidence=new.confidence,
        rung=new.rung,
        evidence=json.dumps(new.evidence, ensure_ascii=False),
        currency=new.currency,
        residual_minor=new.residual,
        exchange_minor=new.exchange,
        digest=new.digest,
        proposed_at=now,
    )
    tx.add(group)
    tx.flush()
    for link in new.links:
        tx.add(
            MatchLinkRow(
                group_id=group.id or 0,
                bank_line_id=link.line,
                item=link.item,
                currency=link.currency,
                amount_minor=link.amount,
                whole_minor=link.whole,
                settled_minor=link.settled,
            )
        )
    tx.flush()
    return group.id or 0


def withdraw(tx: Transaction, match_id: int) -> None:
    """Forgets a proposal that nobody ever decided about: the evidence no longer makes it."""
    for link in _links(tx, match_id):
        tx.delete(link)
    tx.flush()
    tx.delete(tx.get_one(MatchGroupRow, match_id))
    tx.flush()


def accept(tx: Transaction, match_id: int, *, by: str, now: datetime) -> Match:
    """A proposal becomes a match; raises Unreadable where it was decided already, or a part of it is taken."""
    found = _held(tx, match_id)
    group = tx.get_one(MatchGroupRow, match_id)
    if group.state != "proposed":
        raise Unreadable(f"Match {match_id} is {group.state}; only a proposed one can be accepted.")
    taken = _taken(tx, group.feed_id, found)
    if taken:
        raise Unreadable(f"Match {match_id} cannot be accepted: {taken}.")
    group.state, group.accepted_by, group.accepted_at = "accepted", by, now
    tx.add(group)
    for line in found.lines:
        set_line_state(tx, line, "matched")
    tx.flush()
    return match_of(tx, match_id)


def undo(tx: Transaction, match_id: int, *, by: str, reason: str, now: datetime) -> Match:
    """Opens both sides of an accepted match again; the match stays in the history. Raises Unreadable for any other."""
    found = _held(tx, match_id)
    if found.state != "accepted":
        raise Unreadable(f"Match {match_id} is {found.state}; only an accepted one can be undone.")
    group = tx.get_one(MatchGroupRow, match_id)
    group.state, group.undone_by, group.undone_at, group.reason = "undone", by, now, reason
    tx.add(group)
    for line in found.lines:
        set_line_state(tx, line, "open")
    tx.flush()
    return match_of(tx, match_id)


def _held(tx: Transaction, match_id: int) -> Match:
    """The match, of whose books nothing else is decided meanwhile."""
    match_of(tx, match_id)
    feed_id = tx.get_one(MatchGroupRow, match_id).feed_id
    hold(tx, tx.get_one(FeedRow, feed_id).target_connection_id)
    return match_of(tx, match_id)


def taken_items(tx: Transaction, target_id: int) -> set[str]:
    """Ledger items of the feeds into some books that an accepted match holds."""
    rows = tx.exec(
        select(MatchLinkRow.item)
        .join(MatchGroupRow, col(MatchGroupRow.id) == col(MatchLinkRow.group_id))
        .where(col(MatchGroupRow.feed_id).in_(_feeds(tx, target_id)))
        .where(MatchGroupRow.state == "accepted", MatchLinkRow.item != "")
    )
    return set(rows)


def banked(tx: Transaction, feed_id: int) -> list[Banked]:
    """What the accepted matches of a feed say about its ledger items; dated by the last bank line of the match."""
    found = []
    for match in matches(tx, feed_id, "accepted"):
        days = [tx.get_one(BankLineRow, line).date for line in match.lines]
        day = max(day for day in days if day)
        found += [
            Banked(
                item=link.item,
                day=day,
                amount=link.amount,
                currency=link.currency,
                is_exchanged=link.currency != match.made.currency,
                match=match.id,
            )
            for link in match.made.links
            if link.item
        ]
    return found


def over_allocated(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I16: of no bank line and no ledger item is more matched than there is."""
    taken, whole = func.sum(func.abs(MatchLinkRow.amount_minor)), func.max(func.abs(MatchLinkRow.whole_minor))
    rows = tx.exec(
        select(MatchLinkRow.bank_line_id, MatchLinkRow.item, taken, whole)
        .join(MatchGroupRow, col(MatchGroupRow.id) == col(MatchLinkRow.group_id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(_feeds(tx, connection_id)))
        .group_by(col(MatchLinkRow.bank_line_id), col(MatchLinkRow.item))
        .having(taken > whole)
    )
    return sorted(
        f"{_name(line, item)}: {int(matched)} of {int(most)} minor units matched" for line, item, matched, most in rows
    )


def unbalanced_groups(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I17: an accepted match balances (bank lines = items + written off + exchange), and each of its bank lines and
    ledger items is in no other."""
    found = []
    settled = case((col(MatchLinkRow.item) == "", MatchLinkRow.settled_minor), else_=-MatchLinkRow.settled_minor)
    sums = (
        select(MatchGroupRow, func.sum(settled))
        .join(MatchLinkRow, col(MatchLinkRow.group_id) == col(MatchGroupRow.id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(_feeds(tx, connection_id)))
        .group_by(col(MatchGroupRow.id))
        .order_by(col(MatchGroupRow.id))
    )
    for group, difference in tx.exec(sums):
        off = int(difference) - group.residual_minor - group.exchange_minor
        if off:
            found.append(f"match {group.id} is off by {decimal_text(off, group.currency)} {group.currency}")
    twice = (
        select(MatchLinkRow.bank_line_id, MatchLinkRow.item)
        .join(MatchGroupRow, col(MatchGroupRow.id) == col(MatchLinkRow.group_id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(_feeds(tx, connection_id)))
        .group_by(col(MatchLinkRow.bank_line_id), col(MatchLinkRow.item))
        .having(func.count(func.distinct(MatchLinkRow.group_id)) > 1)
    )
    return found + sorted(f"{_name(line, item)} is in more than one match" for line, item in tx.exec(twice))


def _feeds(tx: Transaction, target_id: int) -> list[int]:
    return [row or 0 for row in tx.exec(select(FeedRow.id).where(FeedRow.target_connection_id == target_id))]


def _taken(tx: Transaction, feed_id: int, found: Match) -> str:
    """What of a proposal is no longer free, in words; empty where all is."""
    feed = tx.get_one(FeedRow, feed_id)
    items = sorted(set(found.items) & taken_items(tx, feed.target_connection_id))
    if items:
        return f"{items[0]} is in another match already"
    for line in found.lines:
        state = tx.get_one(BankLineRow, line).state
        if state != "open":
            return f"bank line {line} is {state}"
    return ""


def _links(tx: Transaction, match_id: int) -> list[MatchLinkRow]:
    wanted = select(MatchLinkRow).where(MatchLinkRow.group_id == match_id).order_by(col(MatchLinkRow.id))
    return list(tx.exec(wanted))


def _name(line: int | None, item: str) -> str:
    return item if line is None else f"bank line {line}"


def _match(group: MatchGroupRow, links: Sequence[MatchLinkRow]) -> Match:
    made = NewMatch(
        confidence=group.confidence,
        rung=group.rung,
        evidence=tuple((fact, value, detail) for fact, value, detail in json.loads(group.evidence)),
        currency=group.currency,
        residual=group.residual_minor,
        exchange=group.exchange_minor,
        digest=group.digest,
        links=tuple(
            Link(
                line=link.bank_line_id,
                item=link.item,
                currency=link.currency,
                amount=link.amount_minor,
                whole=link.whole_minor,
                settled=link.settled_minor,
            )
            for link in links
        ),
    )
    return Match(
        id=group.id or 0,
        state=group.state,
        accepted_by=group.accepted_by,
        undone_by=group.undone_by,
        reason=group.reason,
        made=made,
    )
