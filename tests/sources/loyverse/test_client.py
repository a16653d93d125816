"""Pulling from Loyverse's stand-in over real HTTP: all of it, nothing of customers, errors by who mends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.domain.account_map import AccountMap
from connector.domain.facts import UNKNOWN, Fact
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.errors import Broken, NeedsReconnect, RetryLater, Unreadable
from connector.mapping.documents import documents
from connector.mapping.rules import Rules
from connector.sandbox.body import Body, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.loyverse import LoyverseHabits, loyverse_app
from connector.sandbox.loyverse_month import ANNEX, CANARIES, HARBOR, ZONES, change, fill, fill_tokyo
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.contract import Page, PullOrder, Received
from connector.sources.loyverse import client
from connector.sources.loyverse.source import SOURCE
from connector.transport.access import Access
from tests.sources.loyverse.building import sides

STREAMS = [stream.name for stream in SOURCE.streams]
KINDS = {"stores": "store", "payment_types": "payment_type", "categories": "category", "items": "item",
         "receipts": "receipt", "shifts": "shift"}  # fmt: skip
RULES = Rules(defaults=SOURCE.defaults, account_map=AccountMap(), organisation="o", connection="c", account="a")
APRIL = datetime(2026, 4, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that goes on when somebody sleeps, and remembers for how long."""

    now: datetime = APRIL
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Till:
    """A running stand-in; `calls` grows by one with each call."""

    shelf: Shelf
    faults: Faults
    clock: Clock
    access: Access
    calls: list[str]

    def pages(self, stream: str, position: str = "") -> list[Page]:
        assert SOURCE.pull
        order = PullOrder(stream=stream, location="", position=position, now=self.clock())
        return list(SOURCE.pull(self.access, order))

    def records(self, stream: str, position: str = "") -> list[Received]:
        return [record for page in self.pages(stream, position) for record in page.records]

    def ids(self, stream: str) -> set[str]:
        bodies = self.shelf.all(f"loyverse-{KINDS[stream]}")
        return {text(body, "receipt_number") or text(body, "id") for body in bodies}


def _running(shelf: Shelf, habits: LoyverseHabits | None = None) -> Iterator[Till]:
    clock, faults, calls = Clock(), Faults(), list[str]()
    app = loyverse_app(shelf, faults=faults, clock=clock, habits=habits)
    with serve(app) as served:
        answer = httpx.post(f"{served.base_url}/_sandbox/personal-token", trust_env=False)
        token = text(decode(answer.content), "token")

        def given() -> str:
            calls.append(token)
            return token

        access = Access(base_url=served.base_url, external_id="", token=given, now=clock, sleep=clock.sleep)
        yield Till(shelf=shelf, faults=faults, clock=clock, access=access, calls=calls)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with Shelf(tmp_path / "loyverse.db") as opened:
        fill(opened)
        yield opened


@pytest.fixture
def till(shelf: Shelf) -> Iterator[Till]:
    yield from _running(shelf)


@pytest.fixture
def free_plan(shelf: Shelf) -> Iterator[Till]:
    yield from _running(shelf, LoyverseHabits(history_days=31))


@pytest.fixture
def busy(shelf: Shelf) -> Iterator[Till]:
    yield from _running(shelf, LoyverseHabits(calls_per_minute=3))


@pytest.mark.parametrize("stream", KINDS)
def test_every_record_of_a_stream_is_pulled_page_by_page(
    till: Till, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 4)
    assert {record.source_id for record in till.records(stream)} == till.ids(stream)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_kept_page_gives_its_records_again_and_holds_nothing_about_customers(till: Till, stream: str) -> None:
    assert SOURCE.unpack
    for page in till.pages(stream):
        assert SOURCE.unpack(stream, page.body) == page.records
        assert not [canary for canary in CANARIES if canary.encode() in page.body]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_second_pull_without_a_change_is_one_call_and_brings_nothing_new(till: Till, stream: str) -> None:
    pages = till.pages(stream)
    before = {record.source_id: record.body for page in pages for record in page.records}
    till.calls.clear()
    again = till.pages(stream, pages[-1].position)
    assert len(till.calls) == 1
    assert {before[record.source_id] == record.body for page in again for record in page.records} <= {True}
    assert again[-1].position == pages[-1].position


