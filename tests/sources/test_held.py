"""What a record says wrong of itself, and what nobody has heard of, holds its own day or settlement; the others post.
Run for every folder that is pulled, from the provider's answer to the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.sandbox.faults import Faults
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS
from connector.sandbox.settings import Settings
from connector.store.account_maps import keep_map
from connector.store.facts import facts
from connector.store.feeds import Feed
from connector.store.findings import open_findings
from connector.store.ledger import documents_of, shelves_of
from connector.store.setup import set_start
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.transport.oauth import Grant
from tests.sources.standing import DAYS, PULLED, QuickShelf, Stand, acts, stand_in

BOOKS = "127.0.0.1:8"
REALM = "9341452000000001"


@pytest.fixture(params=PULLED)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with stand_in(request.param, tmp_path) as opened, QuickShelf(tmp_path / "books") as shelf:
        lifted = {name: 0 for name in DEFAULTS if name.startswith("calls_per_")}
        Settings(shelf, DEFAULTS).change({**lifted, "multi_currency": True})
        opened.wire.houses[BOOKS] = quickbooks.quickbooks_app(shelf, faults=Faults(), clock=opened.now)
        opened.books_token = quickbooks.desk_for(shelf, opened.now, "").issue_personal_token()
        yield opened


def joined(stand: Stand, house: House) -> Feed:
    wanted = Wanted(organisation="Main", provider="quickbooks", base_url=f"http://{BOOKS}", account=REALM)
    books = connect(house, wanted, Grant(access_token=stand.books_token))
    feed = join(house, "feed", stand.connection(house), books, "clearing")
    with house.database.transaction() as tx:
        keep_map(tx, feed.id, "slots: {bank: Checking}")
        set_start(tx, feed.id, (stand.moment - timedelta(days=DAYS)).date())
    open_accounts(house, feed)
    return feed


def test_a_sum_that_is_off_and_an_unknown_word_hold_their_own_periods_and_the_others_post(stand: Stand) -> None:
    act = acts(stand.name)
    waits = {act.disagree(stand.shelf), act.surprise(stand.shelf)}
    with stand.house() as house:
        stand.pull(house)
        feed = joined(stand, house)
        journalize(house, feed)
        posted = post(house, feed.target)
        with house.database.transaction() as tx:
            shelves = [shelf for shelf, _ in shelves_of(tx, feed.id) if shelf.state == "held"]
            written = {row.business_key.rpartition("|")[2] for row in documents_of(tx, feed.id)}
            found = {each.code for each in open_findings(tx, feed.id) if each.severity == "blocking"}
    held = {shelf.business_key.rpartition("|")[2]: shelf.code for shelf in shelves}
    assert waits <= held.keys()
    assert len({held[each] for each in waits}) == 2, "each for a reason of its own"
    assert {held[each] for each in waits} <= found
    assert posted.posted > 0 and posted.rejected == 0
    assert written - waits


def test_a_record_that_cannot_be_read_holds_its_own_day_and_stops_no_other(stand: Stand) -> None:
    name, day = acts(stand.name).garble(stand.shelf)
    with stand.house() as house:
        stand.pull(house)
        assert stand.pull(house).new == 0
        with house.database.transaction() as tx:
            found = list(facts(tx, stand.connection(house).id))
    (bent,) = (each for each in found if each.source_id == name)
    assert bent.problems and bent.business_day.isoformat() == day
    assert [each for each in found if each.stream == bent.stream and not each.problems]
