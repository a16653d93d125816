"""Pulling from Square's stand-in over real HTTP: all of it, nothing of customers, errors by who mends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale, Refund, Sale, Tender
from connector.errors import Broken, NeedsReconnect, RetryLater
from connector.sandbox.body import Body, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import square_app
from connector.sandbox.square_weekend import CANARIES, LOCATION_ID, MERCHANT_ID, weekend
from connector.sources.contract import Page, PullOrder, Received
from connector.sources.square import client, pulling
from connector.sources.square.source import SOURCE
from connector.transport.access import Access

MONEY_STREAMS = ("orders", "payments", "refunds", "payouts", "payout_entries")
PER_LOCATION = {stream.name for stream in SOURCE.streams if stream.per_location}
LATER = {"Retry-After": "7200"}  # longer than a read waits, so that nothing here waits either


@dataclass
class Till:
    """A running stand-in with the demonstration's weekend on its shelf."""

    shelf: Shelf
    faults: Faults
    access: Access
    now: datetime

    def pages(self, stream: str, position: str = "") -> list[Page]:
        assert SOURCE.pull
        location = LOCATION_ID if stream in PER_LOCATION else ""
        order = PullOrder(stream=stream, location=location, position=position, now=self.now)
        return list(SOURCE.pull(self.access, order))

    def records(self, stream: str, position: str = "") -> list[Received]:
        return [record for page in self.pages(stream, position) for record in page.records]

    def change(self, kind: str, record_id: str, changes: Body) -> None:
        body = self.shelf.get(f"square-{kind}", record_id)
        assert body
        self.shelf.put(f"square-{kind}", record_id, body | changes)

    def ids(self, kind: str) -> set[str]:
        return {text(body, "id") for body in self.shelf.all(f"square-{kind}")}


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    faults = Faults()
    with Shelf(tmp_path / "square.db") as shelf:
        weekend(shelf)
        clock = Clock(now)
        with serve(square_app(shelf, faults=faults, clock=clock)) as served:
            answer = httpx.post(f"{served.base_url}/_sandbox/personal-token", trust_env=False)
            token = text(decode(answer.content), "token")
            access = Access(base_url=served.base_url, external_id=MERCHANT_ID, token=lambda: token, now=clock)
            yield Till(shelf=shelf, faults=faults, access=access, now=now)


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(("stream", "kind"), [("orders", "order"), ("payments", "payment")])
def test_an_empty_page_with_a_cursor_is_not_the_end(till: Till, stream: str, kind: str) -> None:
    pages = till.pages(stream)
    assert [bool(page.records) for page in pages] == [True, False, True]
    assert {record.source_id for page in pages for record in page.records} == till.ids(kind)


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("locations", "location"),
        ("refunds", "refund"),
        ("payouts", "payout"),
        ("payout_entries", "payout-entry"),
    ],
)
def test_every_record_of_a_stream_is_pulled(till: Till, stream: str, kind: str) -> None:
    assert {record.source_id for record in till.records(stream)} == till.ids(kind)


@pytest.mark.parametrize("stream", ["locations", "catalog", *MONEY_STREAMS])
def test_a_kept_page_gives_its_records_again_and_holds_nothing_about_customers(till: Till, stream: str) -> None:
    assert SOURCE.unpack
    for page in till.pages(stream):
        assert SOURCE.unpack(stream, page.body) == page.records
        assert not [canary for canary in CANARIES if canary.encode() in page.body]


def test_a_sale_that_a_refund_re_versions_is_kept_in_the_same_bytes(till: Till) -> None:
    before = {record.source_id: record.body for record in till.records("orders")}
    for order_id in till.ids("order"):
        till.change("order", order_id, {"version": 99, "updated_at": "2026-03-19T08:00:00Z"})
    assert {record.source_id: record.body for record in till.records("orders")} == before


def test_records_created_years_ago_are_still_pulled(till: Till) -> None:
    clock = till.access.now
    assert isinstance(clock, Clock)
    clock.now += timedelta(days=1200)
    assert {record.source_id for record in till.records("payments")} == till.ids("payment")
    assert {record.source_id for record in till.records("payouts")} == till.ids("payout")


