"""Pulling from Lightspeed's stand-in over HTTP: all of it, nothing of customers, paced, errors by who mends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.domain.facts import Fact
from connector.domain.sales import DayTotals, NoSale
from connector.errors import Broken, ConnectorError, NeedsReconnect, RetryLater
from connector.sandbox.body import Body, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed import (
    ACCOUNT_ID,
    CANARIES,
    LightspeedHabits,
    change,
    fill,
    fill_tokyo,
    lightspeed_app,
)
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.contract import Page, PullOrder, Received
from connector.sources.lightspeed import client
from connector.sources.lightspeed.source import SOURCE
from connector.transport.access import Access

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
MONEY = [stream.name for stream in SOURCE.streams if not stream.is_reference]
REPORTS = [name for name in MONEY if name.endswith("_by_day")]


@dataclass
class Clock:
    """A clock that sleeping moves."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Till:
    """A running stand-in with its fortnight on the shelf."""

    shelf: Shelf
    faults: Faults
    access: Access
    clock: Clock

    def pages(self, stream: str, position: str = "") -> list[Page]:
        order = PullOrder(stream=stream, location="", position=position, now=self.clock.now)
        return list(client.pull(self.access, order, sleep=self.clock.sleep))

    def records(self, stream: str, position: str = "") -> dict[str, Received]:
        return {record.source_id: record for page in self.pages(stream, position) for record in page.records}

    def facts(self, *streams: str) -> list[Fact]:
        assert SOURCE.shop
        assert SOURCE.translate
        reference = [r for s in SOURCE.streams if s.is_reference for r in self.records(s.name).values()]
        shop = SOURCE.shop(reference, "")
        return [SOURCE.translate(record, shop) for stream in streams for record in self.records(stream).values()]

    def change(self, sale_id: str, changes: Body) -> None:
        body = self.shelf.get("lightspeed-sale", sale_id)
        assert body
        self.shelf.put("lightspeed-sale", sale_id, body | changes)


def running(folder: Path, habits: LightspeedHabits | None = None, *, in_tokyo: bool = False) -> Iterator[Till]:
    faults, clock = Faults(), Clock()
    with Shelf(folder / "lightspeed.db") as shelf:
        (fill_tokyo if in_tokyo else fill)(shelf)
        with serve(lightspeed_app(shelf, faults=faults, clock=clock, habits=habits)) as served:
            answer = httpx.post(f"{served.base_url}/_sandbox/personal-token", trust_env=False)
            token = text(decode(answer.content), "token")
            access = Access(base_url=served.base_url, external_id=ACCOUNT_ID, token=lambda: token, now=clock)
            yield Till(shelf=shelf, faults=faults, access=access, clock=clock)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    yield from running(tmp_path)


@pytest.fixture
def tokyo(tmp_path: Path) -> Iterator[Till]:
    yield from running(tmp_path, in_tokyo=True)


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Till]:
    yield from running(tmp_path, LightspeedHabits(bucket_size=20, drip_rate=1))


def test_who_a_token_speaks_for_is_told_with_currency_and_old_zone_names(till: Till) -> None:
    told = client.identify(till.access, sleep=till.clock.sleep)
    assert (told.external_id, told.name) == (ACCOUNT_ID, "Harbor Books")
    assert [(place.source_id, place.zone, place.currency) for place in told.locations] == [
        ("1", "US/Eastern", "USD"),
        ("2", "US/Pacific", "USD"),
    ]


def test_the_account_is_asked_for_where_its_id_is_not_known(till: Till) -> None:
    nameless = Access(base_url=till.access.base_url, external_id="", token=till.access.token, now=till.clock)
    assert client.identify(nameless, sleep=till.clock.sleep).external_id == ACCOUNT_ID


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("shops", "shop"),
        ("registers", "register"),
        ("categories", "category"),
        ("payment_types", "payment-type"),
        ("tax_categories", "tax-category"),
        ("sales", "sale"),
        ("register_counts", "register-count"),
        ("register_withdraws", "register-withdraw"),
        ("processing_fees", "processing-fee"),
    ],
)
def test_every_record_of_a_stream_is_pulled(till: Till, stream: str, kind: str) -> None:
    assert len(till.records(stream)) == len(till.shelf.all(f"lightspeed-{kind}")) > 0


@pytest.mark.parametrize("stream", [stream.name for stream in SOURCE.streams])
def test_a_kept_page_gives_its_records_again_and_holds_nothing_about_customers(till: Till, stream: str) -> None:
    assert SOURCE.unpack
    for page in till.pages(stream):
        assert SOURCE.unpack(stream, page.body) == page.records
        assert not [canary for canary in CANARIES if canary.encode() in page.body]


