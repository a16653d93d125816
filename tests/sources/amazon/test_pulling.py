"""Pulling from Amazon's stand-in over real HTTP: every report once, its own bytes, and who mends what goes wrong."""

from __future__ import annotations

import base64
import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.domain.payouts import Settlement
from connector.domain.shop import Shop
from connector.errors import Broken, NeedsReconnect, RetryLater, Unreadable
from connector.sandbox.amazon import AmazonHabits
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, DELIVERED_TWICE, LOSABLE, NEXT
from connector.sandbox.amazon_seller import CANARIES, change, report
from connector.sandbox.body import Body, text
from connector.sources.amazon import client
from connector.sources.amazon.files import STREAM, rows
from connector.sources.amazon.pulling import identify, pull
from connector.sources.amazon.source import SOURCE
from connector.sources.contract import PullOrder
from tests.sources.amazon.selling import Seller, selling

REPORTS, DOCUMENTS = "/reports/2021-06-30/reports", "/reports/2021-06-30/documents/"
PLANS = {plan.settlement_id: plan for plan in (*AMERICAN, *CANADIAN)}
LATER = {"Retry-After": "7200"}  # longer than a read waits


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    with selling(tmp_path) as found:
        yield found


def replaced(seller: Seller, settlement: str, content: bytes) -> None:
    """Puts other bytes into the reports of a settlement."""
    for each in seller.shelf.all("amazon-report"):
        if text(each, "settlement") == settlement:
            body: Body = {"content": base64.b64encode(content).decode(), "packed": False}
            seller.shelf.put("amazon-document", text(each, "reportDocumentId"), body)


