"""A payout that somebody booked as income is found, with what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import requests

from connector.domain.finding import Finding
from connector.settings import Settings
from connector.store.feeds import connection
from connector.sync.audit import audit
from connector.sync.house import House
from tests.opened import house as open_house
from tests.sync.test_gate import ready_to_post, run
from tests.sync.walking import REALM, house, town

SPRING = datetime(2026, 3, 20, 12, tzinfo=UTC)


def booked_as_income(opened: House, base_url: str, token: str, amount: str) -> None:
    """The bookkeeper takes a line of the bank feed for a sale."""
    with opened.database.transaction() as tx:
        books = connection(tx, "quickbooks")
    chart = opened.books(books).books()
    ends = (("Debit", "Checking"), ("Credit", "Square Sales"))
    lines = []
    for side, name in ends:
        account = chart.account(name)
        assert account is not None
        detail = {"PostingType": side, "AccountRef": {"value": account.account_id}}
        lines.append(
            {"Amount": float(amount), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
        )
    address = f"{base_url}/v3/company/{REALM}/journalentry"
    answer = requests.post(
        address, json={"TxnDate": "2026-03-18", "Line": lines}, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    answer.raise_for_status()


def elsewhere(opened: House) -> list[Finding]:
    found = [kept.finding for each in audit(opened) for kept in each.findings]
    return [each for each in found if each.code == "deposit_coded_elsewhere"]


def test_a_payout_booked_as_income_is_found_and_our_own_is_not(tmp_path: Path) -> None:
    with town(tmp_path) as at:
        with house(tmp_path) as opened:
            ready_to_post(opened, at)
            run(opened)
        with open_house(Settings(home=tmp_path / "data", settle_seconds=0), lambda: SPRING) as opened:
            assert elsewhere(opened) == []
            booked_as_income(opened, at.quickbooks.base_url, at.personal_token("quickbooks"), "269.93")
            (found,) = elsewhere(opened)
        assert (found.subject, found.amount, found.currency) == ("po_main_000003", 269_93, "USD")
        assert "stands on Square Sales since 2026-03-18" in found.message
        assert found.fix.startswith("Recode the deposit to Square Balance in the books.")
