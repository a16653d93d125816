"""What the books say of themselves decides what is made for them: their basis, and the rights of whoever connected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import requests

from connector.store.feeds import feed, set_policy
from connector.store.findings import open_findings
from connector.store.ledger import shelves_of
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books, rules_of
from tests.sync.walking import connected, house, town, walked


def told(opened: House, name: str) -> list[str]:
    with opened.database.transaction() as tx:
        return [finding.code for finding in open_findings(tx, feed(tx, name).id)]


def set_at(base_url: str, **settings: object) -> None:
    requests.post(f"{base_url}/_sandbox/settings", json=settings, timeout=10).raise_for_status()


def test_books_on_cash_basis_are_not_accrued_into_and_that_is_said(tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as opened:
        connected(opened, here, "quickbooks")
        with opened.database.transaction() as tx:
            found = feed(tx, "amazon-quickbooks")
            set_policy(tx, found.id, "accrue")
            found = feed(tx, "amazon-quickbooks")
        for basis, accrues in (("Accrual", True), ("Cash", False)):
            set_at(here.quickbooks.base_url, report_basis=basis)
            chart, _ = read_books(opened, found, opened.books(found.target), afresh=True)
            with opened.database.transaction() as tx:
                assert (rules_of(tx, opened, found, chart).accrues_through is not None) == accrues
            journalize(opened, found)
            assert ("cash_basis" in told(opened, found.name)) == (not accrues)


def test_a_right_that_is_missing_holds_what_needs_it_and_it_goes_when_it_is_given(tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as opened:
        connected(opened, here, "xero")
        set_at(here.xero.base_url, denied_actions="CreateApprovedInvoice")
        walked(opened)
        with opened.database.transaction() as tx:
            found = feed(tx, "square-xero")
            held = [shelf for shelf, _ in shelves_of(tx, found.id) if shelf.code == "not_permitted"]
        assert held and {shelf.state for shelf in held} == {"held"}
        assert "may not approve invoices there" in held[0].detail
        set_at(here.xero.base_url, denied_actions="")
        tomorrow = opened.now() + timedelta(days=1, hours=1)
        later = replace(opened, now=lambda: tomorrow)
        journalize(later, found)
        with opened.database.transaction() as tx:
            assert not [shelf for shelf, _ in shelves_of(tx, found.id) if shelf.code == "not_permitted"]
