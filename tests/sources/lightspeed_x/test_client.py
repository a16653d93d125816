"""Pulling from the X-Series stand-in over real HTTP: all of it, nothing of customers, errors by who mends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale
from connector.errors import Broken, NeedsReconnect, RetryLater, Unreadable
from connector.sandbox.body import decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed_x import CANARIES, Habits, change, fill, lightspeed_x_app
from connector.sandbox.lightspeed_x_month import DOMAIN_PREFIX, OUTLETS
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.contract import Page, PullOrder, Received
from connector.sources.lightspeed_x import client
from connector.sources.lightspeed_x.source import SOURCE
from connector.transport.access import Access
from connector.transport.sessions import httpx_client
from tests.sources.lightspeed_x.building import sides

STREAMS = tuple(stream.name for stream in SOURCE.streams)
LISTS = tuple(name for name in STREAMS if name != "sessions")
REFERENCE = tuple(stream.name for stream in SOURCE.streams if stream.is_reference)


@dataclass
class Clock:
    now: datetime = datetime(2026, 4, 10, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Till:
    """A running stand-in with its month on the shelf."""

    shelf: Shelf
    faults: Faults
    access: Access
    clock: Clock

    def pages(self, stream: str, position: str = "") -> list[Page]:
        order = PullOrder(stream=stream, location="", position=position, now=self.clock.now)
        return list(client.pull(self.access, order, sleep=self.clock.sleep))

    def records(self, stream: str, position: str = "") -> list[Received]:
        return [record for page in self.pages(stream, position) for record in page.records]

    def ids(self, kind: str) -> set[str]:
        return {text(body, "id") for body in self.shelf.all(f"lsx-{kind}")}


@pytest.fixture(params=[Habits(calls=0)])
def till(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Till]:
    faults, clock = Faults(), Clock()
    with Shelf(tmp_path / "lightspeed.db") as shelf:
        fill(shelf)
        with serve(lightspeed_x_app(shelf, faults=faults, clock=clock, habits=request.param)) as served:
            answer = httpx.post(f"{served.base_url}/_sandbox/personal-token", trust_env=False)
            token = text(decode(answer.content), "token")
            access = Access(base_url=served.base_url, external_id=DOMAIN_PREFIX, token=lambda: token, now=clock)
            yield Till(shelf=shelf, faults=faults, access=access, clock=clock)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked, in order."""
    asked: list[str] = []
    monkeypatch.setattr(client, "httpx_client", lambda: httpx_client(lambda answer: asked.append(str(answer.url))))
    return asked


@pytest.mark.parametrize("stream", LISTS)
def test_every_record_of_a_list_is_pulled_to_the_empty_page(
    till: Till, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 2 if stream != "sales" else 50)
    pages = till.pages(stream)
    assert len(pages) > 1
    assert {record.source_id for page in pages for record in page.records} == till.ids(stream)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_kept_page_gives_its_records_again_and_holds_nothing_about_customers(till: Till, stream: str) -> None:
    assert SOURCE.unpack
    for page in till.pages(stream):
        assert SOURCE.unpack(stream, page.body) == page.records
        assert not [canary for canary in CANARIES if canary.encode() in page.body]


def test_the_stand_in_does_show_customers_to_whoever_looks(till: Till) -> None:
    shown = repr(till.shelf.all("lsx-sales"))
    assert not [canary for canary in CANARIES if canary not in shown]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_second_pull_without_a_change_makes_one_call_and_finds_nothing(
    till: Till, stream: str, calls: list[str]
) -> None:
    position = till.pages(stream)[-1].position
    calls.clear()
    assert till.pages(stream, position) == []
    assert len(calls) == 1


def test_a_late_void_of_a_traded_day_is_found(till: Till) -> None:
    position = till.pages("sales")[-1].position
    change(till.shelf)
    (found,) = till.records("sales", position)
    assert b'"voided"' in found.body


def test_a_pull_that_died_goes_on_behind_the_page_that_was_kept(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 60)
    pages = till.pages("sales")
    for number, page in enumerate(pages):
        assert till.pages("sales", page.position) == pages[number + 1 :]


def test_a_sale_that_changes_while_pages_are_turned_is_seen_in_its_newer_version(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 60)
    order = PullOrder(stream="sales", location="", position="", now=till.clock.now)
    pages = client.pull(till.access, order)
    first = next(pages)
    change(till.shelf)
    rest = [record for page in pages for record in page.records]
    assert [record for record in rest if record.source_id in {each.source_id for each in first.records}]
    assert {record.source_id for record in (*first.records, *rest)} == till.ids("sales")


def test_a_sale_whose_version_alone_moved_is_kept_in_the_same_bytes(till: Till) -> None:
    (before, *_) = till.records("sales")
    body = till.shelf.get("lsx-sales", before.source_id)
    assert body
    later = {"version": 99_000_000_000}
    till.shelf.put("lsx-sales", before.source_id, {**body, "note": "changed", "_metadata": later})
    assert till.records("sales")[-1] == before


def test_a_list_that_does_not_lead_on_is_given_up(till: Till) -> None:
    body = b'{"data":[{"id":"X","line_items":[],"_metadata":{"version":7}}]}'
    till.faults.answer_with(200, body, path_contains="sales", times=2)
    with pytest.raises(Broken, match="does not go on"):
        till.pages("sales")