@pytest.mark.parametrize(("stream", "kind"), [("orders", "order"), ("payments", "payment"), ("refunds", "refund")])
def test_a_second_pull_reads_what_has_changed_and_ten_minutes_before(till: Till, stream: str, kind: str) -> None:
    position = till.pages(stream)[-1].position
    before = {record.source_id for record in till.records(stream, position)}
    oldest = till.records(stream)[0].source_id
    assert oldest not in before
    till.change(kind, oldest, {"updated_at": "2026-03-19T08:00:00.5Z"})
    assert {record.source_id for record in till.records(stream, position)} == before | {oldest}


def test_a_pull_that_was_cut_short_goes_on_where_it_stopped(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as short:
        short.setattr(pulling, "PAGES_A_PULL", 1)
        (page,) = till.pages("orders")
    first = {record.source_id for record in page.records}
    rest = {record.source_id for record in till.records("orders", page.position)}
    assert first | rest == till.ids("order")
    assert min(len(first - rest), len(rest - first)) > 0


def test_a_list_without_an_end_is_given_up(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_PAGES", 2)
    with pytest.raises(Broken, match="did not end after 2 pages"):
        till.pages("orders")


def test_a_payout_that_fails_later_is_seen_although_nothing_lists_changes(till: Till) -> None:
    pages = till.pages("payouts")
    sent = next(record.source_id for page in pages for record in page.records if b'"SENT"' in record.body)
    till.change("payout", sent, {"status": "FAILED", "version": 2})
    again = {record.source_id: record.body for record in till.records("payouts", pages[-1].position)}
    assert b'"FAILED"' in again[sent]


def test_payout_entries_are_read_once_for_every_state_of_their_payout(till: Till) -> None:
    position = till.pages("payout_entries")[-1].position
    assert till.pages("payout_entries", position) == []
    sent = next(body for body in till.shelf.all("square-payout") if body["status"] == "SENT")
    till.change("payout", text(sent, "id"), {"status": "PAID", "version": 2})
    again = till.records("payout_entries", position)
    assert {json.loads(record.body)["payout_id"] for record in again} == {sent["id"]}


def test_entries_of_payouts_that_have_not_changed_are_not_asked_for_again(till: Till) -> None:
    position = till.pages("payout_entries")[-1].position
    till.faults.answer_with(500, path_contains="payout-entries")
    assert till.pages("payout_entries", position) == []


def test_a_pull_of_entries_that_died_goes_on_with_the_payouts_left(till: Till) -> None:
    pages = till.pages("payout_entries")
    rest = till.pages("payout_entries", pages[0].position)
    assert [page.records for page in rest] == [page.records for page in pages[1:]]
    assert rest[-1].position == pages[-1].position


def test_a_simple_payout_has_no_entries_to_ask_for(till: Till) -> None:
    for payout_id in till.ids("payout"):
        till.change("payout", payout_id, {"type": "SIMPLE"})
    assert till.pages("payout_entries") == []


def test_the_weekend_becomes_facts_that_tie_and_name_no_customer(till: Till) -> None:
    facts = _facts(till)
    assert [problem for fact in facts for problem in fact.problems] == []
    assert not [canary for canary in CANARIES if canary in repr(facts)]
    reasons = {fact.about.reason for fact in facts if isinstance(fact.about, NoSale) and fact.stream == "orders"}
    assert reasons == {"open and not paid", "cancelled"}
    for day in ("2026-03-14", "2026-03-15"):
        ofday = [fact for fact in facts if fact.business_day.isoformat() == day]
        sold = _sum(ofday, Sale)
        assert sold == _sum(ofday, Tender) + _sum(ofday, Refund) != 0


def test_the_weekends_sunday_is_the_worked_example(till: Till) -> None:
    totals: dict[str, int] = {}
    for fact in _facts(till):
        for bucket in fact.buckets if fact.business_day.isoformat() == "2026-03-15" else ():
            if isinstance(fact.about, Sale | Tender | Refund):
                totals[bucket.key.kind] = totals.get(bucket.key.kind, 0) + bucket.amount
    assert totals == {
        "sale": 31000,
        "discount": -1200,
        "tax": 2464,
        "service_charge": 3000,
        "gratuity": 1944,
        "tip": 680,
        "gift_card": 5000,
        "refund": -1500,
        "refund_tax": -120,
        "tender": 27788 + 1620 + 8980 + 2000 + 2500,
        "refund_tender": -1620,
    }


def test_a_connection_says_whom_it_speaks_for(till: Till) -> None:
    assert SOURCE.identify
    found = SOURCE.identify(till.access)
    assert (found.external_id, found.name) == (MERCHANT_ID, "Main Street Coffee")
    assert "PAYOUTS_READ" in found.scopes
    assert [(each.source_id, each.zone, each.currency) for each in found.locations] == [
        (LOCATION_ID, "America/New_York", "USD")
    ]


def test_a_token_that_is_no_longer_accepted_needs_the_owner(till: Till) -> None:
    till.faults.answer_with(401, _error("UNAUTHORIZED"))
    with pytest.raises(NeedsReconnect, match="connect Square again"):
        till.pages("orders")


@pytest.mark.parametrize(
    ("stream", "scope"),
    [
        ("payouts", "PAYOUTS_READ"),
        ("cash_drawers", "CASH_DRAWER_READ"),
        ("gift_card_activities", "GIFTCARDS_READ"),
        ("disputes", "DISPUTES_READ"),
    ],
)
def test_a_missing_scope_is_named(till: Till, stream: str, scope: str) -> None:
    till.faults.answer_with(403, _error("INSUFFICIENT_SCOPES"))
    with pytest.raises(NeedsReconnect, match=scope):
        till.pages(stream)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_square_that_is_busy_or_away_is_asked_later_and_not_by_the_sdk(till: Till, status: int) -> None:
    till.faults.answer_with(status, b"<html>busy</html>", LATER)
    with pytest.raises(RetryLater) as caught:
        till.pages("refunds")
    assert caught.value.after == till.now + timedelta(hours=2)


def test_an_answer_that_was_lost_is_asked_for_again(till: Till) -> None:
    waits: list[float] = []
    till = replace(till, access=replace(till.access, sleep=waits.append))
    till.faults.lose_answer(when="after", path_contains="refunds", times=2)
    assert {record.source_id for record in till.records("refunds")} == till.ids("refund")
    assert len(waits) == 2


def test_a_request_that_square_refuses_is_ours_to_mend(till: Till) -> None:
    till.faults.answer_with(400, _error("INVALID_VALUE"))
    with pytest.raises(Broken, match="INVALID_VALUE"):
        till.pages("payments")


def test_an_answer_that_is_not_json_is_broken(till: Till) -> None:
    till.faults.answer_with(200, b"<html>welcome to our network</html>")
    with pytest.raises(Broken):
        till.pages("refunds")


def test_a_stream_by_location_needs_one_and_an_unknown_stream_is_refused(till: Till) -> None:
    assert SOURCE.pull
    for stream, sentence in (("payments", "location by location"), ("loyalty", "no stream")):
        order = PullOrder(stream=stream, location="", position="", now=till.now)
        with pytest.raises(Broken, match=sentence):
            list(SOURCE.pull(till.access, order))


def _facts(till: Till) -> list[Fact]:
    assert SOURCE.shop
    assert SOURCE.translate
    shop = SOURCE.shop([*till.records("locations"), *till.records("catalog")], "")
    assert shop.categories["VDINNER"] == "Food"
    return [SOURCE.translate(record, shop) for stream in MONEY_STREAMS for record in till.records(stream)]


def _sum(facts: list[Fact], about: type[Sale] | type[Tender] | type[Refund]) -> int:
    return sum(bucket.amount for fact in facts if isinstance(fact.about, about) for bucket in fact.buckets)


def _error(code: str) -> bytes:
    return json.dumps({"errors": [{"category": "X", "code": code, "detail": "said so"}]}).encode()
