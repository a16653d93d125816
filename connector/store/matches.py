"""Matches: bank lines and ledger items that belong together, as proposed, accepted and undone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from connector.errors import Unreadable
from connector.store.bank import set_line_state
from connector.store.bank_tables import BankLineRow, MatchGroupRow, MatchLinkRow
from connector.store.database import Transaction, hold
from connector.store.tables import FeedRow

ITSELF = "connector"
"""Who accepted what is certain."""

RUN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A bank line (by its id) or a ledger item (by its name) in a match; see MatchLinkRow for the amounts."""

    line: int | None = None
    item: str = ""
    currency: str
    amount: int
    whole: int
    settled: int
    reference: str = ""


CODED = "account|"
"""How an item is named that is an account of the books: any number of matches may go to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """What is to be proposed. `evidence` is (fact, value, detail) each; see MatchGroupRow for the amounts."""

    confidence: str
    rung: int
    evidence: tuple[tuple[str, str, str], ...]
    currency: str
    residual: int
    exchange: int
    digest: str
    links: tuple[Link, ...]
    fee: int = 0
    fee_model: str = ""
    write_off: tuple[str, str] = ("", "")
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A match as it is kept; `state` is proposed, accepted or undone. `period` names the document that it made."""

    id: int
    feed_id: int
    state: str
    period: str
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
    """What an accepted match says of one ledger item: how much reached the bank for it, in its currency, and when."""

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
        fee_minor=new.fee,
        fee_model=new.fee_model,
        write_off_account=new.write_off[0],
        write_off_tax=new.write_off[1],
        digest=new.digest,
        made_by=new.made_by,
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
                reference=link.reference,
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
        .where(col(MatchGroupRow.feed_id).in_(feeds_into(tx, target_id)))
        .where(MatchGroupRow.state == "accepted", MatchLinkRow.item != "", is_its_own())
    )
    return set(rows)


def keep_document(tx: Transaction, match_id: int, period: str) -> None:
    """Notes the document that a match made."""
    group = tx.get_one(MatchGroupRow, match_id)
    group.period = period
    tx.add(group)
    tx.flush()


def confirmed_runs(tx: Transaction, feed_id: int) -> int:
    """How many runs of payouts people have confirmed, and not taken back."""
    wanted = select(func.count()).where(
        MatchGroupRow.feed_id == feed_id,
        MatchGroupRow.state == "accepted",
        MatchGroupRow.rung == RUN,
        MatchGroupRow.accepted_by != ITSELF,
    )
    return int(tx.exec(wanted).one())


def exchanged(tx: Transaction, feed_id: int) -> dict[str, int]:
    """What the bank received, by the id and the reference of the payout, in the home currency, as accepted matches of
    one payout in another currency say."""
    found: dict[str, int] = {}
    for match in matches(tx, feed_id, "accepted"):
        links = [link for link in match.made.links if link.item]
        if len(links) == 1 and links[0].currency != match.made.currency:
            banked = sum(link.amount for link in match.made.links if link.line is not None)
            found |= {name: banked for name in (links[0].item.partition("|")[2], links[0].reference) if name}
    return found


def banked(tx: Transaction, feed_id: int) -> list[Banked]:
    """What the accepted matches of a feed say about its ledger items; dated by the last bank line of the match."""
    found = []
    for match in matches(tx, feed_id, "accepted"):
        days = [tx.get_one(BankLineRow, line).date for line in match.lines]
        day = max(day for day in days if day)
        rest = match.made.residual - match.made.fee  # what the line brings more or less than its first item
        for link in (link for link in match.made.links if link.item and not link.item.startswith(CODED)):
            is_exchanged = link.currency != match.made.currency
            found.append(
                Banked(
                    item=link.item,
                    day=day,
                    amount=link.amount + (0 if is_exchanged else rest),
                    currency=link.currency,
                    is_exchanged=is_exchanged,
                    match=match.id,
                )
            )
            rest = 0
    return found


def is_its_own() -> ColumnElement[bool]:
    """A link that may be in one match only: any but an account of the books."""
    return col(MatchLinkRow.item).not_like(f"{CODED}%")


def feeds_into(tx: Transaction, target_id: int) -> list[int]:
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


def _match(group: MatchGroupRow, links: Sequence[MatchLinkRow]) -> Match:
    made = NewMatch(
        confidence=group.confidence,
        rung=group.rung,
        evidence=tuple((fact, value, detail) for fact, value, detail in json.loads(group.evidence)),
        currency=group.currency,
        residual=group.residual_minor,
        exchange=group.exchange_minor,
        digest=group.digest,
        fee=group.fee_minor,
        fee_model=group.fee_model,
        write_off=(group.write_off_account, group.write_off_tax),
        made_by=group.made_by,
        links=tuple(
            Link(
                line=link.bank_line_id,
                item=link.item,
                currency=link.currency,
                amount=link.amount_minor,
                whole=link.whole_minor,
                settled=link.settled_minor,
                reference=link.reference,
            )
            for link in links
        ),
    )
    return Match(
        id=group.id or 0,
        feed_id=group.feed_id,
        state=group.state,
        period=group.period,
        accepted_by=group.accepted_by,
        undone_by=group.undone_by,
        reason=group.reason,
        made=made,
    )
