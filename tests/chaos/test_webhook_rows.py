"""The fault matrix, what webhooks lose: each look at the books reads on from the last one, whatever was told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.domain.webhook import Delivery
from connector.sandbox.webhooks import xero
from connector.sandbox.xero.organisation import TENANT
from connector.store import outbox
from connector.store.connection_findings import connection_findings
from connector.store.schedules import due_streams
from connector.sync.drift import look
from connector.sync.webhooks import receive
from tests.chaos.world import World, feed_of, target_of, world

SECRET = "signs-webhooks"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    with world("xero", tmp_path, "posted") as made:
        yield made


def hears(made: World, first: int) -> str:
    """Xero delivers one event, of that number; what became of it."""
    at = made.clock().strftime("%Y-%m-%dT%H:%M:%S.000")
    sent = xero(SECRET, tenants=[TENANT], at=at, first=first)
    with made.house() as house:
        given = Delivery(headers=sent.headers, body=sent.body, secrets=(SECRET,), url="")
        return receive(house, "xero", given)


def looks(made: World) -> tuple[set[str], list[str]]:
    """The next day's look: the marks that drifted, and what is told of the connection beside them."""
    made.passes(days=1)
    with made.house() as house:
        target = target_of(house)
        look(house, target)
        with house.database.transaction() as tx:
            drifted = {each.mark for each in outbox.in_books(tx, target.id) if each.state == "drifted"}
            told = [each.message for each in connection_findings(tx, target.id) if each.code == "webhook_silent"]
    return drifted, told


def invoices_moved(made: World, count: int) -> set[str]:
    """The bookkeeper gives some invoices another due date, and their lines another text and tax; their marks."""
    found = [each for each in made._control("documents") if each["kind"] == "Invoices"][:count]
    for each in found:
        held = made.by_hand("GET", f"/Invoices/{each['id']}")["Invoices"][0]
        for payment in held["Payments"]:
            made.by_hand("POST", f"/Payments/{payment['PaymentID']}", {"Payments": [{"Status": "DELETED"}]})
        made.by_hand("POST", f"/Invoices/{each['id']}", {"Invoices": [{"InvoiceID": each["id"], "Status": "VOIDED"}]})
    return {each["mark"] for each in found}


def test_row_84_events_that_were_lost_between_two_others_hide_no_change(shop: World) -> None:
    assert hears(shop, first=1) == "due"
    moved = invoices_moved(shop, 2)
    shop.passes(minutes=1)
    assert hears(shop, first=4) == "due", "two and three were lost on the way"
    with shop.house() as house, house.database.transaction() as tx:
        assert {each.stream for each in due_streams(tx, 9)} == {"changes"}
    drifted, _ = looks(shop)
    assert moved <= drifted


def test_row_85_a_webhook_that_was_switched_off_is_told_and_the_daily_look_misses_nothing(shop: World) -> None:
    assert hears(shop, first=1) == "due"
    assert looks(shop) == (set(), [])
    shop.shop_changes()
    shop.run()
    moved = invoices_moved(shop, 1)
    drifted, (told,) = looks(shop)
    assert moved <= drifted
    assert "has sent no webhook since 2026-03" in told
    hears(shop, first=9)
    with shop.house() as house:
        assert feed_of(house).target.state == "active"
    assert looks(shop)[1] == [], "heard again"
