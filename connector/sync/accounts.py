"""The accounts that a feed's documents name and its books lack; created as proposed, on consent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from connector.domain.books import Books
from connector.domain.defaults import SlotAccount, SourceDefaults
from connector.domain.document import Document, Line
from connector.domain.keys import contact_name
from connector.mapping.documents import documents
from connector.store import facts as stored
from connector.store.feeds import Feed
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of
from connector.targets.contract import OpenBooks

FORMS = ("invoice", "receipt", "bill")  # what names items and persons beside accounts
NEVER_ITEMS = ("clearing", "carry", "bank")
FIRST_FREE = 6100  # numbers for accounts that come without one begin here


def missing_accounts(house: House, feed: Feed) -> list[SlotAccount]:
    """Proposed accounts that documents of the facts at hand need and the books do not have.

    An account that the bookkeeper named is not proposed: naming one that does not exist is a mistake to be shown."""
    chart, _ = read_books(house, feed, house.books(feed.target), afresh=True)
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
        made = documents(stored.facts(tx, feed.source.id), rules)
    return missing_for(made.documents, chart, rules.defaults)


def open_accounts(house: House, feed: Feed, *, only: Collection[str] | None = None) -> list[SlotAccount]:
    """Creates the missing accounts (of `only` these names) in the books and reads the books again; gives what was
    created."""
    wanted = [account for account in missing_accounts(house, feed) if only is None or account.name in only]
    opened = house.books(feed.target)
    for account in wanted:
        opened.open_account(account)
    chart, _ = read_books(house, feed, opened, afresh=bool(wanted))
    open_items(house, feed, opened, chart)
    return wanted


def open_items(house: House, feed: Feed, opened: OpenBooks, chart: Books) -> None:
    """Wraps the accounts that documents name into items, where the feed writes forms that know items only."""
    if feed.document_kind not in FORMS and feed.payout_kind not in FORMS:
        return
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
        made = documents(stored.facts(tx, feed.source.id), rules)
    lines = (line for document in made.documents for line in document.lines if line.role not in NEVER_ITEMS)
    named = {found.account_id: found for line in lines if (found := chart.account(line.account, line.number))}
    opened.open_items(contact_name(feed.source.provider), list(named.values()))
    read_books(house, feed, opened, afresh=True)


def missing_for(made: Iterable[Document], chart: Books, defaults: SourceDefaults) -> list[SlotAccount]:
    """The proposed accounts that these documents name and the chart lacks."""
    wanted: dict[str, SlotAccount] = {}
    for line in (line for document in made for line in document.lines):
        proposal = _proposal(line, defaults)
        if proposal and not chart.account(line.account, line.number):
            wanted.setdefault(line.account, _named(proposal, line))
    in_order = [wanted[name] for name in sorted(wanted, key=lambda name: (wanted[name].number, name))]
    return _numbered(in_order, chart, defaults.prefix)


def _proposal(line: Line, defaults: SourceDefaults) -> SlotAccount | None:
    """The proposal that a line's account came from: by its number, else by the pattern of its name."""
    for account in defaults.accounts.values():
        number = account.number.partition("{")[0]
        if number and line.number.startswith(number) and _fits(account.name, line.account):
            return account
    unnumbered = (account for account in defaults.accounts.values() if not account.number and not line.number)
    return next((account for account in unnumbered if _fits(account.name, line.account)), None)


def _fits(pattern: str, name: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(pattern)), name) is not None


def _named(proposal: SlotAccount, line: Line) -> SlotAccount:
    return SlotAccount(slot=proposal.slot, name=line.account, number=line.number, type=proposal.type)


def _numbered(wanted: Sequence[SlotAccount], chart: Books, prefix: str) -> list[SlotAccount]:
    """An account that came without a number, such as one for a tender of the owner's own, gets the next free one."""
    taken = {account.number for account in chart.accounts}
    free = (number for n in range(FIRST_FREE, FIRST_FREE + 900) if (number := f"{prefix}-{n}") not in taken)
    return [account if account.number else replace(account, number=next(free)) for account in wanted]
