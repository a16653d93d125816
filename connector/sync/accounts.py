"""The accounts that a feed's documents name and its books lack; created as proposed, on consent."""

from __future__ import annotations

from connector.domain.books import Books
from connector.domain.defaults import SlotAccount, SourceDefaults
from connector.domain.document import Document, Line
from connector.mapping.documents import documents
from connector.store import facts as stored
from connector.store.feeds import Feed
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of

PATTERN = len("AM-6000")  # a number may end in the site it is for, such as AM-6000CA


def missing_accounts(house: House, feed: Feed) -> list[SlotAccount]:
    """Proposed accounts that documents of the facts at hand need and the books do not have.

    An account that the bookkeeper named is not proposed: naming one that does not exist is a mistake to be shown."""
    chart, _ = read_books(house, feed, house.books(feed.target), afresh=True)
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
        made = documents(stored.facts(tx, feed.source.id), rules)
    return _missing(made.documents, chart, rules.defaults)


def open_accounts(house: House, feed: Feed) -> list[SlotAccount]:
    """Creates the missing accounts in the books and reads the books again; gives what was created."""
    wanted = missing_accounts(house, feed)
    opened = house.books(feed.target)
    for account in wanted:
        opened.open_account(account)
    if wanted:
        read_books(house, feed, opened, afresh=True)
    return wanted


def _missing(made: tuple[Document, ...], chart: Books, defaults: SourceDefaults) -> list[SlotAccount]:
    proposals = {account.number.partition("{")[0]: account for account in defaults.accounts.values()}
    wanted: dict[str, SlotAccount] = {}
    for line in (line for document in made for line in document.lines):
        proposal = proposals.get(line.number) or proposals.get(line.number[:PATTERN])
        if proposal is None or chart.account(line.account, line.number):
            continue
        wanted.setdefault(line.account, _named(proposal, line))
    return [wanted[name] for name in sorted(wanted, key=lambda name: (wanted[name].number, name))]


def _named(proposal: SlotAccount, line: Line) -> SlotAccount:
    return SlotAccount(slot=proposal.slot, name=line.account, number=line.number, type=proposal.type)
