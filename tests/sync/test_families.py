"""What sales and payouts become in the books is the owner's choice for a feed; the money comes out the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.store.feeds import connection, feed, set_choice
from connector.store.ledger import shelves_of, unconserved
from connector.sync.accounts import open_accounts
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from tests.sync.walking import balances_in, connected, documents_in, house, town


def posted(ready: House, target: str, choices: dict[str, str]) -> None:
    name = f"square-{target}"
    with ready.database.transaction() as tx:
        square = connection(tx, "square")
        for choice, value in choices.items():
            set_choice(tx, feed(tx, name).id, choice, value)
    pull(ready, square)
    with ready.database.transaction() as tx:
        found = feed(tx, name)
    open_accounts(ready, found)
    journalize(ready, found)
    with ready.database.transaction() as tx:
        assert unconserved(tx, found.id) == []
        assert [shelf.detail for shelf, _ in shelves_of(tx, found.id) if shelf.code == "unmapped_in_books"] == []
    done = post(ready, found.target)
    assert (done.rejected, done.waiting, done.drifted) == (0, 0, 0) and done.posted == done.verified > 0


CHOICES = [
    ("quickbooks", {"document_kind": "invoice", "payout_kind": "deposit"}, {"Invoice", "Payment", "Deposit"}),
    ("quickbooks", {"document_kind": "receipt", "payout_kind": "transfer"}, {"SalesReceipt", "Transfer"}),
    ("quickbooks", {"document_kind": "journal", "payout_kind": "journal"}, {"JournalEntry"}),
    ("xero", {"document_kind": "journal"}, {"ManualJournals"}),
    ("xero", {"document_kind": "invoice"}, {"Invoices", "CreditNotes", "Payments"}),
]


@pytest.mark.parametrize(("target", "choices", "kinds"), CHOICES)
def test_a_weekend_goes_in_as_its_owner_chose_and_moves_the_same_money(
    target: str, choices: dict[str, str], kinds: set[str], tmp_path: Path
) -> None:
    balances = []
    for folder, chosen in (("usual", {}), ("chosen", choices)):
        (tmp_path / folder).mkdir()
        with town(tmp_path / folder) as here, house(tmp_path / folder) as ready:
            connected(ready, here, target)
            posted(ready, target, chosen)
            books = here.xero if target == "xero" else here.quickbooks
            balances.append(balances_in(books.base_url))
            there = {kind for kind, _, _ in documents_in(books.base_url)}
    assert kinds <= there
    assert balances[0] == balances[1]
