"""The smallest worlds in which a check of the auditor has something to say, and what becomes of them.

A world is a shop with its map and its books; what its facts call for goes through the gate and is posted into books of
a stand-in, so that a document is either held with a reason or really there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import cast

from connector.domain.account_map import AccountMap, Coverage, Placement
from connector.domain.books import Account, AccountType, Books, TaxRate
from connector.domain.facts import BucketKey, Fact, Movement, gather
from connector.domain.finding import Finding, Proposal
from connector.domain.map_change import changed
from connector.domain.payouts import Payout, PayoutEntry
from connector.domain.registration import REGISTERED, Registration
from connector.domain.sales import Receipt
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.uses import payouts_of, takings_of, uses_of
from connector.mapping.checks.values import Deposit, Neighbour, Posted
from connector.mapping.documents import documents
from connector.mapping.policies import broken_by_documents, read_policies
from connector.mapping.rules import FeedRole, Rules
from connector.sources.registry import source
from connector.sync.accounts import missing_for
from connector.sync.gate import gate_of
from tests.stories.books import BooksAtHand

TODAY = date(2026, 11, 21)
FIRST, YESTERDAY = TODAY - timedelta(days=60), TODAY - timedelta(days=1)
_KINDS: Mapping[str, str] = {"current_asset": "Other Current Asset", "bank": "Bank", "income": "Income",
                             "current_liability": "Other Current Liability", "expense": "Expense"}  # fmt: skip
Piece = tuple[str, str, int] | tuple[str, str, int, str, str]  # kind, code, amount; and tax code and parent


def account(name: str, type_: AccountType = "income", number: str = "", **more: object) -> Account:
    made = Account(account_id=f"id {name}", name=name, number=number, type=type_, kind=_KINDS.get(type_, type_),
                   takes_payments=type_ in ("bank", "current_asset"))  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


ACCOUNTS = (
    account("Checking", "bank"),
    account("Square Sales", "income", "SQ-2000"),
    account("Square Fees", "expense", "SQ-3000"),
    account("Square Tax on Fees", "expense", "SQ-3009"),
    account("Square Balance", "current_asset", "SQ-6000"),
    account("Square Cash Clearing", "current_asset", "SQ-6001"),
    account("Square Other Payments Clearing", "current_asset", "SQ-6002"),
    account("Square Tips", "current_liability", "SQ-8000"),
    account("Square Gift Cards", "current_liability", "SQ-8001"),
    account("Square Sales Tax Collected", "current_liability", "SQ-8002"),
)
VAT20 = TaxRate(code="OUTPUT2", name="20% (VAT on Income)", percent="20")
VAT5 = TaxRate(code="RROUTPUT", name="5% (VAT on Income)", percent="5")
IN_US = Books(name="Main Street", country="US", currency="USD", accounts=ACCOUNTS,
              tracking=(("Location", "Main St", "t1"),))  # fmt: skip
IN_GB = replace(IN_US, country="GB", currency="GBP", tax_rates=(VAT20, VAT5), names=(("Square", "c1"),))
_DAY: tuple[Piece, ...] = (
    ("sale", "Food", 300_00), ("tax", "Sales Tax", 24_00, "", "sale|Food"), ("tip", "", 15_00),
    ("tender", "CARD", 289_00), ("tender", "CASH", 50_00),
)  # fmt: skip
_DAY_IN_GB: tuple[Piece, ...] = (
    ("sale", "Food", 300_00, "VAT 20%", ""), ("tax", "VAT 20%", 60_00, "VAT 20%", "sale|Food"),
    ("tender", "CARD", 360_00),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class World:
    """A shop of Square: two days with sales, sixty days apart, and a payout yesterday; everything else as well kept."""

    books: Books = IN_US
    account_map: AccountMap = field(default_factory=lambda: mapped())
    more: tuple[tuple[date, tuple[Piece, ...]], ...] = ()
    first_day: tuple[Piece, ...] | None = None
    earlier: tuple[Books, ...] = ()
    posted: tuple[Posted, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    policies: str = ""
    role: FeedRole = "sales and payouts"
    registration: Registration = REGISTERED
    location: str = "L1"
    categories: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Piece, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        usual = _DAY if self.books.country == "US" else _DAY_IN_GB
        days = ((FIRST, usual if self.first_day is None else self.first_day), (YESTERDAY, usual), *self.more)
        receipts = [self._receipt(n, day, pieces) for n, (day, pieces) in enumerate(days) if pieces]
        return (*receipts, *self._payout())

    @property
    def rules(self) -> Rules:
        return Rules(
            defaults=source("square").defaults,
            account_map=self.account_map,
            organisation="Main Street",
            connection="test",
            account="M1",
            country=self.books.country,
            out_of_scope="" if self.books.country == "US" else "NONE",
            role=self.role,
            registration=self.registration,
            categories=self.categories,
            accounts=self.books if self.account_map.coverage else None,
        )

    @property
    def values(self) -> Audit:
        return Audit(
            feed="shop",
            today=TODAY,
            rules=self.rules,
            books=self.books,
            uses=uses_of(self.facts, self.rules),
            earlier=self.earlier,
            posted=self.posted,
            percents={rate.code: Decimal(rate.percent) for rate in self.books.tax_rates if rate.percent},
            takings=takings_of(self.facts),
            neighbours=self.neighbours,
            payouts=payouts_of(self.facts, self.role),
            deposits=self.deposits,
        )

    def _receipt(self, n: int, day: date, pieces: tuple[Piece, ...]) -> Fact:
        return self._fact("receipts", f"R{n}", day, Receipt(receipt_id=f"R{n}"), pieces)

    def _payout(self) -> tuple[Fact, ...]:
        entries: tuple[Piece, ...] = (("entry", "CHARGE", 250_00), ("entry_fee", "CHARGE", -6_00), *self.entries)
        net = sum(piece[2] for piece in entries)
        about = Payout(payout_id="po_1", amount=net, arrives_on=YESTERDAY, is_explained=True)
        entry = PayoutEntry(payout_id="po_1", entry_id="E1", gross=net + 6_00, fee=6_00, net=net)
        return (
            self._fact("payouts", "po_1", YESTERDAY, about, ()),
            self._fact("payout_entries", "E1", YESTERDAY, entry, entries),
        )

    def _fact(self, stream: str, name: str, day: date, about: object, pieces: tuple[Piece, ...]) -> Fact:
        buckets, vector = gather(
            Movement(
                key=BucketKey(
                    kind=kind, code=code, currency=self.books.currency, period=day.isoformat(), location=self.location,
                    tax_code=rest[0] if rest else "", parent=rest[1] if rest else "",
                ),
                amount=amount,
            )
            for kind, code, amount, *rest in pieces
        )  # fmt: skip
        return Fact(stream=stream, source_id=name, about=about, location=self.location,  # type: ignore[arg-type]
                    occurred_at=datetime(day.year, day.month, day.day, 17, tzinfo=UTC), business_day=day,
                    currency=self.books.currency, buckets=buckets, vector=vector)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run makes of a world: what is found; and by period what waits with its reason, what is in the books, and
    what is left to another feed."""

    findings: tuple[Finding, ...]
    held: Mapping[str, str]
    in_books: frozenset[str]
    elsewhere: frozenset[str]

    def finding(self, code: str) -> Finding:
        """The one finding of that code."""
        (found,) = [each for each in self.findings if each.code == code]
        return found