def test_sales_come_in_pages_and_the_position_moves_only_past_what_was_yielded(till: Till) -> None:
    first, second = till.pages("sales")
    assert len(first.records) == 100
    rest = till.records("sales", first.position)
    assert {record.source_id for record in second.records} <= rest.keys()
    assert len({record.source_id for record in first.records} | rest.keys()) == len(till.shelf.all("lightspeed-sale"))


def test_a_sale_touched_between_two_pages_is_not_lost(till: Till) -> None:
    order = PullOrder(stream="sales", location="", position="", now=NOW)
    pages = client.pull(till.access, order, sleep=till.clock.sleep)
    first = next(pages)
    till.change(first.records[0].source_id, {"voided": "true", "updatetime": "2026-03-22T08:00:00+00:00"})
    later = {record.source_id for page in pages for record in page.records}
    everything = {text(body, "saleID") for body in till.shelf.all("lightspeed-sale")}
    assert {record.source_id for record in first.records} | later == everything
    assert first.records[0].source_id in later


@pytest.mark.parametrize("stream", [name for name in MONEY if name not in client.BALANCES])
def test_a_second_pull_without_a_change_is_one_call_and_nothing_new(till: Till, stream: str) -> None:
    before = till.pages(stream)
    known = {(record.source_id, record.body) for page in before for record in page.records}
    again = till.pages(stream, before[-1].position)
    assert len(again) == 1
    assert {(record.source_id, record.body) for record in again[0].records} <= known


def test_ten_minutes_before_the_newest_change_are_read_again(till: Till) -> None:
    position = till.pages("sales")[-1].position
    newest = max(datetime.fromisoformat(text(body, "updatetime")) for body in till.shelf.all("lightspeed-sale"))
    oldest = next(iter(till.records("sales")))
    assert oldest not in till.records("sales", position)
    till.change(oldest, {"updatetime": (newest - timedelta(minutes=10)).isoformat()})
    assert oldest in till.records("sales", position)
    till.change(oldest, {"updatetime": (newest - timedelta(minutes=10, seconds=1)).isoformat()})
    assert oldest not in till.records("sales", position)


def test_a_late_void_of_a_traded_day_is_found_and_holds_no_money(till: Till) -> None:
    position = till.pages("sales")[-1].position
    sale_id = change(till.shelf)
    assert b'"voided":"true"' in till.records("sales", position)[sale_id].body


def test_an_edit_that_is_not_told_as_a_change_is_found_by_the_weekly_sweep(till: Till) -> None:
    position = till.pages("sales")[-1].position
    sale_id = next(
        text(b, "saleID") for b in till.shelf.all("lightspeed-sale") if "2026-03-07" in text(b, "completeTime")
    )
    till.change(sale_id, {"voided": "true"})
    till.clock.now += timedelta(days=6)
    assert sale_id not in till.records("sales", position)
    till.clock.now += timedelta(days=1)
    pages = till.pages("sales", position)
    assert sale_id in {record.source_id for page in pages for record in page.records}
    assert sale_id not in till.records("sales", pages[-1].position)


@pytest.mark.parametrize("stream", REPORTS)
def test_reports_are_of_closed_days_only_and_a_day_that_lost_its_sales_is_told(till: Till, stream: str) -> None:
    pages = till.pages(stream)
    days = sorted({record.source_id.rsplit(" ", 1)[1] for page in pages for record in page.records})
    assert (days[0], days[-1]) == ("2025-11-02", "2026-03-22")
    for body in till.shelf.all("lightspeed-sale"):
        if text(body, "shopID") == "2":
            till.change(text(body, "saleID"), {"voided": "true"})
    again = till.records(stream, pages[-1].position)
    emptied = next(record for name, record in again.items() if name.endswith(" 2 2026-03-16"))
    assert b"rows" not in emptied.body


def test_a_first_reading_of_reports_that_was_cut_short_goes_on(till: Till) -> None:
    stream, whole = "payments_by_day", till.records("payments_by_day")
    order = PullOrder(stream=stream, location="", position="", now=NOW)
    first = next(client.pull(till.access, order, sleep=till.clock.sleep))
    rest = till.records(stream, first.position)
    assert {record.source_id for record in first.records} | rest.keys() == whole.keys()


def test_a_first_pull_may_begin_at_a_day(till: Till) -> None:
    since = '{"since":"2026-03-15T00:00:00Z"}'
    assert 0 < len(till.records("sales", since)) < len(till.shelf.all("lightspeed-sale"))
    assert min(name.rsplit(" ", 1)[1] for name in till.records("taxes_by_day", since)) == "2026-03-15"


def test_the_whole_fortnight_adds_up_by_sale_and_meets_every_report(till: Till) -> None:
    facts = till.facts(*MONEY)
    assert [(fact.source_id, fact.problems) for fact in facts if fact.problems] == []
    assert _differences(facts) == []


