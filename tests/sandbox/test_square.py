"""The Square stand-in answers as Square does: paging, windows, refusals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.body import Body, child, children, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import SquareHabits, square_app
from connector.sandbox.square_payments import Pay
from connector.sandbox.square_prices import Cart, CartLine
from connector.sandbox.square_shop import Occasion
from connector.sandbox.square_weekend import LATTE, LOCATION_ID, main_street, weekend

ALL_ORDERS: Body = {"location_ids": [LOCATION_ID]}


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 20, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Square:
    """A running stand-in, and an owner's personal token for it."""

    http: httpx.Client
    shelf: Shelf
    clock: Clock
    faults: Faults
    token: str

    def get(self, path: str, **query: str) -> Body:
        return self._good(self.http.get(path, params=query, headers=self.bearer()))

    def post(self, path: str, body: Body) -> Body:
        return self._good(self.http.post(path, json=body, headers=self.bearer()))

    def refusal(self, path: str, body: Body | None = None, token: str | None = None, **query: str) -> tuple[int, str]:
        """Status and the code of the first error."""
        headers = self.bearer(token)
        if body is None:
            answer = self.http.get(path, params=query, headers=headers)
        else:
            answer = self.http.post(path, json=body, headers=headers)
        return answer.status_code, text(children(decode(answer.content), "errors")[0], "code")

    def bearer(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token if token is None else token}"}

    def _good(self, answer: httpx.Response) -> Body:
        assert answer.status_code == 200, answer.text
        return decode(answer.content)


def _running(shelf: Shelf, habits: SquareHabits) -> Iterator[Square]:
    clock, faults = Clock(), Faults()
    app = square_app(shelf, faults=faults, clock=clock, habits=habits)
    with serve(app) as served, httpx.Client(base_url=served.base_url) as http:
        token = text(decode(http.post("/_sandbox/personal-token").content), "token")
        yield Square(http=http, shelf=shelf, clock=clock, faults=faults, token=token)


@pytest.fixture
def square(tmp_path: Path) -> Iterator[Square]:
    with Shelf(tmp_path / "square.db") as shelf:
        weekend(shelf)
        yield from _running(shelf, SquareHabits())


@pytest.fixture
def plain_square(tmp_path: Path) -> Iterator[Square]:
    """Without empty pages, and letting five calls a second through."""
    with Shelf(tmp_path / "square.db") as shelf:
        weekend(shelf)
        yield from _running(shelf, SquareHabits(calls_per_second=5, empty_pages=False))


def _updated(start: str, **more: str) -> Body:
    time_filter: Body = {"updated_at": {"start_at": start, **more}}
    sort: Body = {"sort_field": "UPDATED_AT", "sort_order": "ASC"}
    return ALL_ORDERS | {"query": {"filter": {"date_time_filter": time_filter}, "sort": sort}}


def _every_order(square: Square, asked: Body) -> tuple[list[str], list[int]]:
    """The ids in the order they came, and how many each page held."""
    ids: list[str] = []
    sizes = []
    answer = square.post("/v2/orders/search", asked)
    while True:
        orders = children(answer, "orders")
        ids += [text(order, "id") for order in orders]
        sizes.append(len(orders))
        if "cursor" not in answer:
            return ids, sizes
        answer = square.post("/v2/orders/search", asked | {"cursor": answer["cursor"]})


def test_an_empty_page_with_a_cursor_stands_amid_the_orders(square: Square) -> None:
    ids, sizes = _every_order(square, ALL_ORDERS)
    assert len(set(ids)) == len(ids) == 19
    assert sizes == [10, 0, 9]


def test_an_empty_page_with_a_cursor_stands_amid_the_payments(square: Square) -> None:
    first = square.get("/v2/payments")
    empty = square.get("/v2/payments", cursor=text(first, "cursor"))
    rest = square.get("/v2/payments", cursor=text(empty, "cursor"))
    assert empty.keys() == {"cursor"}
    assert "cursor" not in rest
    payments = children(first, "payments") + children(rest, "payments")
    assert len({text(each, "id") for each in payments}) == len(payments) == 16


