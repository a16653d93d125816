"""A month of every source into QuickBooks, and a late change in a day that is in the books already."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from connector.sandbox.town import Town, open_town, shop_module
from connector.settings import Settings
from connector.sources.registry import names, source
from connector.store.account_maps import keep_map
from connector.store.feeds import Connection, Feed, locations, set_location
from connector.store.ledger import document_of, documents_of, read_document, shelves_of, unconserved
from connector.sync.accounts import open_accounts
from connector.sync.amend import CHANGED
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.opened import house as open_house
from tests.sync.walking import REALM, documents_in

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PULLED = [name for name in names() if source(name).pull and find_spec(f"connector.sandbox.{name}")]


def connected(house: House, town: Town, name: str) -> tuple[Connection, Feed]:
    module = shop_module(name)
    account = getattr(module, "ACCOUNT", "")
    shop = Wanted(organisation="Main", provider=name, base_url=town.houses[name].base_url, account=account)
    books = Wanted(organisation="Main", provider="quickbooks", base_url=town.quickbooks.base_url, account=REALM)
    first = connect(house, shop, Grant(access_token=town.personal_token(name)))
    target = connect(house, books, Grant(access_token=town.personal_token("quickbooks")))
    with house.database.transaction() as tx:
        for place in locations(tx, first.id):
            if not place.zone:
                set_location(tx, first.id, place.source_id, zone=module.ZONES[place.source_id])
    feed = join(house, "feed", first, target, "clearing")
    with house.database.transaction() as tx:
        keep_map(tx, feed.id, "slots: {bank: Checking}")
    return first, feed


@pytest.mark.parametrize("name", PULLED)
def test_a_late_change_in_a_posted_day_is_a_pending_correction_and_touches_no_document(
    name: str, tmp_path: Path
) -> None:
    with (
        open_town(tmp_path, clock=lambda: NOW, shops=(name,)) as town,
        open_house(Settings(home=tmp_path / "data", settle_seconds=0), lambda: NOW) as house,
    ):
        module = shop_module(name)
        town.open_currencies("CAD", "GBP", "JPY", "NZD")
        module.fill(town.houses[name].shelf)
        first, feed = connected(house, town, name)
        pull(house, first)
        open_accounts(house, feed)
        journalize(house, feed)
        done = post(house, feed.target)
        assert done.posted > 10 and not done.rejected
        written = documents_in(town.quickbooks.base_url)

        assert pull(house, first).new == 0
        assert post(house, feed.target).posted == 0
        module.change(town.houses[name].shelf)
        assert pull(house, first).new > 0
        journalize(house, feed)
        with house.database.transaction() as tx:
            waiting = [document for document in documents_of(tx, feed.id) if document.version > 1]
            held = [shelf for shelf, _ in shelves_of(tx, feed.id) if shelf.code == CHANGED]
            assert unconserved(tx, feed.id) == []
        assert journalize(house, feed).changed == 0
        post(house, feed.target)
        later = documents_in(town.quickbooks.base_url)
        assert journalize(house, feed).changed == 0
        assert post(house, feed.target).posted == 0
    assert set(written) <= set(later), "what is in the books is never edited in silence"
    assert held or len(later) > len(written), "the change is a correction, a document of its own, or held with a reason"
    assert all(correction.mark in str(later) for correction in waiting)


def test_the_only_sale_of_a_posted_day_is_voided_and_the_whole_day_is_taken_back(tmp_path: Path) -> None:
    """Nothing calls for the day any more: that is when it must not be forgotten."""
    with (
        open_town(tmp_path, clock=lambda: NOW, shops=("lightspeed_x",)) as town,
        open_house(Settings(home=tmp_path / "data", settle_seconds=0), lambda: NOW) as house,
    ):
        module = shop_module("lightspeed_x")
        town.open_currencies("CAD", "GBP", "JPY", "NZD")
        module.fill(town.houses["lightspeed_x"].shelf)
        first, feed = connected(house, town, "lightspeed_x")
        pull(house, first)
        open_accounts(house, feed)
        journalize(house, feed)
        post(house, feed.target)
        module.change(town.houses["lightspeed_x"].shelf)
        pull(house, first)
        assert journalize(house, feed).changed == 1
        assert journalize(house, feed).changed == 0
        with house.database.transaction() as tx:
            (found,) = (document for document in documents_of(tx, feed.id) if document.version > 1)
            posted, correction = read_document(tx, document_of(tx, found.adjusts or 0)), read_document(tx, found)
        assert correction.period == "day|0a700000-0000-4000-8000-000000000003|2026-03-08|JPY"
        assert sorted((line.account, -line.amount) for line in correction.lines) == sorted(
            (line.account, line.amount) for line in posted.lines
        )
        assert sum(line.movements for line in correction.lines) < 0, "the movements that are gone"