def gzip_of(body: bytes) -> bytes:
    """What is packed in a report; of one that is not packed, itself."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def order_of(seller: Seller) -> PullOrder:
    """A first pull of the settlements."""
    return PullOrder(stream=STREAM, location="", position="", now=seller.clock.now)


def test_every_settlement_of_both_marketplaces_is_pulled_once_oldest_first(seller: Seller) -> None:
    pulled = [record.source_id for record in seller.records(STREAM)]
    assert pulled == sorted(PLANS, key=lambda name: PLANS[name].ends)


def test_the_settlements_have_the_totals_that_amazon_paid_and_nothing_unknown(seller: Seller) -> None:
    for name, fact in seller.facts(STREAM).items():
        assert isinstance(fact.about, Settlement)
        assert (fact.source_id, fact.problems) == (name, ())
        assert (fact.about.total, fact.about.marketplace) == (PLANS[name].total, PLANS[name].marketplace)
        assert (fact.about.starts_at, fact.about.ends_at) == (PLANS[name].starts, PLANS[name].ends)
        assert "unknown" not in {bucket.key.kind for bucket in fact.buckets}


def test_a_page_is_the_report_as_amazon_keeps_it_and_gives_its_record_and_rows_again(seller: Seller) -> None:
    page = next(page for page in seller.pages(STREAM) if page.records)
    (record,) = page.records
    assert page.body == record.body
    assert gzip.decompress(page.body) == PLANS[record.source_id].content
    assert SOURCE.unpack and SOURCE.unpack(STREAM, page.body) == page.records
    ((ordinal, row),) = rows(io.BytesIO(page.body), frozenset({3}))
    assert ordinal == 3 and "FBAPerUnitFulfillmentFee" in row


def test_row_27_a_settlement_listed_under_a_second_report_id_is_no_new_record(seller: Seller) -> None:
    pages = seller.pages(STREAM)
    assert len(pages) == len(PLANS) + 1
    assert sum(record.source_id == DELIVERED_TWICE for page in pages for record in page.records) == 1


def test_row_29_a_settlement_that_comes_again_with_other_amounts_is_a_page_without_a_record(seller: Seller) -> None:
    again = replace(PLANS[DELIVERED_TWICE], total=-32_170)
    report(seller.shelf, again, seller.clock.now - timedelta(days=20))
    pages = seller.pages(STREAM)
    assert [page.records for page in pages if gzip_of(page.body) == again.content] == [()]
    assert seller.pages(STREAM, pages[-1].position) == []


def test_a_report_that_failed_its_own_total_may_be_replaced_by_a_better_one(seller: Seller) -> None:
    good = PLANS[LOSABLE].content
    replaced(seller, LOSABLE, good.replace(b"3512.80", b"3512.81", 1))
    position = seller.pages(STREAM)[-1].position
    report(seller.shelf, PLANS[LOSABLE], seller.clock.now - timedelta(days=1))
    (page,) = [page for page in seller.pages(STREAM, position) if page.records]
    assert (page.records[0].source_id, gzip.decompress(page.body)) == (LOSABLE, good)
    assert seller.pages(STREAM, page.position) == []


def test_a_report_that_cannot_be_read_stops_no_other_and_its_bytes_are_a_page(seller: Seller) -> None:
    replaced(seller, LOSABLE, b"<html>busy</html>")
    pages = seller.pages(STREAM)
    pulled = {record.source_id for page in pages for record in page.records}
    assert pulled == PLANS.keys() - {LOSABLE}
    assert [page.records for page in pages if page.body == b"<html>busy</html>"] == [()]
    seller.calls.clear()
    assert seller.pages(STREAM, pages[-1].position) == []
    assert seller.calls == [REPORTS]


def test_a_settlement_whose_report_could_not_be_read_comes_with_a_later_one(seller: Seller) -> None:
    replaced(seller, LOSABLE, b"<html>busy</html>")
    position = seller.pages(STREAM)[-1].position
    report(seller.shelf, PLANS[LOSABLE], seller.clock.now - timedelta(days=1))
    assert [record.source_id for record in seller.records(STREAM, position)] == [LOSABLE]


def test_an_unchanged_second_pull_is_one_call_and_yields_nothing(seller: Seller) -> None:
    position = seller.pages(STREAM)[-1].position
    seller.calls.clear()
    assert seller.pages(STREAM, position) == []
    assert seller.calls == [REPORTS]


def test_the_next_settlement_is_the_only_one_that_a_later_pull_fetches(seller: Seller) -> None:
    position = seller.pages(STREAM)[-1].position
    change(seller.shelf)
    seller.calls.clear()
    assert [record.source_id for record in seller.records(STREAM, position)] == [NEXT.settlement_id]
    assert [path.startswith(DOCUMENTS) for path in seller.calls] == [False, True, False]


def test_a_pull_that_was_cut_short_goes_on_where_it_stopped(seller: Seller) -> None:
    pages = pull(seller.access, order_of(seller), seller.clock.sleep)
    first = [next(pages) for _ in range(4)]
    pages.close()  # type: ignore[attr-defined]
    done = {record.source_id for page in first for record in page.records}
    rest = {record.source_id for record in seller.records(STREAM, first[-1].position)}
    assert done | rest == PLANS.keys() and not done & rest


def test_after_four_months_without_a_pull_only_what_amazon_still_keeps_is_asked_for(seller: Seller) -> None:
    position = seller.pages(STREAM)[-1].position
    seller.clock.now += timedelta(days=120)
    assert seller.pages(STREAM, position) == []


def test_a_listing_of_many_pages_is_read_to_its_end_by_the_token_alone(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.sandbox.amazon_reports._LARGEST_PAGE", 1000)
    for number in range(120):
        plan = replace(NEXT, settlement_id=f"{500 + number}", orders=1, returns=0, total=-50_000)
        report(seller.shelf, plan, seller.clock.now - timedelta(hours=number + 1))
    monkeypatch.setattr("connector.sandbox.amazon_reports._LARGEST_PAGE", 100)
    assert len(seller.records(STREAM)) == len(PLANS) + 120
    assert seller.calls.count(REPORTS) == 2


def test_a_listing_without_an_end_is_given_up(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_PAGES", 0)
    with pytest.raises(Broken, match="did not end"):
        seller.pages(STREAM)


@pytest.mark.parametrize("status", [503, 500, 502])
def test_a_page_of_html_from_a_busy_amazon_is_never_nothing_new(seller: Seller, status: int) -> None:
    seller.faults.answer_with(status, b"<html>Service Unavailable</html>", LATER, path_contains=REPORTS)
    with pytest.raises(RetryLater, match=str(status)):
        seller.pages(STREAM)


def test_html_where_a_list_should_be_is_never_nothing_new(seller: Seller) -> None:
    seller.faults.answer_with(200, b"<html>hello</html>", path_contains=REPORTS)
    with pytest.raises(Broken, match="not Reports as Amazon writes it"):
        seller.pages(STREAM)


def test_a_used_up_quota_is_waited_for_as_long_as_the_rate_says(seller: Seller) -> None:
    body = b'{"errors":[{"code":"QuotaExceeded","message":"You exceeded your quota."}]}'
    seller.faults.answer_with(429, body, {"x-amzn-RateLimit-Limit": "0.05"}, path_contains=REPORTS)
    assert len(seller.records(STREAM)) == len(PLANS)
    assert 20 <= seller.clock.slept[0] <= 21


def test_a_quota_that_takes_longer_is_left_to_the_next_run_with_its_moment(seller: Seller) -> None:
    seller.faults.answer_with(429, b"{}", {"x-amzn-RateLimit-Limit": "0.005"}, path_contains=REPORTS)
    with pytest.raises(RetryLater) as raised:
        seller.pages(STREAM)
    assert raised.value.after
    assert timedelta(seconds=200) <= raised.value.after - seller.clock.now < timedelta(seconds=201)
    assert seller.clock.slept == []


def test_a_first_pull_keeps_amazons_pace_and_is_never_refused(tmp_path: Path) -> None:
    with selling(tmp_path, AmazonHabits(keeps_limits=True)) as seller:
        for number in range(8):
            plan = replace(NEXT, settlement_id=f"{600 + number}", orders=1, returns=0, total=-50_000)
            report(seller.shelf, plan, seller.clock.now - timedelta(hours=number + 1))
        assert len(seller.records(STREAM)) == len(PLANS) + 8
        documents = sum(path.startswith(DOCUMENTS) for path in seller.calls)
        assert documents == len(PLANS) + 9
        assert len(seller.clock.slept) == documents - 15
        assert all(59 < wait < 60 for wait in seller.clock.slept)


def test_row_26_an_address_that_has_ended_is_asked_for_once_more(seller: Seller) -> None:
    seller.faults.answer_with(403, b"<Error><Code>AccessDenied</Code></Error>", path_contains="/storage/")
    assert len(seller.records(STREAM)) == len(PLANS)
    assert sum(path.startswith(DOCUMENTS) for path in seller.calls) == len(PLANS) + 2


def test_an_address_that_ends_again_and_again_is_left_to_the_next_run(seller: Seller) -> None:
    seller.faults.answer_with(403, b"", path_contains="/storage/", times=2)
    with pytest.raises(RetryLater, match="ended before it could be read"):
        seller.pages(STREAM)


def test_a_busy_storage_is_asked_again(seller: Seller) -> None:
    seller.faults.answer_with(503, b"<Error/>", path_contains="/storage/")
    assert len(seller.records(STREAM)) == len(PLANS)
    assert len(seller.clock.slept) == 1


def test_a_download_that_breaks_off_is_asked_again(seller: Seller) -> None:
    seller.faults.lose_answer(when="after", path_contains="/storage/")
    assert len(seller.records(STREAM)) == len(PLANS)


def test_row_26_a_document_that_is_gone_stops_no_other_and_is_asked_for_again(seller: Seller) -> None:
    seller.faults.answer_with(404, b"{}", path_contains=DOCUMENTS)
    pages = []
    with pytest.raises(Unreadable, match="keeps the bytes of a settlement report no longer"):
        for page in pull(seller.access, order_of(seller), seller.clock.sleep):
            pages.append(page)
    assert sum(path.startswith("/storage/") for path in seller.calls) == len(PLANS)
    seller.clock.now += timedelta(days=5)
    oldest = min(PLANS.values(), key=lambda plan: plan.ends).settlement_id
    assert [record.source_id for record in seller.records(STREAM, pages[-1].position)] == [oldest]


@pytest.mark.parametrize(
    ("status", "message", "error", "sentence"),
    [
        (401, "bad", NeedsReconnect, "connect Amazon again"),
        (403, "Access to requested resource is denied.", NeedsReconnect, "role Finance and Accounting"),
        (400, "Invalid", Broken, "Amazon refused getReports: 400 X Invalid"),
    ],
)
def test_a_refusal_says_who_mends_it(
    seller: Seller, status: int, message: str, error: type[Exception], sentence: str
) -> None:
    body = b'{"errors":[{"code":"X","message":"%s"}]}' % message.encode()
    seller.faults.answer_with(status, body, path_contains=REPORTS)
    with pytest.raises(error, match=sentence):
        seller.pages(STREAM)


def test_a_token_that_has_just_ended_is_no_end_of_the_consent(seller: Seller) -> None:
    body = b'{"errors":[{"code":"Unauthorized","message":"The access token you provided has expired."}]}'
    seller.faults.answer_with(403, body, path_contains=REPORTS)
    assert len(seller.records(STREAM)) == len(PLANS)


def test_an_account_of_another_region_is_found_there(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    url = seller.access.base_url
    monkeypatch.setattr(client, "REGIONS", (url, url))
    seller.faults.answer_with(403, b'{"errors":[{"code":"Unauthorized"}]}', path_contains=REPORTS)
    pages = list(pull(replace(seller.access, base_url=""), order_of(seller), seller.clock.sleep))
    assert len(pages) == len(PLANS) + 1


def test_the_seller_is_identified_with_the_marketplaces_and_their_zones(seller: Seller) -> None:
    found = identify(seller.access)
    assert (found.external_id, found.name) == (seller.access.external_id, "Copper & Kettle")
    places = [(place.source_id, place.currency, place.zone) for place in found.locations]
    assert places == [("Amazon.com", "USD", "America/Los_Angeles"), ("Amazon.ca", "CAD", "America/Los_Angeles")]


def test_an_application_without_the_role_for_sellers_is_still_connected(tmp_path: Path) -> None:
    with selling(tmp_path, AmazonHabits(tells_marketplaces=False)) as seller:
        found = identify(seller.access)
    assert (found.external_id, found.locations) == (seller.access.external_id, ())


def test_a_connection_without_the_sellers_id_asks_for_it(seller: Seller) -> None:
    with pytest.raises(Unreadable, match="say the seller id with --account ID"):
        identify(replace(seller.access, external_id=""))


def test_what_is_held_back_is_pulled_through_empty_pages_and_nothing_of_its_goods_is_kept(seller: Seller) -> None:
    pages = seller.pages("transactions")
    names = {record.source_id for page in pages for record in page.records}
    held = {text(each, "transactionId") for each in seller.shelf.all("amazon-transaction")
            if text(each, "transactionStatus") == "DEFERRED"}  # fmt: skip
    assert names == held and len(held) > 5
    assert not [canary for page in pages for canary in CANARIES if canary.encode() in page.body]
    assert SOURCE.unpack
    for page in pages[:-1]:
        assert SOURCE.unpack("transactions", page.body) == page.records


def test_an_unchanged_second_pull_asks_once_for_what_came_since_and_leaves_the_position(seller: Seller) -> None:
    position = seller.pages("transactions")[-1].position
    seller.clock.now += timedelta(hours=1)
    seller.calls.clear()
    assert seller.pages("transactions", position) == []
    assert seller.calls == ["/finances/2024-06-19/transactions"]


def test_a_transaction_that_is_held_back_since_is_seen_by_the_next_pull(seller: Seller) -> None:
    first = seller.pages("transactions")
    seller.clock.now += timedelta(hours=2)
    newest = seller.shelf.all("amazon-transaction")[-1]
    later: Body = {"transactionId": "D-LATER", "postedDate": (seller.clock.now - timedelta(hours=1)).isoformat()}
    seller.shelf.put("amazon-transaction", "D-LATER", newest | later)
    pages = seller.pages("transactions", first[-1].position)
    assert [record.source_id for page in pages for record in page.records] == ["D-LATER"]
    assert seller.pages("transactions", pages[-1].position) == []


def test_the_marketplaces_are_asked_for_once_a_day(seller: Seller) -> None:
    (first,) = seller.pages("marketplaces")
    assert [record.source_id for record in first.records] == ["Amazon.com", "Amazon.ca", "Non-Amazon CA"]
    assert seller.pages("marketplaces", first.position) == []
    seller.clock.now += timedelta(days=1)
    (again,) = seller.pages("marketplaces", first.position)
    assert again.body == first.body


def test_an_application_without_the_role_for_sellers_has_no_marketplaces_and_is_pulled(tmp_path: Path) -> None:
    with selling(tmp_path, AmazonHabits(tells_marketplaces=False)) as seller:
        (page,) = seller.pages("marketplaces")
        assert page.records == ()
        assert seller.pages("marketplaces", page.position) == []


def test_a_release_is_noticed_and_gives_the_transaction_a_new_version(seller: Seller) -> None:
    first = seller.pages("transactions")
    before = {record.source_id: record.body for page in first for record in page.records}
    change(seller.shelf)
    seller.clock.now += timedelta(days=1)
    pages = seller.pages("transactions", first[-1].position)
    after = {record.source_id: record.body for page in pages for record in page.records}
    changed = [name for name, body in after.items() if before.get(name) != body]
    assert changed == ["D-0520"]
    assert SOURCE.translate
    (fact,) = (
        SOURCE.translate(record, Shop())
        for page in pages for record in page.records if record.source_id == "D-0520"
    )  # fmt: skip
    assert {bucket.key.channel for bucket in fact.buckets} == {"DEFERRED_RELEASED"}
    assert seller.pages("transactions", pages[-1].position) == []


def test_a_stream_that_amazon_lacks_is_a_mistake_of_ours(seller: Seller) -> None:
    with pytest.raises(Broken, match="no stream 'orders'"):
        seller.pages("orders")