def test_a_shop_without_cents_whose_prices_hold_the_tax_adds_up_too(tokyo: Till) -> None:
    facts = tokyo.facts(*MONEY)
    assert [(fact.source_id, fact.problems) for fact in facts if fact.problems] == []
    assert _differences(facts) == []
    assert {fact.currency for fact in facts} == {"JPY"}


def test_a_void_that_the_report_does_not_know_yet_is_a_difference(till: Till) -> None:
    facts = [fact for fact in till.facts(*MONEY) if (fact.stream, fact.source_id) != ("sales", change(till.shelf))]
    assert {report for report, _, _ in _differences(facts)} >= {"report PaymentsByDay", "report TaxClassSalesByDay"}


def _differences(facts: list[Fact]) -> list[tuple[str, str, int]]:
    """Where the totals of a report and our sums of its kinds and codes differ."""
    found = []
    for fact in facts:
        for kinds, code, amount in fact.about.totals if isinstance(fact.about, DayTotals) else ():
            ours = sum(
                bucket.amount
                for other in facts
                if (other.location, other.business_day) == (fact.location, fact.business_day)
                for bucket in other.buckets
                if bucket.key.kind in kinds.split("+") and code in ("*", bucket.key.code)
            )
            if ours != amount and isinstance(fact.about, DayTotals):
                found.append((fact.about.report, code, ours - amount))
    return found


def test_void_and_unfinished_sales_are_shown_with_their_reasons(till: Till) -> None:
    reasons = [fact.about.reason for fact in till.facts("sales") if isinstance(fact.about, NoSale)]
    assert sorted(reasons) == ["not completed, though 5.00 USD of payments are attached: they count with it", "void"]


def test_a_refused_call_waits_as_long_as_it_was_told(till: Till) -> None:
    till.faults.answer_with(429, b"{}", {"Retry-After": "7"}, path_contains="Shop.json")
    assert len(till.records("shops")) == 2
    assert len(till.clock.slept) == 1
    assert till.clock.slept[0] >= 7


def test_a_wait_longer_than_a_minute_is_the_jobs_and_not_the_threads(till: Till) -> None:
    till.faults.answer_with(429, b"{}", {"Retry-After": "600"}, path_contains="Shop.json")
    with pytest.raises(RetryLater) as refused:
        till.pages("shops")
    assert refused.value.after == NOW + timedelta(seconds=600)
    assert till.clock.slept == []


def test_the_bucket_is_never_overrun(paced: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[httpx.Response] = []
    sort = client._sorted_error

    def noted(response: httpx.Response, stream: str, now: datetime) -> ConnectorError:
        refused.append(response)
        return sort(response, stream, now)

    monkeypatch.setattr(client, "_sorted_error", noted)
    for _ in range(4):
        for stream in ("sales", "register_counts", "taxes_by_day"):
            paced.pages(stream)
    assert refused == []
    assert paced.clock.slept
    assert paced.clock.now - NOW == timedelta(seconds=sum(paced.clock.slept))


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, NeedsReconnect, "connect Lightspeed again"),
        (403, NeedsReconnect, "allow employee:admin_shops"),
        (404, Broken, "404"),
    ],
)
def test_refusals_are_sorted_by_who_can_mend_them(till: Till, status: int, error: type[Exception], words: str) -> None:
    till.faults.answer_with(status, b"<html>no</html>", path_contains="Shop.json")
    with pytest.raises(error, match=words):
        till.pages("shops")


def test_a_lost_answer_is_asked_for_again(till: Till) -> None:
    till.faults.lose_answer(when="after", path_contains="Sale.json")
    assert len(till.records("sales")) == len(till.shelf.all("lightspeed-sale"))


def test_a_list_without_an_end_is_given_up(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_PAGES", 1)
    with pytest.raises(Broken, match="did not end after 1 pages"):
        till.pages("sales")


def test_a_next_page_at_another_host_is_never_asked_for(till: Till) -> None:
    elsewhere = b'{"@attributes":{"next":"https://elsewhere.example/API/V3/Account/1/Shop.json"},"Shop":{"shopID":"1"}}'
    till.faults.answer_with(200, elsewhere, path_contains="Shop.json")
    with pytest.raises(Broken, match="another address"):
        till.pages("shops")


@pytest.mark.parametrize("body", [b"[]", b"<html>", b'{"Shop":["x"]}', b'{"Shop":{"name":"no id"}}'])
def test_an_answer_of_another_shape_is_refused(till: Till, body: bytes) -> None:
    till.faults.answer_with(200, body, path_contains="Shop.json")
    with pytest.raises(Broken):
        till.pages("shops")
