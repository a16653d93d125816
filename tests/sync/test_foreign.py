"""A settlement in another currency than the books': each document names the rate it went in at, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.domain.document import Document
from connector.sandbox.town import Town, open_town
from connector.store import outbox
from connector.store.account_maps import keep_map
from connector.store.connection_findings import connection_findings
from connector.store.feeds import Feed, feed
from connector.store.ledger import documents_of, read_document, shelves_of
from connector.sync.accounts import open_accounts
from connector.sync.drift import look, restore
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books
from connector.sync.post import Posted, post
from connector.sync.pull import pull_file
from connector.sync.undo import chosen, undo
from tests.sync.test_bank import FOREIGN
from tests.sync.walking import NOW, balances_in, connected, house

NO_TAX = {"quickbooks": "Exempt", "xero": "NONE"}
OWN = {"quickbooks": "0.787402", "xero": "0.787401574803"}


@contextmanager
def british(folder: Path, target: str, exchange: str = "") -> Iterator[tuple[House, Town, Feed]]:
    """Books in pounds that know dollars, and a feed of Amazon.com's dollars into them."""
    (folder / "sandbox").mkdir()
    with open_town(folder / "sandbox", clock=lambda: NOW, country="GB") as here, house(folder) as ready:
        connected(ready, here, target)
        code = NO_TAX[target]
        slots = f"slots: {{bank: Checking, referral_fees: {{tax_code: {code}}}}}\ntaxes: {{none: {code}}}\n"
        with ready.database.transaction() as tx:
            found = feed(tx, f"amazon-{target}")
            keep_map(tx, found.id, slots + exchange)
        yield ready, here, found


def through(ready: House, found: Feed) -> Posted:
    pull_file(ready, found.source, FOREIGN)
    open_accounts(ready, found)
    journalize(ready, found)
    return post(ready, found.target)


def documents(ready: House, found: Feed) -> list[Document]:
    with ready.database.transaction() as tx:
        return [read_document(tx, row) for row in documents_of(tx, found.id)]


def shelved(ready: House, found: Feed) -> set[str]:
    with ready.database.transaction() as tx:
        return {shelf.code for shelf, _ in shelves_of(tx, found.id)}


def edit_rate(here: Town, target: str, identity: str, rate: Decimal) -> None:
    """A person changes at which rate a deposit was converted."""
    shelf = here.xero.shelf if target == "xero" else here.quickbooks.shelf
    kind, field = {"quickbooks": ("JournalEntry", "ExchangeRate"), "xero": ("BankTransactions", "CurrencyRate")}[target]
    body = shelf.get(kind, identity)
    assert body
    later = (NOW + timedelta(hours=2)).isoformat()
    touched = {"SyncToken": "1", "MetaData": {"CreateTime": later, "LastUpdatedTime": later}}
    stamp = {"UpdatedDateUTC": f"/Date({int((NOW + timedelta(hours=2)).timestamp())}000+0000)/"}
    shelf.put(kind, identity, {**body, field: rate, **(stamp if target == "xero" else touched)})


@pytest.mark.parametrize("target", ["quickbooks", "xero"])
def test_the_books_own_rate_stands_on_each_document_and_they_are_held_to_it(target: str, tmp_path: Path) -> None:
    with british(tmp_path, target) as (ready, here, found):
        assert through(ready, found) == Posted() and shelved(ready, found) == {"currency_not_in_books"}
        here.open_currencies("USD")
        read_books(ready, found, ready.books(found.target), afresh=True)
        journalize(ready, found)
        done = post(ready, found.target)
        assert done.posted == done.verified > 0 and shelved(ready, found) == set()
        rates = {(document.currency, document.rate, document.rate_source) for document in documents(ready, found)}
        assert rates == {("USD", OWN[target], "the books")}
        deposit = documents(ready, found)[-1]
        with ready.database.transaction() as tx:
            posting = outbox.by_mark(tx, deposit.mark)
        assert posting and posting.rate == OWN[target]
        edit_rate(here, target, posting.target_id, Decimal("0.5"))
        looked = look(ready, found.target, at_once=True)
        assert looked and looked.drifted == 1
        with ready.database.transaction() as tx:
            (told,) = [each.message for each in connection_findings(tx, found.target.id)]
        assert "rate" in told and "0.5" in told
        restore(ready, deposit.mark, by="Ada")
        with ready.database.transaction() as tx:
            again = outbox.by_mark(tx, deposit.mark)
        assert again and again.state == "verified"
        with ready.database.transaction() as tx:
            rows = chosen(tx, found, [deposit.mark])
        undo(ready, found, rows, by="Ada")
        post(ready, found.target)
        assert documents(ready, found)[-1].rate == OWN[target]
        assert "Checking" not in balances_in((here.xero if target == "xero" else here.quickbooks).base_url)


def test_a_typed_rate_goes_with_a_foreign_document_and_a_day_without_one_waits(tmp_path: Path) -> None:
    typed = 'exchange: {home: GBP, clearing: foreign, source: central bank, rates: {USD: {2026-04-29: "0.7800"}}}\n'
    with british(tmp_path, "quickbooks", typed) as (ready, here, found):
        here.open_currencies("USD")
        done = through(ready, found)
        assert done.posted == done.verified == 1 and shelved(ready, found) == {"missing_rate"}
        told = [(each.currency, each.rate, each.rate_source) for each in documents(ready, found)]
        assert told == [("USD", "0.7800", "central bank")]
        assert balances_in(here.quickbooks.base_url)["Checking"] == 584_20  # 748.97 at 0.78
