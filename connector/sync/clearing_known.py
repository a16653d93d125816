"""What the store knows about the clearing accounts of a feed, as the proof wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from connector.domain.books import Books
from connector.domain.facts import Bucket, Fact, period_name
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import Charge, Receipt, Refund, Tender
from connector.mapping.lookup import Missing, place, slot_account
from connector.mapping.rules import Rules
from connector.reconcile.clearing import values
from connector.reconcile.clearing.openings import Brought, settled_openings
from connector.reconcile.clearing.values import Account, Deposit, Edit, Posting, Taking, TakingKind, Waiting
from connector.store.matches import Banked, Match
from connector.store.posted_lines import ACCEPTED, Home, PostedLine
from connector.sync.bank_entries import OF_FACTS, takings_of
from connector.sync.clearing_advances import advances, taken_back
from connector.sync.clearing_matches import booked_by_matches
from connector.sync.clearing_settlements import settled_by_marketplace

MOVES_MONEY = frozenset({ACCEPTED, "amount", "account", "line", "tax", "currency", "document"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that was read: lines of documents in the books on the accounts, facts, where movements were placed,
    what waits, what is matched at the bank (`banked`, and with the documents they made `matched`), and which records
    the source changed; `is_coded` says that the bookkeeper codes the bank's own lines."""

    lines: Sequence[PostedLine]
    facts: Sequence[Fact]
    homes: Sequence[Home]
    waiting: Sequence[tuple[str, str]]
    banked: Sequence[Banked]
    changed: frozenset[tuple[str, str]]
    booked: frozenset[str]
    rules: Rules
    matched: Sequence[Match] = ()
    is_coded: bool = False
    books: Books | None = None


def clearing_accounts(known: Known) -> list[Account]:
    """One account for each clearing account that documents of the feed touched, by name; without the books' balance.
    One that holds several currencies is as many: amounts of different currencies have no sum."""
    found = _sorted_out(known, frozenset(line.account for line in known.lines))
    return [_account(known, found, title, of) for title, of in by_title(known.lines).items()]


class OnAccount(Protocol):
    """A line of a document: the account and the currency that it is in."""

    @property
    def account(self) -> str: ...

    @property
    def currency(self) -> str: ...


LineT = TypeVar("LineT", bound=OnAccount)