def test_a_shop_that_was_quiet_for_a_year_is_still_one_call(till: Till) -> None:
    position = till.pages("receipts")[-1].position
    till.clock.now += timedelta(days=90)
    position = till.pages("receipts", position)[-1].position
    till.clock.now += timedelta(days=90)
    till.calls.clear()
    till.pages("receipts", position)
    assert len(till.calls) == 1


def test_a_change_in_a_day_long_traded_is_found(till: Till) -> None:
    pages = till.pages("receipts")
    change(till.shelf)
    (late, *_) = (record for record in till.records("receipts", pages[-1].position) if b"cancelled_at" in record.body)
    assert isinstance(_translated(till, late).about, NoSale)
    assert _translated(till, late).business_day == date(2026, 3, 20)


def test_a_sale_that_its_refund_re_versions_is_kept_in_the_same_bytes(till: Till) -> None:
    before = {record.source_id: record.body for record in till.records("receipts")}
    for body in till.shelf.all("loyverse-receipt"):
        till.shelf.put(
            "loyverse-receipt", text(body, "receipt_number"), body | {"updated_at": "2026-04-02T08:00:00.000Z"}
        )
    assert {record.source_id: record.body for record in till.records("receipts")} == before


def test_a_position_moves_only_at_the_end_of_what_was_listed_newest_first(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 40)
    pages = till.pages("receipts")
    assert len(pages) >= 4
    for cut in range(1, len(pages)):
        seen = {record.source_id for page in pages[:cut] for record in page.records}
        rest = {record.source_id for record in till.records("receipts", pages[cut - 1].position)}
        assert seen | rest == till.ids("receipts")


def test_row_11_a_receipt_that_changes_while_pages_are_turned_is_found_by_the_next_pull(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 40)
    assert SOURCE.pull
    order = PullOrder(stream="receipts", location="", position="", now=till.clock())
    pulled = SOURCE.pull(till.access, order)
    pages = [next(pulled), next(pulled)]
    change(till.shelf)
    pages += pulled
    rest = till.records("receipts", pages[-1].position)
    last = {record.source_id: record.body for record in [*(r for page in pages for r in page.records), *rest]}
    assert set(last) == till.ids("receipts")
    assert sum(b"cancelled_at" in body for body in last.values()) == 2


def test_row_17_a_till_whose_clock_is_ahead_does_not_carry_the_position_away(till: Till) -> None:
    shift = till.shelf.all("loyverse-shift")[-1]
    till.shelf.put("loyverse-shift", text(shift, "id"), shift | {"closed_at": "2031-01-01T00:00:00.000Z"})
    position = till.pages("shifts")[-1].position
    new: Body = {"id": "NEW", "opened_at": "2026-04-02T09:00:00.000Z", "closed_at": "2026-04-02T10:00:00.000Z"}
    till.shelf.put("loyverse-shift", "NEW", shift | new)
    assert "NEW" in {record.source_id for record in till.records("shifts", position)}


def test_a_list_without_an_end_is_given_up(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 1)
    monkeypatch.setattr(client, "MOST_PAGES", 2)
    with pytest.raises(Broken, match="did not end after 2 pages"):
        till.pages("items")


def test_an_item_that_left_the_catalogue_still_names_its_category(till: Till) -> None:
    shop = _shop(till)
    kite = next(text(body, "id") for body in till.shelf.all("loyverse-item") if body["item_name"] == "Paper kite")
    assert shop.categories[kite] == "Retail"


def test_without_the_add_on_the_pull_begins_31_days_back_and_says_why(free_plan: Till) -> None:
    records = free_plan.records("receipts")
    notice, *served = records
    found = _translated(free_plan, notice)
    assert isinstance(found.about, NoSale)
    assert "last 31 days" in found.about.reason
    assert "402 PAYMENT_REQUIRED" in found.about.reason
    oldest = free_plan.clock() - timedelta(days=31) + timedelta(hours=1)
    wanted = {
        text(body, "receipt_number")
        for body in free_plan.shelf.all("loyverse-receipt")
        if datetime.fromisoformat(text(body, "updated_at")) >= oldest
    }
    assert {record.source_id for record in served} == wanted
    assert len(wanted) > 100


