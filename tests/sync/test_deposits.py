"""A deposit that the bookkeeper booked already is not booked a second time."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from connector.errors import Unreadable
from connector.store import outbox
from connector.store.feeds import connection, feed
from connector.store.ledger import documents_of
from connector.store.outbox import Posting
from connector.sync.accounts import open_accounts
from connector.sync.deposits import adopt_deposit
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post, post_again
from connector.sync.pull import pull_file
from tests.sync.walking import REALM, SETTLEMENT, balances_in, connected, house, town

AMOUNT = "47563.02"


def journalized(ready: House) -> None:
    with ready.database.transaction() as tx:
        amazon, found = connection(tx, "amazon"), feed(tx, "amazon-quickbooks")
    pull_file(ready, amazon, SETTLEMENT)
    open_accounts(ready, found)
    journalize(ready, found)


def booked_by_hand(ready: House, base_url: str, token: str) -> str:
    """The bookkeeper's own transfer from clearing to the bank, a day later; gives its number."""
    with ready.database.transaction() as tx:
        books = connection(tx, "quickbooks")
    chart = ready.books(books).books()
    bank, clearing = chart.account("Checking"), chart.account("Amazon.com Clearing")
    assert bank is not None and clearing is not None
    body = {
        "TxnDate": "2026-05-05",
        "Amount": float(AMOUNT),
        "FromAccountRef": {"value": clearing.account_id},
        "ToAccountRef": {"value": bank.account_id},
    }
    address = f"{base_url}/v3/company/{REALM}/transfer"
    answer = requests.post(address, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["Transfer"]["Id"])


def transfer_of(ready: House) -> Posting:
    with ready.database.transaction() as tx:
        marks = [row.mark for row in documents_of(tx, feed(tx, "amazon-quickbooks").id) if row.kind == "transfer"]
        found = outbox.by_mark(tx, marks[0])
    assert found is not None
    return found


@pytest.mark.parametrize("decision", ["adopt", "beside"])
def test_a_deposit_of_another_hand_is_found_before_ours_is_written(decision: str, tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as ready:
        connected(ready, here, "quickbooks")
        journalized(ready)
        theirs = booked_by_hand(ready, here.quickbooks.base_url, here.personal_token("quickbooks"))
        with ready.database.transaction() as tx:
            target, found = connection(tx, "quickbooks"), feed(tx, "amazon-quickbooks")
        assert post(ready, target).rejected == 1
        waiting = transfer_of(ready)
        assert waiting.state == "rejected"
        assert f"(Transfer {theirs}), by another hand" in waiting.reason and "connector adopt" in waiting.reason
        balances = balances_in(here.quickbooks.base_url)
        assert balances["Checking"] == 4_756_302 and balances.get("Amazon.com Clearing", 0) == 0
        if decision == "adopt":
            adopt_deposit(ready, waiting.mark, theirs, by="Ada")
            assert (transfer_of(ready).state, transfer_of(ready).target_id) == ("verified", theirs)
            assert post(ready, target).posted == 0
            assert balances_in(here.quickbooks.base_url) == balances
        else:
            assert post_again(ready, found) == 1
            assert post(ready, target).posted == 1
            assert balances_in(here.quickbooks.base_url)["Checking"] == 2 * 4_756_302


def test_a_document_that_does_not_wait_is_not_adopted(tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as ready:
        connected(ready, here, "quickbooks")
        journalized(ready)
        with ready.database.transaction() as tx:
            target = connection(tx, "quickbooks")
        assert post(ready, target).rejected == 0
        with pytest.raises(Unreadable, match="does not wait"):
            adopt_deposit(ready, transfer_of(ready).mark, "1", by="Ada")
