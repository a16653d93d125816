"""The month of the Square stand-in: what is in it, to the cent, and that it is the same every time."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.sandbox.body import Body, child, children, decode, encode, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_listing import SquareRefusal
from connector.sandbox.square_month import LONDON, NEW_YORK, TOKYO, change, fill_month
from connector.sandbox.square_payments import amount_of
from connector.sandbox.square_shop import KINDS
from connector.sandbox.square_till_lists import TillLists
from connector.sandbox.square_weekend import CANARIES, weekend


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with Shelf(tmp_path_factory.mktemp("month") / "square.db") as shelf:
        fill_month(shelf)
        yield shelf


def _march(shelf: Shelf, kind: str, location: str) -> list[Body]:
    found = shelf.all(f"square-{kind}")
    return [each for each in found if each["location_id"] == location and text(each, "created_at") > "2026"]


def _local_hours(shelf: Shelf, day: str) -> list[str]:
    """When the payments of a day in New York were taken, by the clock on the wall and its offset."""
    zone = ZoneInfo("America/New_York")
    moments = [
        datetime.fromisoformat(text(each, "created_at")).astimezone(zone)
        for each in shelf.all("square-payment")
        if each["location_id"] == NEW_YORK
    ]
    return [f"{moment:%H:%M%z}" for moment in sorted(moments) if f"{moment:%Y-%m-%d}" == day]


@pytest.mark.parametrize(
    ("location", "currency", "taken"),
    [(NEW_YORK, "USD", 638_707), (LONDON, "GBP", 247_005), (TOKYO, "JPY", 242_390)],
)
def test_march_came_to_these_takings(month: Shelf, location: str, currency: str, taken: int) -> None:
    payments = [each for each in _march(month, "payment", location) if each["status"] == "COMPLETED"]
    assert {child(each, "total_money")["currency"] for each in payments} == {currency}
    assert sum(amount_of(each, "total_money") for each in payments) == taken


def test_one_hour_of_the_eighth_of_march_is_missing_and_one_of_the_second_of_november_is_there_twice(
    month: Shelf,
) -> None:
    assert _local_hours(month, "2026-03-08")[:2] == ["01:30-0500", "03:30-0400"]
    assert _local_hours(month, "2025-11-02")[:3] == ["01:30-0400", "01:30-0500", "03:30-0500"]


def test_the_month_has_every_case_that_a_careless_reader_misses(month: Shelf) -> None:
    orders, payments = month.all("square-order"), month.all("square-payment")
    refunds, payouts = month.all("square-refund"), month.all("square-payout")
    entries = Counter(text(each, "type") for each in month.all("square-payout-entry"))
    activities = Counter(text(each, "type") for each in month.all("square-gift-card-activity"))
    sources = {text(each, "id"): each["source_type"] for each in payments}
    assert [each for each in refunds if each["destination_type"] != sources[text(each, "payment_id")]]
    assert [each for each in orders if len(children(each, "tenders")) > 1]
    assert [each for each in orders if each["state"] == "OPEN" and children(each, "tenders")]
    assert [each for each in orders if each["state"] == "CANCELED" and children(each, "tenders")]
    assert [each for each in payments if "offline_payment_details" in each]
    assert [each for each in payments if child(each, "external_details").get("type") == "CARRIER_PIGEON"]
    assert [each for each in payouts if child(each, "destination")["type"] == "SQUARE_STORED_BALANCE"]
    assert [each for each in payouts if each["type"] == "SIMPLE"]
    assert entries.keys() == {
        "CHARGE",
        "REFUND",
        "RESERVE_HOLD",
        "RESERVE_RELEASE",
        "OPEN_DISPUTE",
        "DISPUTE",
        "PAYOUT",
        "DEPOSIT_FEE",
        "SPARKLE_CREDIT",
    }
    assert activities.keys() == {
        "ACTIVATE",
        "REDEEM",
        "ADJUST_INCREMENT",
        "ADJUST_DECREMENT",
        "TRANSFER_BALANCE_FROM",
        "TRANSFER_BALANCE_TO",
        "CLEAR_BALANCE",
        "IMPORT",
        "BLOCK",
    }
    assert [each["state"] for each in month.all("square-dispute")] == ["LOST", "WON"]


def test_drawers_are_written_with_either_sign_of_what_goes_out(month: Shelf) -> None:
    def paid_out(location: str) -> list[int]:
        drawers = [each for each in month.all("square-cash-drawer") if each["location_id"] == location]
        return [amount for each in drawers if (amount := amount_of(each, "cash_paid_out_money"))]

    assert (paid_out(NEW_YORK), paid_out(LONDON)) == ([-1250], [1250])


def test_yen_have_no_decimals(month: Shelf) -> None:
    lattes = [
        line
        for order in _march(month, "order", TOKYO)
        for line in children(order, "line_items")
        if line["name"] == "Latte"
    ]
    assert {amount_of(line, "base_price_money") for line in lattes} == {480}


def test_customers_are_in_it(month: Shelf) -> None:
    written = encode([*month.all("square-order"), *month.all("square-payment"), *month.all("square-cash-drawer")])
    assert [canary for canary in CANARIES if canary in written.decode()]


def test_the_month_is_the_same_every_time_and_is_filled_in_once(month: Shelf, tmp_path: Path) -> None:
    with Shelf(tmp_path / "again.db") as again:
        fill_month(again)
        fill_month(again)
        for kind in KINDS:
            assert again.all(f"square-{kind}") == month.all(f"square-{kind}")


def test_a_late_change_voids_one_sale_of_a_day_traded_long_ago(tmp_path: Path) -> None:
    with Shelf(tmp_path / "square.db") as shelf:
        weekend(shelf)
        before = {text(each, "id"): each for each in shelf.all("square-order")}
        changed = change(shelf)
        after = {text(each, "id"): each for each in shelf.all("square-order")}
        assert {key for key in after if after[key] != before[key]} == {changed}
        assert after[changed]["state"] == "CANCELED"
        assert text(after[changed], "updated_at") > max(text(each, "updated_at") for each in before.values())
        payment = shelf.get("square-payment", text(children(after[changed], "tenders")[0], "payment_id"))
        assert payment
        assert payment["status"] == "CANCELED"


def test_a_shelf_without_cash_has_nothing_to_change(tmp_path: Path) -> None:
    with Shelf(tmp_path / "square.db") as shelf:
        shelf.put("square-order", "O", {"id": "O", "updated_at": "2026-03-01T00:00:00Z", "state": "OPEN"})
        with pytest.raises(ValueError, match="no cash sale"):
            change(shelf)


@pytest.fixture
def lists(month: Shelf) -> TillLists:
    return TillLists(month, lambda: datetime(2026, 4, 10, tzinfo=UTC))


def _asked(path: str, **query: str) -> Call:
    parts = {"shift_id": path.rpartition("/")[2]}
    return Call(method="GET", path=path, path_values=parts, query=query, headers={}, content=b"")


def _body(answer: Answer) -> Body:
    return decode(encode(answer.body))


def test_a_list_of_drawers_sums_them_up_and_the_drawer_itself_does_not(lists: TillLists) -> None:
    found = children(_body(lists.drawers(_asked("/v2/cash-drawers/shifts", location_id=LONDON))), "cash_drawer_shifts")
    assert len(found) == 31
    assert "cash_paid_out_money" not in found[0]
    path = f"/v2/cash-drawers/shifts/{found[0]['id']}"
    assert "cash_paid_out_money" in child(_body(lists.drawer(_asked(path, location_id=LONDON))), "cash_drawer_shift")


def test_drawers_are_asked_for_by_location_only(lists: TillLists) -> None:
    for query, code in (({}, "MISSING_REQUIRED_PARAMETER"), ({"location_id": "LNONE"}, "NOT_FOUND")):
        with pytest.raises(SquareRefusal) as refused:
            lists.drawers(_asked("/v2/cash-drawers/shifts", **query))
        assert children(_body(refused.value.answer), "errors")[0]["code"] == code


def test_gift_card_activities_come_newest_first_and_of_one_card_where_it_is_named(lists: TillLists) -> None:
    path = "/v2/gift-cards/activities"
    found = children(_body(lists.gift_card_activities(_asked(path))), "gift_card_activities")
    assert [text(each, "type") for each in found][:2] == ["BLOCK", "IMPORT"]
    one = children(_body(lists.gift_card_activities(_asked(path, gift_card_id="gftc:7004"))), "gift_card_activities")
    assert [text(each, "type") for each in one] == ["CLEAR_BALANCE", "TRANSFER_BALANCE_TO"]


def test_disputes_may_be_asked_for_by_state(lists: TillLists) -> None:
    found = children(_body(lists.disputes(_asked("/v2/disputes", states="WON,PROCESSING"))), "disputes")
    assert [each["state"] for each in found] == ["WON"]
