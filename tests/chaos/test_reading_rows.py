"""The fault matrix, rows 10 to 24: lists that change while they are read, clocks that differ, and records that are not
what they should be. Each ends healed, drained and checked against the books' own ledger."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from connector.errors import Broken
from connector.sandbox.body import decode, encode, text
from connector.sandbox.square_acts import add_tip, sell_offline
from connector.sandbox.square_orders import stamp
from connector.sandbox.square_shop import Occasion
from connector.sandbox.square_weekend import CASH, SANDWICH
from connector.sources.square import client
from connector.sync.pull import pull
from tests.chaos.oracle import assert_all_well, broken, rows_of, waiting
from tests.chaos.shop import FIRST, START, cart
from tests.chaos.test_fetching_rows import after, assert_ends_as
from tests.chaos.world import Books, World, source_of


@pytest.fixture
def books() -> Books:
    """Reading is the same for both books."""
    return "quickbooks"


def test_row_10_a_list_that_leads_back_to_itself_is_given_up_at_once(connected: World) -> None:
    connected.goes_wrong("same_cursor", at="square", path="/orders/search", times=9)
    with connected.house() as house, pytest.raises(Broken, match="goes round in a circle"):
        pull(house, source_of(house))
    assert len([path for _, _, path in connected.weather["square"].made if path.endswith("/orders/search")]) <= 2
    assert_all_well(connected)


def while_paging(made: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[World], None]) -> None:
    """A pull of small pages, and what happens at the shop once the second page of orders was received."""
    monkeypatch.setattr(client, "ORDERS_A_PAGE", 1)
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 1)
    asked = made.weather["square"].made

    def hook(point: str) -> None:
        if point == "fetch.page_received" and sum(path.endswith("/orders/search") for _, _, path in asked) == 2:
            made.hook = lambda name: None
            act(made)

    made.hook = hook
    made.run()
    made.passes(days=1)


def test_row_11_a_sale_that_appears_on_a_page_already_turned_is_found(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def appears(made: World) -> None:
        earlier = datetime.combine(FIRST, START.time(), START.tzinfo) + timedelta(minutes=1)
        sell_offline(made.trade.shop, cart(SANDWICH), CASH, taken_at=earlier, arrived_at=earlier)

    truth = after(connected.books, appears)
    while_paging(connected, monkeypatch, appears)
    assert_ends_as(connected, truth)


def test_row_12_a_sale_that_leaves_its_page_does_not_hide_the_one_after_it(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves to the end of the list, so that all others move up by one."""

    def moves(made: World) -> None:
        first = min(made.shelves["square"].all("square-order"), key=lambda order: text(order, "updated_at"))
        made.trade.shop.put("order", {**first, "updated_at": stamp(made.clock()), "version": 9})

    truth = after(connected.books, moves)
    while_paging(connected, monkeypatch, moves)
    assert_ends_as(connected, truth)