def by_title(lines: Iterable[LineT]) -> dict[str, list[LineT]]:
    """The lines by the name of their account, in order; of one that holds several currencies, by both."""
    accounts: dict[str, dict[str, list[LineT]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        accounts[line.account][line.currency].append(line)
    return {
        f"{account} · {currency}" if len(of) > 1 else account: some
        for account, of in sorted(accounts.items())
        for currency, some in sorted(of.items())
    }


@dataclass(slots=True)
class Found:
    """Takings by account and currency, and what payouts take out of each: of takings by name, of what was taken
    `before` the first day of the feed, and of what no taking stands for. `advances` are payouts made at once, which
    explain themselves: they stand as takings (minus) until a later payout takes them back."""

    takings: dict[tuple[str, str], list[Taking]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    settles: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    others: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    before: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    payouts: dict[str, Fact] = field(default_factory=dict)
    advances: dict[tuple[str, str], list[Taking]] = field(default_factory=lambda: defaultdict(list))


def _sorted_out(known: Known, accounts: frozenset[str]) -> Found:
    found, places, early = Found(), _Places(known, accounts), _early(known)
    takes = [fact for fact in known.facts if not isinstance(fact.about, Payout | PayoutEntry | Settlement)]
    for fact in takes if known.rules.role != "payouts only" else []:
        for account, amount in places.effects(fact).items() if _id(fact) not in early else ():
            name = _name(fact)
            found.names[_id(fact)] = name
            found.takings[account, fact.currency].append(_taking(known, fact, name, amount, places.kind(fact)))
    paid = [fact for fact in known.facts if known.rules.role != "sales only" and period_name(fact) not in early]
    ahead = advances(paid, known.rules)
    for fact in ahead:
        for account, amount in places.effects(fact).items():
            taking = _taking(known, fact, f"instant payout {fact.source_id}", amount, "card")
            found.takings[account, fact.currency].append(taking)
            found.advances[account, fact.currency].append(taking)
    told = {fact.source_id for fact in ahead}
    for fact in paid:
        if isinstance(fact.about, Payout):
            if fact.source_id in told:
                continue
            found.payouts[period_name(fact)] = fact
        if isinstance(fact.about, Payout | PayoutEntry):
            _take(found, fact, places.effects(fact), early)
    return found


def _early(known: Known) -> set[str]:
    """Takings and payouts, by id and period, that were booked by the method before the first day of the feed."""
    is_early = known.rules.is_before_start
    found = {_id(fact) for fact in known.facts if is_early(fact.business_day)}
    arrived = (fact for fact in known.facts if isinstance(fact.about, Payout) and is_early(fact.about.arrives_on))
    return found | {period_name(fact) for fact in arrived}


def _take(found: Found, fact: Fact, effects: Mapping[str, int], early: Container[str]) -> None:
    """What an entry, or a payout without entries, takes out of each account."""
    settles = fact.about.settles if isinstance(fact.about, PayoutEntry) else ""
    for account, amount in effects.items():
        of = (period_name(fact), account)
        advance = "" if settles else taken_back(found.advances[account, fact.currency], amount)
        if advance:
            found.settles[of][advance] = -amount
        elif settles in early:
            found.before[of] -= amount
        elif settles:
            name = found.names.get(settles, settles)
            found.settles[of][name] = found.settles[of].get(name, 0) - amount
        else:
            found.others[of] -= amount


def _taking(known: Known, fact: Fact, name: str, amount: int, kind: TakingKind) -> Taking:
    return Taking(
        name=name,
        day=fact.business_day,
        amount=amount,
        period=period_name(fact),
        kind=kind,
        is_changed=(fact.stream, fact.source_id) in known.changed,
    )


def _id(fact: Fact) -> str:
    match fact.about:
        case Tender(tender_id=name) | Refund(refund_id=name) | Receipt(receipt_id=name) | Charge(charge_id=name):
            return name
        case _:
            return fact.source_id


def _name(fact: Fact) -> str:
    return f"{fact.stream.removesuffix('s')} {_id(fact)}"


class _Places:
    """Which accounts a fact's movements stand on: where the documents of its period placed them, else where the newest
    document placed their like; before anything like them was placed, where the map sends them."""

    def __init__(self, known: Known, accounts: frozenset[str]) -> None:
        self._known, self._accounts = known, accounts
        self._homes: dict[tuple[str, str, str, str], str] = {}
        self._counters: dict[str, str] = {}
        self._by_map: dict[tuple[str, str], str] = {}
        for home in known.homes:
            for period, location in ((home.period, home.location), ("", home.location), ("", "")):
                self._homes[period, home.kind, home.code, location] = home.account

    def effects(self, fact: Fact) -> dict[str, int]:
        """What the fact does to each of the accounts, debit positive."""
        sums: dict[str, int] = defaultdict(int)
        for bucket in fact.buckets:
            rule = self._known.rules.defaults.rule(bucket.key.kind, bucket.key.code)
            amount = bucket.amount if rule and rule.side == "debit" else -bucket.amount
            sums[self._home(fact, bucket)] += amount
            if rule and rule.counter:
                sums[self._counter(rule.counter)] -= amount
        return {account: amount for account, amount in sums.items() if account in self._accounts and amount}

    def kind(self, fact: Fact) -> TakingKind:
        slots = {rule.slot for b in fact.buckets if (rule := self._known.rules.defaults.rule(b.key.kind, b.key.code))}
        if any(slot.startswith("clearing.") and slot != "clearing.card" for slot in slots):
            return "cash"  # cheques and the like are taken to the bank as well
        if "reserve" in slots:
            return "reserve"
        return "dispute" if "disputes" in slots else "card"

    def _home(self, fact: Fact, bucket: Bucket) -> str:
        key = bucket.key
        tries = ((period_name(fact), key.location), ("", key.location), ("", ""))
        found = (self._homes.get((period, key.kind, key.code, location)) for period, location in tries)
        return next((account for account in found if account), "") or self._mapped(bucket)

    def _mapped(self, bucket: Bucket) -> str:
        key = (bucket.key.kind, bucket.key.code)
        if key not in self._by_map:
            placed = place(bucket, self._known.rules, {})
            self._by_map[key] = "" if isinstance(placed, Missing) else placed.account
        return self._by_map[key]

    def _counter(self, slot: str) -> str:
        if slot not in self._counters:
            placed = slot_account(slot, self._known.rules, {})
            self._counters[slot] = "" if isinstance(placed, Missing) else placed.account or placed.number
        return self._counters[slot]


def _account(known: Known, found: Found, title: str, lines: Sequence[PostedLine]) -> Account:
    name, only = lines[0].account, lines[0].currency if title != lines[0].account else ""
    takings = [each for of, some in found.takings.items() if of[0] == name and only in ("", of[1]) for each in some]
    at_bank = booked_by_matches(lines, known.matched, takings, _coded(known, name, takings if only else None))
    marketplace = settled_by_marketplace(known.facts, lines, known.rules, known.booked)
    brought = [*_brought(found, name, only), *marketplace.brought]
    opened = settled_openings([_opening(line) for line in lines if line.kind == "opening"], brought)
    takes = [*_payouts(known, found, name, only), *marketplace.payouts]
    payouts = at_bank.banked([replace(each, settles={**each.settles, **opened.settles[each.name]}) for each in takes])
    theirs = {each.name: account for (account, _), of in found.takings.items() if account != name for each in of}
    return Account(
        name=title,
        currency=lines[0].currency,
        opening=opened.items,
        postings=[
            _posting(line, at_bank.of(line, payouts) or marketplace.of(line))
            for line in lines
            if line.kind != "opening"
        ],
        takings=[*takings, *marketplace.takings],
        payouts=payouts,
        deposits=list(_deposits(known, {each.name for each in payouts if not each.is_booked})),
        waiting=[Waiting(of=period, reason=reason) for period, reason in known.waiting],
        edits=list(_edits(lines)),
        elsewhere=theirs,
    )


def _coded(known: Known, account: str, takings: Sequence[Taking] | None) -> list[Banked] | None:
    """The matched items of the account where the bookkeeper codes the bank's lines; where takings are given, theirs."""
    if not known.is_coded:
        return None
    periods = None if takings is None else {each.period for each in takings}
    items = ((each, takings_of(each.item)) for each in known.banked)
    return [each for each, (of, period) in items if of == account and (periods is None or period in periods)]


def _brought(found: Found, account: str, only: str) -> Iterator[Brought]:
    for period, fact in sorted(found.payouts.items(), key=lambda each: (each[1].business_day, each[0])):
        amount = found.before.get((period, account), 0)
        if isinstance(fact.about, Payout) and amount and only in ("", fact.currency):
            yield Brought(payout=period, title=fact.about.payout_id, amount=amount)


def _payouts(known: Known, found: Found, account: str, only: str) -> Iterator[values.Payout]:
    for period, fact in found.payouts.items():
        of, payout = (period, account), fact.about
        is_here = any(of in each for each in (found.settles, found.others, found.before))
        if not isinstance(payout, Payout) or not is_here or only not in ("", fact.currency):
            continue
        back = payout.amount if payout.has_failed else 0
        yield values.Payout(
            name=period,
            sent=min(fact.business_day, payout.arrives_on),
            day=payout.arrives_on,
            settles=found.settles.get(of, {}),
            others=found.others.get(of, 0) - back,
            is_booked=known.rules.deposits == "connector" or payout.has_failed or period in known.booked,
            has_failed=payout.has_failed,
            title=f"payout {payout.payout_id}",
        )


def _deposits(known: Known, unbooked: set[str]) -> Iterator[Deposit]:
    """Matched bank lines that no document of ours books: the bookkeeper codes them."""
    for each in known.banked if known.is_coded else ():
        name = each.item.removeprefix(OF_FACTS)
        names = (each.item, f"payout|{name}", f"settlement|{name}|deposit")
        period = next((found for found in names if found in unbooked), "")
        if period:
            yield Deposit(payout=period, day=each.day, amount=each.amount, is_exchanged=each.is_exchanged)


def _opening(line: PostedLine) -> Posting:
    """An opening item under the name that the cut-over gave it."""
    return replace(_posting(line, line.period), text=line.text or line.narration)


def _posting(line: PostedLine, of: str) -> Posting:
    return Posting(day=line.day, amount=line.amount, of=of, mark=line.mark, text=line.narration)


def _edits(lines: Iterable[PostedLine]) -> Iterator[Edit]:
    for line in lines:
        kinds = set(line.drift.split())
        if line.is_gone:
            yield Edit(mark=line.mark, day=line.day, amount=-line.amount, text="deleted in the books")
        elif kinds & MOVES_MONEY:
            yield Edit(mark=line.mark, day=line.day, amount=None, text="changed in the books")