def run(world: World, at: BooksAtHand) -> Outcome:
    """Audits the world and journalizes it; what nothing speaks against is posted."""
    at.become(world.books)
    policies = read_policies(world.policies) if world.policies else ()
    made, gate = documents(world.facts, world.rules), gate_of(world.values, policies, world.books)
    held, posted = {each.period: each.code for each in made.held}, set()
    for document in made.documents:
        barred = gate.bar(document)
        reason = barred.code if barred else at.post(document)
        if reason:
            held[document.period] = reason
        else:
            posted.add(document.period)
    found = {each.finding_id: each for each in (*made.findings, *audit(world.values))}
    broken = broken_by_documents(policies, made.documents, world.books)
    left = frozenset(each.period for each in made.ignored)
    return Outcome(findings=(*found.values(), *broken), held=held, in_books=frozenset(posted), elsewhere=left)


def fixed(world: World, proposal: Proposal) -> World:
    """The world once the proposal is applied: decided in the map, accounts opened, the feed's role changed."""
    after = replace(world, account_map=changed(world.account_map, proposal.change))
    if proposal.role:
        after = replace(after, role=cast(FeedRole, proposal.role))
    if proposal.opens:
        wanted = missing_for(documents(after.facts, after.rules).documents, after.books, after.rules.defaults)
        opened = tuple(account(each.name, each.type, each.number) for each in wanted)
        after = replace(after, books=replace(after.books, accounts=(*after.books.accounts, *opened)))
    return after


def mapped(
    slots: Mapping[str, Placement] | None = None,
    codes: Mapping[tuple[str, str], Placement] | None = None,
    **more: object,
) -> AccountMap:
    made = AccountMap(
        number=1, slots={"bank": Placement(account="Checking"), **(slots or {})}, codes=codes or {}, taxes=TAXES
    )
    return replace(made, **more)  # type: ignore[arg-type]


TAXES = {"VAT 20%": "OUTPUT2"}


def to(name: str, **more: str) -> Placement:
    return Placement(account=name, **more)  # type: ignore[arg-type]


def with_account(which: str, **changes: object) -> Callable[[World], World]:
    """The world with one account otherwise, as if it were changed in the books."""

    def change(world: World) -> World:
        accounts = tuple(
            replace(each, **changes) if each.name == which else each  # type: ignore[arg-type]
            for each in world.books.accounts
        )
        return replace(world, books=replace(world.books, accounts=accounts))

    return change


def without_account(which: str) -> Books:
    return replace(IN_US, accounts=tuple(each for each in ACCOUNTS if each.name != which))


def covered(**policies: Coverage) -> Mapping[str, Coverage]:
    return policies