def test_row_13_a_sale_that_stands_on_two_pages_counts_once_as_it_was_last(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tips(made: World) -> None:
        add_tip(made.trade.shop, made.trade.tipped_later, 500, at=made.clock())

    truth = after(connected.books, tips)
    while_paging(connected, monkeypatch, tips)
    assert_ends_as(connected, truth)


def test_row_17_a_till_whose_clock_is_ahead_hides_nothing_that_comes_after_it(connected: World) -> None:
    def early(made: World) -> None:
        _sell(made, arrived_at=made.clock() + timedelta(hours=3))

    def later(made: World) -> None:
        _sell(made, arrived_at=made.clock())

    def both(made: World) -> None:
        early(made)
        later(made)
        made.passes(hours=4)

    truth = after(connected.books, both)
    early(connected)
    connected.run()
    connected.passes(minutes=30)
    later(connected)
    connected.passes(minutes=1)
    connected.run()
    connected.passes(hours=4)
    assert_ends_as(connected, truth)


def _sell(made: World, arrived_at: datetime) -> None:
    at = datetime.combine(FIRST, START.time(), START.tzinfo)
    sell_offline(made.trade.shop, cart(SANDWICH), CASH, taken_at=at, arrived_at=arrived_at)


def test_row_20_an_id_that_is_given_to_something_else_corrects_by_the_difference_and_overwrites_nothing(
    posted: World,
) -> None:
    def reused(made: World) -> None:
        shop, sale = made.trade.shop, made.trade.tipped_later
        other = shop.sell(cart(SANDWICH, 2), [sale.paid[0].pay], Occasion(at=sale.paid[0].at))
        names = {other.order_id: sale.order_id, other.paid[0].payment_id: sale.paid[0].payment_id}
        for kind, id_ in (("order", other.order_id), ("payment", other.paid[0].payment_id)):
            content = encode(shop.get(kind, id_))
            for new, old in names.items():
                content = content.replace(new.encode(), old.encode())
            shop.put(kind, {**decode(content), "updated_at": stamp(made.clock()), "version": 9})
            made.shelves["square"].remove(f"square-{kind}", id_)

    before = posted.documents()
    truth = after(posted.books, reused)
    reused(posted)
    posted.passes(minutes=1)
    posted.run()
    assert set(before) <= set(posted.documents())
    order = posted.trade.tipped_later.order_id
    versions = rows_of(posted, f"select version from record where source_id = '{order}' order by version")
    assert [int(version) for (version,) in versions] == [1, 2]
    assert_ends_as(posted, truth)


@pytest.mark.parametrize("amount", ["abc", None, {"deep": []}])
def test_row_22_a_record_that_cannot_be_read_holds_its_day_and_no_other(amount: object, connected: World) -> None:
    shop, sale = connected.trade.shop, connected.trade.tipped_later
    order = shop.get("order", sale.order_id)
    shop.put("order", {**order, "total_money": {"amount": amount, "currency": "USD"}})
    connected.run()
    assert "2026-03-10 is held" in str(waiting(connected))
    assert "20260311" in str(connected.documents()) and "20260310" not in str(connected.documents())
    shop.put("order", {**order, "updated_at": stamp(connected.clock()), "version": 9})
    connected.passes(minutes=1)
    assert_all_well(connected)


def test_row_23_a_sale_in_another_currency_than_its_shop_is_never_added_to_the_others(connected: World) -> None:
    shop, sale = connected.trade.shop, connected.trade.tipped_later
    kept = {kind: shop.get(kind, id_) for kind, id_ in
            (("order", sale.order_id), ("payment", sale.paid[0].payment_id))}  # fmt: skip
    for kind, body in kept.items():
        shop.put(kind, decode(encode(body).replace(b'"USD"', b'"CAD"')))
    connected.run()
    assert "20260311" in str(connected.documents())
    assert "CAD" in str(waiting(connected)), "its document is refused by books that do not know its currency"
    assert [mark for _, mark, _ in connected.documents() if "20260310" in mark], "the others of its day are posted"
    for kind, body in kept.items():
        shop.put(kind, {**body, "updated_at": stamp(connected.clock()), "version": 9})
    connected.passes(minutes=1)
    assert_all_well(connected)


def test_row_24_a_field_that_was_renamed_is_told_before_anything_is_built(connected: World) -> None:
    shop, sale = connected.trade.shop, connected.trade.tipped_later
    order = shop.get("order", sale.order_id)
    renamed = {("sum_money" if name == "total_money" else name): value for name, value in order.items()}
    shop.put("order", renamed)
    connected.run()
    assert "2026-03-10 is held" in str(waiting(connected))
    shop.put("order", {**order, "updated_at": stamp(connected.clock()), "version": 9})
    connected.passes(minutes=1)
    assert_all_well(connected)


def test_row_32_sales_at_half_past_one_of_both_hours_of_that_name_count_once_each_on_their_day(
    connected: World,
) -> None:
    """New York set its clocks back at two in the morning of 2025-11-02."""
    shop = connected.trade.shop
    for hour in (5, 6):
        shop.sell(cart(SANDWICH), [CASH], Occasion(at=datetime(2025, 11, 2, hour, 30, tzinfo=UTC)))
    connected.run()
    taken = "select amount_minor, movement_count from bucket join period on period.id = period_id where kind = 'tender'"
    sums = rows_of(connected, f"{taken} and period.name like 'day|%|2025-11-02|%'")
    assert [int(count) for _, count in sums] == [2] and int(sums[0][0]) % 2 == 0
    assert not rows_of(connected, "select name from period where name like 'day|%|2025-11-01|%'")
    assert broken(connected) == []


def test_row_33_a_shop_that_moves_to_another_zone_keeps_the_days_that_were_posted(posted: World) -> None:
    shop, before = posted.trade.shop, posted.documents()
    place = posted.shelves["square"].all("square-location")[0]
    shop.put("location", {**place, "timezone": "Pacific/Auckland"})
    posted.passes(minutes=1)
    posted.run()
    assert posted.documents() == before
    shop.sell(cart(SANDWICH), [CASH], Occasion(at=datetime(2026, 3, 14, 13, tzinfo=UTC)))
    posted.clock.at = datetime(2026, 3, 16, 12, tzinfo=UTC)
    posted.run()
    assert set(before) < set(posted.documents())
    assert rows_of(posted, "select name from period where name like 'day|%|2026-03-15|%'")
    assert broken(posted) == []


def test_row_34_another_database_of_zones_rebuilds_what_was_built_byte_for_byte(
    posted: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The zone of the shop is said to be that of Auckland, nearly a day apart."""
    sent = "select key, digest, payload from posting order by id"
    before, built = posted.documents(), rows_of(posted, sent)
    place = posted.shelves["square"].all("square-location")[0]
    elsewhere = tmp_path_factory.mktemp("zones") / text(place, "timezone")
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_bytes((files("tzdata.zoneinfo.Pacific") / "Auckland").read_bytes())
    try:
        zoneinfo.reset_tzpath(to=[str(elsewhere.parents[1])])
        zoneinfo.ZoneInfo.clear_cache()
        with posted.house() as house, house.database.transaction() as tx:
            for forgotten in ("update feed set journalized = ''", "update period set digest = ''"):
                tx.connection().exec_driver_sql(forgotten)
        posted.passes(minutes=1)
        posted.run()
        moved = datetime(2026, 3, 14, 12, tzinfo=zoneinfo.ZoneInfo(text(place, "timezone")))
        assert moved.utcoffset() == timedelta(hours=13), "the other database is in force"
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
    assert rows_of(posted, sent) == built and posted.documents() == before
    assert broken(posted) == []


@pytest.mark.parametrize("moment", ["2026-03-10T23:59:60Z", "2026-03-10T24:00:00Z"])
def test_row_35_a_moment_that_no_clock_shows_holds_its_record_and_ends_nothing(moment: str, connected: World) -> None:
    shop, sale = connected.trade.shop, connected.trade.tipped_later
    order = shop.get("order", sale.order_id)
    shop.put("order", {**order, "created_at": moment, "closed_at": moment})
    connected.run()
    assert "20260311" in str(connected.documents())
    shop.put("order", {**order, "updated_at": stamp(connected.clock()), "version": 9})
    connected.passes(minutes=1)
    assert_all_well(connected)