def test_small_pages_give_every_order_once(plain_square: Square) -> None:
    ids, sizes = _every_order(plain_square, ALL_ORDERS | {"limit": 8})
    assert sizes == [8, 8, 3]
    assert len(set(ids)) == 19


def test_a_cursor_serves_only_the_query_it_was_given_for(square: Square) -> None:
    cursor = square.post("/v2/orders/search", ALL_ORDERS | {"limit": 5})["cursor"]
    changed = ALL_ORDERS | {"limit": 6, "cursor": cursor}
    assert square.refusal("/v2/orders/search", changed) == (400, "INVALID_CURSOR")
    assert square.refusal("/v2/payments", cursor="nonsense") == (400, "INVALID_CURSOR")


def test_a_sale_made_while_orders_are_read_waits_for_the_next_search(square: Square) -> None:
    asked = _updated("2026-03-01T00:00:00Z")
    first = square.post("/v2/orders/search", asked)
    square.clock.now += timedelta(minutes=2)
    at = square.clock.now - timedelta(minutes=1)
    main_street(square.shelf).sell(Cart(lines=(CartLine(product=LATTE),)), [Pay(kind="CASH")], Occasion(at=at))
    empty = square.post("/v2/orders/search", asked | {"cursor": first["cursor"]})
    rest = square.post("/v2/orders/search", asked | {"cursor": empty["cursor"]})
    assert len(children(first, "orders") + children(rest, "orders")) == 19
    assert len(_every_order(square, asked)[0]) == 20


def test_the_updated_window_finds_a_sale_again_after_its_refund(plain_square: Square) -> None:
    ids, _ = _every_order(plain_square, _updated("2026-03-15T20:30:00Z"))
    assert ids == ["MAINO000019", "MAINO000005"]


def test_both_ends_of_the_window_are_inclusive(plain_square: Square) -> None:
    moment = "2026-03-15T20:00:00Z"
    ids, _ = _every_order(plain_square, _updated(moment, end_at=moment))
    assert ids == ["MAINO000018"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"location_ids": []}, "MISSING_REQUIRED_PARAMETER"),
        ({"location_ids": ["L"] * 11}, "ARRAY_LENGTH_TOO_LONG"),
        ({"limit": 1001}, "VALUE_TOO_HIGH"),
        ({"query": {"filter": {"date_time_filter": {"updated_at": {}}}}}, "INVALID_VALUE"),
        ({"query": {"filter": {"date_time_filter": {"updated_at": {}, "created_at": {}}}}}, "CONFLICTING_PARAMETERS"),
        ({"query": {"sort": {"sort_field": "CLOSED_AT"}}}, "MISSING_REQUIRED_PARAMETER"),
    ],
)
def test_an_ill_formed_order_search_is_refused(square: Square, change: Body, code: str) -> None:
    assert square.refusal("/v2/orders/search", ALL_ORDERS | change) == (400, code)


def test_entries_are_ids_and_versions_only(plain_square: Square) -> None:
    entries = children(plain_square.post("/v2/orders/search", ALL_ORDERS | {"return_entries": True}), "order_entries")
    assert len(entries) == 19
    assert entries[0].keys() == {"order_id", "version", "location_id"}


def test_payments_keep_to_the_last_year_even_when_only_the_updated_window_is_given(plain_square: Square) -> None:
    since = "2026-03-15T20:30:00Z"
    found = children(plain_square.get("/v2/payments", updated_at_begin_time=since), "payments")
    assert [text(each, "id") for each in found] == ["MAINP000004"]
    plain_square.clock.now += timedelta(days=400)
    assert plain_square.get("/v2/payments", updated_at_begin_time=since) == {}
    wide = plain_square.get("/v2/payments", updated_at_begin_time=since, begin_time="2026-01-01T00:00:00Z")
    assert len(children(wide, "payments")) == 1


