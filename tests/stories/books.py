"""The books of a story: a stand-in in this process, reached through the real adapter, and what it must hold by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.domain.books import Books
from connector.domain.defaults import SourceDefaults
from connector.domain.document import Document
from connector.domain.keys import contact_name, posting_key
from connector.errors import NeedsMapping
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.xero.organisation import TENANT
from connector.sync.accounts import missing_for
from connector.targets.contract import OpenBooks, Outgoing, Receipt
from connector.targets.registry import target
from connector.transport.access import Access
from tests.quick import quick_town
from tests.stories.chart import Chart, InQuickBooks, InXero, Keeper

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class BooksAtHand:
    """Books that are open. `sums` is what our documents put on each account, `marks` what they are called there."""

    opened: OpenBooks
    keeper: Keeper
    chart: Chart
    read: Books
    world: Books | None = None
    sums: Counter[str] = field(default_factory=Counter)
    marks: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def become(self, world: Books) -> None:
        """Somebody changes the chart by hand until it is that of a world; it is read anew."""
        if world != self.world:
            self.chart.become(world)
            self.world, self.read = world, self.opened.books()

    def open_missing(self, made: Sequence[Document], defaults: SourceDefaults) -> None:
        for wanted in missing_for(made, self.read, defaults):
            self.opened.open_account(wanted)
        self.read = self.opened.books()

    def post(self, document: Document) -> str:
        """Why the document waits; empty where it is in the books, once. They must not refuse what nothing held."""
        try:
            rendered = self.opened.render(document, self.read)
        except NeedsMapping:
            return "unmapped_in_books"
        if document.key not in self.keys:
            sent = [Outgoing(rendered=each, key=_key(document, each.part)) for each in rendered]
            for outcome in self.opened.post(sent):
                assert isinstance(outcome, Receipt) and not outcome.differences, outcome
            self.keys.add(document.key)
            self.marks |= {each.mark for each in rendered}
            for line in document.lines:
                self.sums[line.account] += line.amount - line.tax
                self.sums["VAT"] += line.tax
        return ""

    def require_agreement(self) -> None:
        """The books hold each of our records under its mark and nothing else, and every account stands at our sums."""
        there, balances = self.keeper.told()
        assert len(there) == len(self.marks) and all(any(mark in each for each in there) for mark in self.marks)
        assert balances == {name: amount for name, amount in self.sums.items() if amount}


@contextmanager
def books_at_hand(country: str) -> Iterator[BooksAtHand]:
    """QuickBooks for the United States, Xero elsewhere, with nothing in it."""
    provider, account = ("quickbooks", REALM) if country == "US" else ("xero", TENANT)
    with quick_town(lambda: NOON, country=country) as town:
        at, token = town.houses[provider], town.personal_token(provider)
        keeper = InQuickBooks(at, lambda: NOON) if country == "US" else InXero(at, lambda: NOON)
        opening = target(provider).open
        assert opening is not None
        opened = opening(Access(base_url=at.base_url, external_id=account, token=lambda: token, now=lambda: NOON))
        opened.open_contact(contact_name("square"))
        yield BooksAtHand(opened=opened, keeper=keeper, chart=Chart(keeper=keeper), read=opened.books())


def _key(document: Document, part: str) -> str:
    return posting_key(organisation="Main Street", connection="test", key=f"{document.key}|{part}",
                       version=document.version, digest="", epoch=1)  # fmt: skip
