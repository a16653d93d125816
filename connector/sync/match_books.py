"""What an accepted match puts into the books, through the outbox as every document: the money's way from clearing to
the bank, fees that nobody booked, a difference that is written off, an exchange difference; and its taking back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from connector.domain.account_map import Placement
from connector.domain.books import Books
from connector.domain.document import Document, Family, Held, Role
from connector.domain.facts import BY_MATCH
from connector.domain.money import share_half_even
from connector.errors import Unreadable
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.matched import Matched, Part, difference, matched_document
from connector.mapping.rules import Rules
from connector.reconcile.matching.rules import Rules as MatchRules
from connector.store import bank, matches, outbox
from connector.store.account_maps import books
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.journal import in_books, keep_period
from connector.store.matches import CODED, Link, Match
from connector.store.plans import FeedPlace, PeriodPlan, PlannedDocument
from connector.store.posted_lines import posted_lines
from connector.sync.amend import opened as as_dates_allow
from connector.sync.bank_entries import OF_FACTS, TAKINGS, tail, takings_of
from connector.sync.bank_rules import ruled
from connector.sync.house import House
from connector.sync.journalize import rules_of
from connector.sync.planning import Planner

_WHOLE = 10_000  # hundredths of a percent
_NARRATED = 60


def chart_of(house: House, feed: Feed) -> Books | None:
    """The books as last read; None before anything was journalized into them."""
    with house.database.transaction() as tx:
        known = books(tx, feed.target.id)
    return known[0] if known else None


def book(tx: Transaction, house: House, feed: Feed, match: Match, chart: Books | None) -> str:
    """Plans the document that an accepted match calls for, or takes back what an undone one had; gives its mark, empty
    where there is nothing to book. The same match is never booked twice.

    Raises Unreadable where the books or the map lack an account, or a date is locked: nothing is decided then."""
    if chart is None:
        return ""
    rules = rules_of(tx, house, feed, chart)
    placed = _Placing(tx=tx, house=house, feed=feed, chart=chart, rules=rules, match=match)
    matched = placed.matched()
    wanted = matched_document(matched, rules) if match.state == "accepted" else None
    period = BY_MATCH + matched.name
    there = next(iter(in_books(tx, feed.id, period)), None)
    if there and not there.is_settled:
        raise Unreadable("Whether the books hold what this match booked is being found out; run connector post first.")
    _let_go_of_adopted(tx, feed, period, wanted)
    live = there.documents if there and not _is_let_go(tx, feed, period) else ()
    version = there.last_version + 1 if there else 1
    document = difference(wanted, live, rules, version)
    if document is None and there is None and not match.period:
        return ""
    planned = () if document is None else (_planned(placed, document, takes_back=wanted is None),)
    plan = PeriodPlan(name=period, documents=planned, held=(), ignored=())
    place = FeedPlace(feed_id=feed.id, target_connection_id=feed.target.id, map_version=rules.account_map.number)
    keep_period(tx, place, plan, f"{match.id} {match.state} {version}")
    matches.keep_document(tx, match.id, period)
    return document.mark if document else ""


def said(item: str) -> str:
    """What an item is called on a line in the books."""
    if item.startswith(OF_FACTS):
        return f"Payout {tail(item)}"
    if item.startswith(TAKINGS):
        return f"Takings of {' '.join(takings_of(item)[1].split('|')[1:3])}"
    return item


def _let_go_of_adopted(tx: Transaction, feed: Feed, period: str, wanted: Document | None) -> None:
    """A record of another hand that stands for ours stays when the match is undone: it is only no longer ours."""
    if wanted is None:
        for posting in outbox.of_period(tx, feed.id, period):
            if posting.drift.startswith(outbox.ADOPTED) and posting.state in outbox.IN_BOOKS:
                outbox.retire(tx, posting.document_id, "superseded", "The match was undone; the record is another's.")


def _is_let_go(tx: Transaction, feed: Feed, period: str) -> bool:
    found = outbox.of_period(tx, feed.id, period)
    return bool(found) and all(posting.state in outbox.GONE for posting in found)


def _planned(placed: _Placing, document: Document, *, takes_back: bool) -> PlannedDocument:
    planner = Planner(opened=placed.house.books(placed.feed.target), chart=placed.chart, rules=placed.rules,
                      feed=placed.feed)  # fmt: skip
    if takes_back and planner.locks.books and document.date <= planner.locks.books:
        day = planner.locks.books + timedelta(days=1)
        document = replace(document, date=day, prior_period=True)
    allowed = as_dates_allow(document, planner.locks)
    if isinstance(allowed, Held):
        raise Unreadable(allowed.reason)
    planned = planner.render(_in_family(allowed, placed.feed, takes_back=takes_back))
    if isinstance(planned, Held) and not placed.feed.payout_kind:
        planned = planner.render(replace(allowed, family=""))  # those books make no deposit of it
    if isinstance(planned, Held):
        raise Unreadable(planned.reason)
    return planned


def _in_family(document: Document, feed: Feed, *, takes_back: bool) -> Document:
    """A deposit where it is money in and more than its move; what is taken back as what it was."""
    if document.kind != "payout" or takes_back:
        return document
    is_in = sum(line.amount for line in document.lines if line.role == "bank") > 0
    return replace(document, family=cast(Family, feed.payout_kind or ("deposit" if is_in else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placing:
    """A match on its way into the books of a feed."""

    tx: Transaction
    house: House
    feed: Feed
    chart: Books
    rules: Rules
    match: Match

    def matched(self) -> Matched:
        lines = [bank.line_of(self.tx, each) for each in self.match.lines]
        others = tuple(self._parts())
        due = -sum(part.amount for part in others)
        text = " ".join(lines[0].line.text.split())[:_NARRATED]
        fee = f" · fee {self.match.made.fee_model}" if self.match.made.fee else ""
        return Matched(
            name=self._name(lines),
            day=max(bank.day_of(each) for each in lines),
            currency=self.match.made.currency,
            parts=(self._balancing(lines[0].account, due), *others) if due else others,
            narration=f"{text or 'bank line'} at the bank{fee}",
            source_ref=self._items[0].reference or tail(self._items[0].item),
        )

    def _name(self, lines: Sequence[bank.KeptLine]) -> str:
        some = sorted(f"{each.account} {each.key}" for each in lines)
        items = sorted(f"{link.item} {link.settled}" for link in self._items)
        return hashlib.sha256("\n".join((*some, "", *items)).encode()).hexdigest()[:16]

    @property
    def _items(self) -> list[Link]:
        return [link for link in self.match.made.links if link.item]

    @property
    def _is_coded_there(self) -> bool:
        """Whether the bookkeeper codes the bank's own line, whole, to clearing."""
        return self.feed.deposits == "bank feed"

    def _parts(self) -> Iterator[Part]:
        made = self.match.made
        for link in self._items if not self._is_coded_there else []:
            yield from self._item(link)
        if made.fee:
            yield self._fee(made.fee)
        if made.residual:
            account, tax = made.write_off
            yield self._coded(account, tax, -made.residual, "Written off")
        if made.exchange and not self._exchanges_by_map():
            yield Part(role="fx", home=self._slot("fx"), amount=-made.exchange, text="Exchange difference")

    def _exchanges_by_map(self) -> bool:
        """Whether the payout's own document books the deposit and its exchange difference, once both are known."""
        return self.feed.deposits in ("", "connector") and any(link.item.startswith(OF_FACTS) for link in self._items)

    def _item(self, link: Link) -> Iterator[Part]:
        if link.item.startswith(CODED):
            account, _, tax = link.item.removeprefix(CODED).rpartition("|")
            yield self._coded(account, tax, -link.settled, "")
        elif link.item.startswith(TAKINGS):
            home = self._named(takings_of(link.item)[0])
            yield Part(role="clearing", home=home, amount=-link.settled, text=said(link.item))
        elif link.item.startswith(OF_FACTS) and self.feed.deposits == "match":
            self._require_one_currency(link)
            yield Part(role="clearing", home=self._clearing(link), amount=-link.settled, text=said(link.item))

    def _require_one_currency(self, link: Link) -> None:
        if link.currency != self.match.made.currency and self.rules.account_map.exchange is None:
            raise Unreadable(
                f"{said(link.item)} is in {link.currency} and the bank line in {self.match.made.currency}: say in the "
                "account map, under exchange, in which currency clearing is kept and at which rates."
            )

    def _clearing(self, link: Link) -> Placement:
        """The account on which the payout's own documents stand, else the one of its source."""
        periods = (f"payout|{tail(link.item)}", f"settlement|{tail(link.item)}")
        found = {
            (line.account, line.number)
            for line in posted_lines(self.tx, self.feed.id, ("clearing",))
            if line.period in periods and not line.is_gone
        }
        if len(found) == 1:
            ((account, number),) = found
            return Placement(account=account, number=number)
        return self._slot("clearing.card")

    def _balancing(self, account: str, amount: int) -> Part:
        """The bank itself; where the bookkeeper codes the line, clearing takes what the line does not bring."""
        if not self._is_coded_there:
            return Part(role="bank", home=self._bank(account), amount=amount, text="Bank")
        first = self._items[0]
        home = self._named(takings_of(first.item)[0]) if first.item.startswith(TAKINGS) else self._clearing(first)
        return Part(role="clearing", home=home, amount=amount, text=said(first.item))

    def _bank(self, account: str) -> Placement:
        """The account of the books under whose name the bank lines are kept, else the one that the map names."""
        found = self.chart.account(account)
        if found and found.type in ("bank", "current_asset", "current_liability"):
            return Placement(account=found.name, number=found.number)
        return self._slot("bank")

    def _fee(self, amount: int) -> Part:
        channel = next((takings_of(link.item)[0] for link in self._items if link.item.startswith(TAKINGS)), "")
        model = ruled(self.tx, self.house, self.feed, (self.chart, MatchRules()))[1].of_channel(channel).fee
        home = self._slot("fees")
        if model is None or not model.tax_code:
            return Part(role="fee", home=home, amount=amount, text="Fees")
        tax = share_half_even(amount * model.tax_share, 1, _WHOLE + model.tax_share)
        return Part(role="fee", home=replace(home, tax_code=model.tax_code), amount=amount, text="Fees", tax=tax)

    def _coded(self, account: str, tax: str, amount: int, text: str) -> Part:
        found = self.chart.account(account)
        role: Role = "other_income" if found and found.type in ("income", "other_income") else "adjustment"
        return Part(role=role, home=replace(self._named(account), tax_code=tax), amount=amount, text=text or account)

    def _named(self, account: str) -> Placement:
        found = self.chart.account(account, account)
        if found is None:
            raise Unreadable(f"The books have no account {account!r} that is in use; open it there, or name another.")
        return Placement(account=found.name, number=found.number)

    def _slot(self, slot: str) -> Placement:
        found = slot_account(slot, self.rules, {})
        if isinstance(found, Missing):
            raise Unreadable(f"{found.message} {found.fix}")
        return found