def test_payments_and_payouts_are_of_the_main_location_but_refunds_of_all(plain_square: Square) -> None:
    location = plain_square.shelf.get("square-location", LOCATION_ID)
    refund = plain_square.shelf.all("square-refund")[0]
    assert location is not None
    plain_square.shelf.put("square-location", "LOTHER", location | {"id": "LOTHER"})
    plain_square.shelf.put("square-refund", "OTHER1", refund | {"id": "OTHER1", "location_id": "LOTHER"})
    assert len(children(plain_square.get("/v2/refunds"), "refunds")) == 3
    assert len(children(plain_square.get("/v2/refunds", location_id="LOTHER"), "refunds")) == 1
    assert plain_square.get("/v2/payouts", location_id="LOTHER") == {}
    assert plain_square.refusal("/v2/payments", location_id="LNONE") == (404, "NOT_FOUND")


def test_payouts_show_their_entries_with_currency_code(square: Square) -> None:
    payouts = children(square.get("/v2/payouts", sort_order="ASC"), "payouts")
    assert [payout["status"] for payout in payouts] == ["FAILED", "PAID", "PAID", "SENT"]
    one = text(payouts[2], "id")
    assert child(square.get(f"/v2/payouts/{one}"), "payout") == payouts[2]
    first = square.get(f"/v2/payouts/{one}/payout-entries", limit="3")
    rest = square.get(f"/v2/payouts/{one}/payout-entries", limit="3", cursor=text(first, "cursor"))
    entries = children(first, "payout_entries") + children(rest, "payout_entries")
    assert sorted(text(entry, "type") for entry in entries) == ["CHARGE", "CHARGE", "CHARGE", "REFUND"]
    assert child(entries[0], "net_amount_money").keys() == {"amount", "currency_code"}
    assert square.refusal("/v2/payouts/po_none") == (404, "NOT_FOUND")


def test_a_variation_leads_to_its_item_and_the_name_of_its_category(square: Square) -> None:
    asked: Body = {"object_ids": ["VLATTE", "VGONE"], "include_related_objects": True}
    answer = square.post("/v2/catalog/batch-retrieve", asked)
    related = {text(each, "id"): each for each in children(answer, "related_objects")}
    [variation] = children(answer, "objects")
    item = related[text(child(variation, "item_variation_data"), "item_id")]
    category = related[text(child(child(item, "item_data"), "reporting_category"), "id")]
    assert child(category, "category_data")["name"] == "Coffee"


def test_the_catalogue_is_listed_by_type_and_searched_by_change(square: Square) -> None:
    assert len(children(square.get("/v2/catalog/list", types="item,category"), "objects")) == 14
    assert {each["type"] for each in children(square.get("/v2/catalog/list"), "objects")} == {"TAX", "CATEGORY", "ITEM"}
    items: Body = {"object_types": ["ITEM"], "include_related_objects": True}
    found = square.post("/v2/catalog/search", items)
    assert len(children(found, "objects")) == 10
    since = text(found, "latest_time")
    assert children(square.post("/v2/catalog/search", items | {"begin_time": since}), "objects") == []


def test_locations_say_zone_and_currency_and_main_means_the_first(square: Square) -> None:
    [location] = children(square.get("/v2/locations"), "locations")
    assert (location["timezone"], location["currency"]) == ("America/New_York", "USD")
    assert child(square.get("/v2/locations/main"), "location") == location


def test_the_version_header_comes_back(square: Square) -> None:
    answer = square.http.get("/v2/locations", headers=square.bearer() | {"Square-Version": "2025-08-20"})
    assert answer.headers["square-version"] == "2025-08-20"


def test_too_many_calls_within_a_second_are_refused(plain_square: Square) -> None:
    for _ in range(5):
        plain_square.get("/v2/locations")
    assert plain_square.refusal("/v2/locations") == (429, "RATE_LIMITED")
    plain_square.clock.now += timedelta(seconds=1)
    plain_square.get("/v2/locations")


def test_a_fault_is_met_by_the_next_call_only(square: Square) -> None:
    square.faults.answer_with(503, path_contains="/v2/payouts")
    assert square.http.get("/v2/payouts", headers=square.bearer()).status_code == 503
    assert square.http.get("/v2/payouts", headers=square.bearer()).status_code == 200


def test_a_call_without_a_known_token_is_refused(square: Square) -> None:
    assert square.refusal("/v2/locations", token="invented") == (401, "UNAUTHORIZED")