def test_the_reason_is_told_once_and_not_again_where_nothing_was_missed(free_plan: Till) -> None:
    position = free_plan.pages("receipts")[-1].position
    assert not [each for each in free_plan.records("receipts", position) if b"history_before" in each.body]
    free_plan.clock.now += timedelta(days=30)
    quiet = free_plan.pages("receipts", position)[-1].position
    free_plan.clock.now += timedelta(days=30)
    pages = free_plan.pages("receipts", quiet)
    assert [record for page in pages for record in page.records] == []


def test_a_gap_after_two_months_without_a_pull_is_told(free_plan: Till) -> None:
    position = free_plan.pages("shifts")[-1].position
    free_plan.clock.now += timedelta(days=60)
    (notice,) = free_plan.records("shifts", position)
    assert notice.source_id == "history before 2026-05-01"
    about = _translated(free_plan, notice).about
    assert isinstance(about, NoSale)
    assert "shifts from before 2026-05-01" in about.reason


def test_a_stream_that_is_refused_for_want_of_an_add_on_says_so(till: Till) -> None:
    till.faults.answer_with(402, _error("PAYMENT_REQUIRED"))
    with pytest.raises(NeedsReconnect, match="only with a paid add-on"):
        till.pages("items")


def test_the_month_becomes_facts_that_tie_and_name_no_customer(till: Till) -> None:
    facts = _facts(till)
    assert [problem for fact in facts for problem in fact.problems] == []
    assert not [canary for canary in CANARIES if canary in repr(facts)]
    unknown = [bucket for fact in facts for bucket in fact.buckets if bucket.key.kind == UNKNOWN]
    assert [(bucket.key.code, bucket.amount, bucket.key.period) for bucket in unknown] == [
        ("payment type PALMSCAN", 525, "2026-03-22")
    ]
    sound = [fact for fact in facts if fact.stream == "receipts" and all(b.key.kind != UNKNOWN for b in fact.buckets)]
    assert {sale - tender for sale, tender in map(sides, sound)} == {0}


def test_a_receipt_that_is_a_cent_off_holds_its_day_and_no_other(shelf: Shelf) -> None:
    for till in _running(shelf, LoyverseHabits(off_by_a_cent="1-1001")):
        facts = [fact for fact in _facts(till) if fact.business_day < date(2026, 3, 5)]
    made = documents(facts, RULES)
    assert [(held.code, held.difference, held.period) for held in made.held] == [
        ("L1", 1, f"day|{HARBOR.id}|2025-11-01|USD")
    ]
    assert len(made.documents) == 9


def test_row_31_the_day_of_23_hours_and_that_of_25_hold_their_own_sales(till: Till) -> None:
    facts = [fact for fact in _facts(till) if fact.stream == "receipts" and fact.location == HARBOR.id]
    of_day = {day: [f for f in facts if f.business_day == day] for day in (date(2026, 3, 8), date(2025, 11, 2))}
    assert {day: len(found) for day, found in of_day.items()} == {date(2026, 3, 8): 5, date(2025, 11, 2): 3}
    first, second, *_ = sorted(fact.occurred_at for fact in of_day[date(2025, 11, 2)])
    assert second - first == timedelta(hours=1)  # the same half past one by the clock on the wall


def test_a_sale_made_offline_belongs_to_the_day_it_was_made(till: Till) -> None:
    created = {text(body, "receipt_number"): text(body, "created_at") for body in till.shelf.all("loyverse-receipt")}
    late = [
        fact
        for fact in _facts(till)
        if fact.stream == "receipts"
        and datetime.fromisoformat(created[fact.source_id]) - fact.occurred_at > timedelta(hours=25)
    ]
    assert [fact.business_day for fact in late] == [date(2026, 3, 14)]


def test_a_shop_in_yen_ties_as_well(tmp_path: Path) -> None:
    with Shelf(tmp_path / "tokyo.db") as shelf:
        fill_tokyo(shelf)
        for till in _running(shelf):
            facts = _facts(till, "Asia/Tokyo")
    assert [problem for fact in facts for problem in fact.problems] == []
    assert [(fact.currency, sides(fact)) for fact in facts] == [("JPY", (2455, 2455)), ("JPY", (-165, -165))]


