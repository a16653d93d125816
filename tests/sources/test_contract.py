"""What every source must do, run for every folder that is pulled: cursors are honest, repeats are no work, nobody is
pressed, and no customer is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from connector.errors import NeedsReconnect
from connector.sandbox.town import shop_module
from connector.sources.registry import source
from connector.store.connection_findings import connection_findings
from connector.store.pages import open_page
from connector.store.tables import FactRow, PageRow, RecordRow
from connector.sync.house import House
from tests.sources.standing import DAYS, PULLED, Died, Stand, acts, at_each_page, killed_at, stand_in

HOUR = timedelta(hours=1)
MOST_ADDED = 12
MONTH = 31


@pytest.fixture(params=PULLED)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with stand_in(request.param, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("name", PULLED)
def test_every_source_that_is_pulled_has_a_stand_in(name: str) -> None:
    assert find_spec(f"connector.sandbox.{name}"), (
        f"write connector/sandbox/{name}.py: without it nothing here is proven"
    )
    assert all(hasattr(shop_module(name), each) for each in (f"{name}_app", "oauth_rules", "fill", "change"))


def written(house: House) -> dict[str, int]:
    with house.database.transaction() as tx:
        rows = {"records": RecordRow.id, "facts": FactRow.id, "pages": PageRow.id}
        return {name: tx.exec(select(func.count(col(each)))).one() for name, each in rows.items()}


def test_a_second_pull_with_no_change_asks_once_a_stream_and_place_and_writes_nothing(stand: Stand) -> None:
    with stand.house() as house:
        assert stand.pull(house).new > 0
        before = written(house)
        stand.calls.clear()
        stand.moment += HOUR
        assert stand.pull(house).new == 0
        assert written(house) == before
    assert len(stand.calls) > 1
    assert {part: number for part, number in stand.calls.items() if number > 1} == {}


def test_what_is_read_again_from_the_beginning_is_there_once(stand: Stand) -> None:
    with stand.house() as house:
        stand.pull(house)
        kept, before = stand.kept(house), written(house)
        stand.rewind(house, DAYS)
        assert stand.pull(house).new == 0
        assert (stand.kept(house), written(house)) == (kept, before)


def test_killed_at_any_page_the_next_pull_has_every_record_once(stand: Stand) -> None:
    deaths = 0
    while deaths < 200 and dies_at(stand, deaths + 1):
        deaths += 1
    assert 2 < deaths < 200
    with stand.house() as house:
        assert stand.kept(house) == stand.found_by_another()


def dies_at(stand: Stand, page: int) -> bool:
    """A pull that is killed when that page arrives; false where it came to its end before."""
    try:
        with killed_at(page), stand.house() as house:
            stand.pull(house)
    except Died:
        return True
    return False


def test_what_is_added_and_changed_while_pages_are_read_is_neither_lost_nor_doubled(stand: Stand) -> None:
    """A sale more with every page that arrives, and with the third an old one is undone."""
    act, change = acts(stand.name), shop_module(stand.name).change
    arrived = 0

    def trade() -> None:
        nonlocal arrived
        arrived += 1
        stand.moment += timedelta(seconds=1)
        if arrived <= MOST_ADDED:
            act.add(stand.shelf, f"more{arrived}", stand.moment)
        if arrived == 3:
            change(stand.shelf)

    with stand.house() as house:
        stand.rewind(house, MONTH)
        stand.a_page = 8
        with at_each_page(trade):
            stand.pull(house)
        assert arrived > 3
        stand.moment += timedelta(days=1)
        stand.pull(house)
        kept, named = stand.kept(house), stand.named(house)
        assert set(stand.found_by_another(MONTH)) <= set(kept)
        assert len(named) == len(set(named))


def test_a_late_change_in_a_traded_day_is_found_by_the_next_pull(stand: Stand) -> None:
    with stand.house() as house:
        stand.pull(house)
        shop_module(stand.name).change(stand.shelf)
        stand.moment += HOUR
        assert stand.pull(house).new > 0


def test_a_lost_answer_moves_no_cursor_past_what_was_kept(stand: Stand) -> None:
    with stand.house() as house:
        stand.faults.lose_answer(when="before", times=1)
        stand.pull(house)
        assert stand.kept(house) == stand.found_by_another()


def test_nothing_is_asked_while_the_source_wants_patience(stand: Stand) -> None:
    """The first call of each stream and place is refused."""
    stand.before = lambda: stand.faults.answer_with(429, b"{}", {"Retry-After": "37"})
    with stand.house() as house:
        stand.pull(house)
        heard = list(zip(stand.wire.heard, stand.asked, strict=True))
        waits = [later - asked for (call, asked), (_, later) in pairwise(heard) if call.status == 429]
        assert len(waits) == len(stand.calls)
        assert min(waits) >= timedelta(seconds=37)
        assert stand.kept(house) == stand.found_by_another()


OPTIONAL = {
    "square": ("/v2/cash-drawers", "/v2/gift-cards", "/v2/disputes"),
    "lightspeed": ("/Reports/", "/CreditAccount"),
    "loyverse": ("/shifts",),
    "amazon": ("/finances/",),
}


def test_an_optional_stream_without_its_scope_is_a_finding_and_stops_nothing_else(stand: Stand) -> None:
    optional = [stream for stream in source(stand.name).streams if stream.is_optional]
    if not optional:
        pytest.skip(f"{stand.name} has no stream that it could do without")
    assert all(stream.unseen.endswith(".") for stream in optional)
    with stand.house() as house:
        for path in OPTIONAL[stand.name]:
            stand.faults.answer_with(403, b"{}", path_contains=path, times=100)
        assert stand.pull(house).new > 0
        with house.database.transaction() as tx:
            found = connection_findings(tx, stand.connection(house).id)
        assert {each.subject for each in found} == {stream.name for stream in optional}
        unseen = {stream.name: stream.unseen for stream in optional}
        assert [each for each in found if unseen[each.subject] not in each.message] == []
        stand.faults.clear()
        stand.pull(house)
        with house.database.transaction() as tx:
            assert connection_findings(tx, stand.connection(house).id) == []


def test_a_stream_that_the_books_need_stops_the_pull_where_its_scope_is_missing(stand: Stand) -> None:
    with stand.house() as house:
        stand.faults.answer_with(403, b"{}", times=10_000)
        with pytest.raises(NeedsReconnect):
            stand.pull(house)


def test_no_name_mail_phone_or_street_of_a_customer_is_kept(stand: Stand) -> None:
    canaries = shop_module(stand.name).CANARIES
    told = stand.told()
    assert canaries and [canary for canary in canaries if canary.encode() not in told] == []
    with stand.house() as house:
        stand.rewind(house, MONTH)
        stand.pull(house)
        kept = everything(house)
    assert [canary for canary in canaries if canary.encode() in kept] == []


def everything(house: House) -> bytes:
    """All text and bytes of the database, pages unpacked."""
    with house.database.transaction() as tx:
        parts = []
        for page in tx.exec(select(PageRow.id)).all():
            with open_page(tx, page or 0) as body:
                parts.append(body.read())
        parts += [row.buckets + row.about for row in tx.exec(select(FactRow))]
    return b"\n".join(parts)