def test_a_long_history_goes_on_with_the_next_pull(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 100)
    monkeypatch.setattr(client, "MOST_PAGES", 1)
    (page,) = till.pages("sales")
    (following,) = till.pages("sales", page.position)
    assert not {each.source_id for each in page.records} & {each.source_id for each in following.records}


def test_the_month_becomes_facts_that_tie_and_name_no_customer(till: Till) -> None:
    facts = _facts(till)
    assert not [canary for canary in CANARIES if canary in repr(facts)]
    problems = {problem.code for fact in facts for problem in fact.problems}
    assert problems == set()
    for fact in facts:
        if not fact.problems:
            sold, tendered = sides(fact)
            unknown = sum(b.amount for b in fact.buckets if b.key.kind == "unknown")
            assert sold - unknown == tendered + unknown
    assert {fact.about.reason for fact in facts if isinstance(fact.about, NoSale) and fact.stream == "sales"} == {
        "voided", "parked, and not paid",
    }  # fmt: skip


def test_an_open_register_is_looked_at_only_when_it_changed(till: Till, calls: list[str]) -> None:
    page = till.pages("sessions")[-1]
    assert len(page.records) == len(OUTLETS)
    register = till.shelf.all("lsx-registers")[0]
    closed = {**register, "is_open": False, "version": 99_000_000_000}
    till.shelf.put("lsx-registers", text(register, "id"), closed)
    calls.clear()
    assert till.records("sessions", page.position) == []
    assert len(calls) == 2


def test_a_register_that_is_closed_between_two_calls_is_passed_over(till: Till) -> None:
    till.faults.answer_with(404, b"{}", path_contains="payments_summary")
    assert len(till.records("sessions")) == len(OUTLETS) - 1


def test_a_connection_says_whom_it_speaks_for_and_where_it_sells(till: Till) -> None:
    assert SOURCE.identify
    found = SOURCE.identify(till.access)
    assert (found.external_id, found.name) == (DOMAIN_PREFIX, "Harbour Lane")
    assert [(each.name, each.zone, each.currency) for each in found.locations] == [
        ("Auckland", "Pacific/Auckland", "NZD"), ("Chicago", "America/Chicago", "USD"), ("Tokyo", "Asia/Tokyo", "JPY"),
    ]  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "evil.example/", "a@b", "-x", "x" * 64, "Shop"])
def test_the_host_is_built_from_a_domain_prefix_and_nothing_else(prefix: str) -> None:
    access = Access(base_url="", external_id=prefix, token=lambda: "T", now=Clock())
    with pytest.raises(Unreadable):
        list(client.pull(access, PullOrder(stream="sales", location="", position="", now=Clock().now)))


# The pace.


@pytest.mark.parametrize("till", [Habits(calls=13)], indirect=True)
def test_the_last_calls_of_a_window_are_made_as_slowly_as_it_refills(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RECORDS_A_PAGE", 50)
    assert {record.source_id for record in till.records("sales")} == till.ids("sales")
    assert till.clock.slept == [300 / 13] * 3


def test_nothing_is_sent_before_the_date_that_retry_after_names(till: Till, calls: list[str]) -> None:
    at = till.clock.now + timedelta(seconds=30)
    till.faults.answer_with(429, b"{}", {"Retry-After": format_datetime(at, usegmt=True)})
    assert {record.source_id for record in till.records("taxes")} == till.ids("taxes")
    assert till.clock.slept == [30]
    assert len(calls) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_lightspeed_that_is_busy_for_long_is_asked_later(till: Till, status: int) -> None:
    at = till.clock.now + timedelta(hours=2)
    till.faults.answer_with(status, b"busy", {"Retry-After": format_datetime(at, usegmt=True)})
    with pytest.raises(RetryLater) as caught:
        till.pages("sales")
    assert caught.value.after == at
    assert till.clock.slept == []


def test_an_answer_that_was_lost_is_asked_for_again(till: Till) -> None:
    till.faults.lose_answer(when="after", path_contains="sales", times=2)
    assert {record.source_id for record in till.records("sales")} == till.ids("sales")
    assert len(till.clock.slept) == 2


# Errors, by who mends them.


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (401, NeedsReconnect, "connect Lightspeed again"),
        (402, NeedsReconnect, "plan does not include sales"),
        (403, NeedsReconnect, "sales:read"),
        (410, Broken, "version 2026-07 of its API any more"),
        (404, Broken, "it has ended"),
        (400, Broken, "refused the request for sales: 400"),
    ],
)
def test_an_error_says_who_mends_it(till: Till, status: int, error: type[Exception], sentence: str) -> None:
    till.faults.answer_with(status, b"{}")
    with pytest.raises(error, match=sentence):
        till.pages("sales")


def test_an_answer_that_is_not_json_is_broken(till: Till) -> None:
    till.faults.answer_with(200, b"<html>welcome to our network</html>")
    with pytest.raises(Broken):
        till.pages("sales")


def test_an_unknown_stream_is_refused(till: Till) -> None:
    with pytest.raises(Broken, match="no stream"):
        till.pages("loyalty")


def _facts(till: Till) -> list[Fact]:
    assert SOURCE.shop
    assert SOURCE.translate
    shop = SOURCE.shop([record for stream in REFERENCE for record in till.records(stream)], "")
    return [SOURCE.translate(record, shop) for stream in ("sales", "sessions") for record in till.records(stream)]