def test_a_connection_says_whom_it_speaks_for_and_leaves_the_zones_to_the_owner(till: Till) -> None:
    assert SOURCE.identify
    found = SOURCE.identify(till.access)
    assert found.name == "Harbor Kiosk"
    assert [(each.source_id, each.name, each.zone, each.currency) for each in found.locations] == [
        (HARBOR.id, "Harbor", "", "USD"),
        (ANNEX.id, "Annex", "", "USD"),
    ]


def test_receipts_wait_until_the_owner_has_said_the_zone_of_the_store(till: Till) -> None:
    assert SOURCE.shop
    assert SOURCE.translate
    shop = SOURCE.shop([*till.records("merchant"), *till.records("stores")], "")
    with pytest.raises(Unreadable, match="time zone of the Loyverse store Harbor is not known"):
        SOURCE.translate(till.records("receipts")[-1], shop)


def test_a_token_that_is_no_longer_accepted_needs_the_owner(till: Till) -> None:
    till.faults.answer_with(401, _error("UNAUTHORIZED"))
    with pytest.raises(NeedsReconnect, match="connect it again"):
        till.pages("receipts")


def test_a_missing_scope_is_named(till: Till) -> None:
    till.faults.answer_with(403, _error("FORBIDDEN"))
    with pytest.raises(NeedsReconnect, match="ITEMS_READ"):
        till.pages("categories")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_loyverse_that_is_busy_or_away_is_asked_later(till: Till, status: int) -> None:
    till.faults.answer_with(status, b"<html>busy</html>", {"Retry-After": "7200"})
    with pytest.raises(RetryLater) as caught:
        till.pages("stores")
    assert caught.value.after == APRIL + timedelta(hours=2)
    assert till.clock.slept == []


def test_no_call_is_made_inside_the_wait_that_loyverse_asks_for(busy: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 1)
    assert {record.source_id for record in busy.records("items")} == busy.ids("items")
    # Seven pages at three a minute: refused twice. A call inside the wait would be refused once more.
    assert len(busy.calls) == 7 + 2
    assert max(busy.clock.slept) >= 59


def test_a_long_list_is_read_at_one_call_a_second_after_the_first_ten(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 10)
    till.pages("receipts")
    assert len(till.calls) > 12
    assert till.clock.slept == [1.0] * (len(till.calls) - 10)


def test_an_answer_that_was_lost_is_asked_for_again(till: Till) -> None:
    till.faults.lose_answer(when="after", path_contains="stores", times=2)
    assert {record.source_id for record in till.records("stores")} == till.ids("stores")
    assert len(till.calls) == 3


def test_a_request_that_loyverse_refuses_is_ours_to_mend(till: Till) -> None:
    till.faults.answer_with(400, _error("INVALID_CURSOR"))
    with pytest.raises(Broken, match="INVALID_CURSOR said so"):
        till.pages("items")


def test_an_answer_that_is_not_json_is_broken(till: Till) -> None:
    till.faults.answer_with(200, b"<html>welcome to our network</html>")
    with pytest.raises(Broken):
        till.pages("stores")


def test_an_unknown_stream_is_refused(till: Till) -> None:
    with pytest.raises(Broken, match="no stream"):
        till.pages("loyalty")


def _shop(till: Till, zone: str = "") -> Shop:
    """The shop with the zones that its owner has said."""
    assert SOURCE.shop
    reference = [record for stream in STREAMS[:5] for record in till.records(stream)]
    zoned = [_with_zone(record) if record.stream == "stores" else record for record in reference]
    return SOURCE.shop(zoned, zone)


def _with_zone(record: Received) -> Received:
    zone = ZONES.get(record.source_id)
    body = json.loads(record.body) | ({"zone": zone} if zone else {})
    return Received(stream="stores", source_id=record.source_id, spelled=json.dumps(body).encode())


def _translated(till: Till, record: Received) -> Fact:
    assert SOURCE.translate
    return SOURCE.translate(record, _shop(till))


def _facts(till: Till, zone: str = "") -> list[Fact]:
    assert SOURCE.translate
    shop = _shop(till, zone)
    facts = [SOURCE.translate(record, shop) for stream in ("receipts", "shifts") for record in till.records(stream)]
    return sorted(facts, key=lambda fact: fact.occurred_at)


def _error(code: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "details": "said so"}]}).encode()
