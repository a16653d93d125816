"""What xero-python does to a call when left alone, and that it no longer can."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import urllib3

from connector.domain.books import Books
from connector.errors import Broken, NeedsReconnect, OutcomeUnknown, Rejected, RetryLater
from connector.targets.xero.client import XeroClient, accounting_api
from connector.targets.xero.translate.documents import render
from tests.targets.xero import examples
from tests.targets.xero.conftest import NOW, Cafe

JOURNAL = {
    "currency": "GBP",
    "record": {
        "Narration": "Float [SQ-20261119-AAAAAA]",
        "Date": "2026-11-19",
        "Status": "POSTED",
        "LineAmountTypes": "NoTax",
        "JournalLines": [
            {"Description": "in", "LineAmount": 100_10, "AccountCode": "469", "TaxType": "NONE", "TaxAmount": 0},
            {"Description": "out", "LineAmount": -100_10, "AccountCode": "970", "TaxType": "NONE", "TaxAmount": 0},
        ],
    },
}


def test_a_write_whose_answer_is_lost_is_sent_once(cafe: Cafe) -> None:
    cafe.faults.lose_answer(when="after", method="PUT", times=3)
    with pytest.raises(OutcomeUnknown):
        _write(cafe)
    assert len(cafe.heard("PUT")) == 1
    assert len(cafe.shelf.all("ManualJournals")) == 1


def test_a_busy_answer_to_a_write_names_the_limit_and_when_to_come_back_and_nobody_sleeps(cafe: Cafe) -> None:
    cafe.faults.answer_with(429, headers={"Retry-After": "1", "X-Rate-Limit-Problem": "day"})
    with pytest.raises(RetryLater, match="day limit") as caught:
        _write(cafe)
    assert caught.value.after == NOW + timedelta(seconds=1)
    assert len(cafe.heard("PUT")) == 1


def test_a_busy_answer_to_a_read_that_lasts_longer_than_a_minute_is_left_to_the_job(cafe: Cafe) -> None:
    cafe.faults.answer_with(429, headers={"Retry-After": "61", "X-Rate-Limit-Problem": "day"})
    with pytest.raises(RetryLater):
        XeroClient(cafe.access, sleep=_no_sleep).accounts()
    assert len(cafe.heard("GET")) == 1


def test_a_read_is_asked_again_after_an_outage_and_a_lost_answer(cafe: Cafe) -> None:
    cafe.faults.answer_with(503, b"offline")
    cafe.faults.lose_answer(when="before", method="GET")
    slept: list[float] = []
    found = XeroClient(cafe.access, sleep=slept.append).accounts()
    assert "Checking" in [account.name for account in found]
    assert (len(slept), len(cafe.heard("GET"))) == (2, 3)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 409])
def test_a_server_error_on_a_write_leaves_the_outcome_unknown(cafe: Cafe, status: int) -> None:
    cafe.faults.answer_with(status, b"<html>sorry</html>")
    with pytest.raises(OutcomeUnknown):
        _write(cafe)
    assert len(cafe.heard("PUT")) == 1


def test_a_good_answer_that_cannot_be_read_leaves_the_outcome_unknown(cafe: Cafe) -> None:
    cafe.faults.answer_with(200, b"<html>gateway</html>")
    with pytest.raises(OutcomeUnknown):
        _write(cafe)


def test_where_nobody_listens_nothing_was_sent(cafe: Cafe) -> None:
    with pytest.raises(RetryLater, match="nothing was sent"):
        XeroClient(replace(cafe.access, base_url="http://127.0.0.1:9")).create("manual_journal", [JOURNAL], "k")


def test_a_redirect_is_not_followed(cafe: Cafe) -> None:
    cafe.faults.answer_with(302, headers={"Location": f"{cafe.base_url}/api.xro/2.0/Elsewhere"})
    with pytest.raises(Broken):
        _write(cafe)
    assert cafe.heard("PUT", "/Elsewhere") == []


def test_plain_http_to_another_machine_is_refused(cafe: Cafe) -> None:
    with pytest.raises(Exception, match="https only"):
        XeroClient(replace(cafe.access, base_url="http://xero.example.com"))


def test_amounts_go_out_as_numbers_with_their_own_decimals(cafe: Cafe) -> None:
    _write(cafe)
    (call,) = cafe.heard("PUT")
    assert b'"LineAmount":100.10' in call.body
    assert b'"LineAmount":-100.10' in call.body


def test_a_change_without_the_id_of_a_record_never_leaves_the_house(cafe: Cafe) -> None:
    api = accounting_api(cafe.access)
    for change in (api.update_or_create_invoices, api.update_or_create_manual_journals):
        with pytest.raises(Broken, match="by its id only"):
            change(cafe.access.external_id, b"{}", _preload_content=False, _request_timeout=(5, 60))
    with pytest.raises(Broken, match="by its id only"):
        XeroClient(cafe.access).write_over("manual_journal", "", JOURNAL)
    assert cafe.heard("POST") == []


def test_errors_are_asked_for_one_by_one_in_letters_xero_reads(cafe: Cafe) -> None:
    _write(cafe)
    (call,) = cafe.heard("PUT")
    assert call.query == "summarizeErrors=false"
    assert call.headers["idempotency-key"] == "k1"
    assert call.headers["xero-tenant-id"] == cafe.access.external_id


def test_every_call_has_both_timeouts(cafe: Cafe, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    usual: Callable[..., object] = urllib3.PoolManager.request

    def watching(pool: urllib3.PoolManager, method: str, url: str, **rest: object) -> object:
        seen.append(rest["timeout"])
        return usual(pool, method, url, **rest)

    monkeypatch.setattr(urllib3.PoolManager, "request", watching)
    _write(cafe)
    XeroClient(cafe.access).accounts()
    assert [(one.connect_timeout, one.read_timeout) for one in seen if isinstance(one, urllib3.Timeout)] == [
        (5, 60)
    ] * 2


def test_two_connections_keep_their_own_tokens(cafe: Cafe) -> None:
    one = XeroClient(replace(cafe.access, token=lambda: "first"))
    two = XeroClient(replace(cafe.access, token=lambda: "second"))
    for client in (one, two, one):
        with pytest.raises(NeedsReconnect):
            client.accounts()
    assert [call.headers["authorization"] for call in cafe.heard("GET")] == [
        "Bearer first", "Bearer second", "Bearer first",
    ]  # fmt: skip
    tokens = [accounting_api(cafe.access).api_client.configuration.oauth2_token for _ in range(2)]
    assert tokens[0] is not tokens[1]


def test_words_xero_adds_tomorrow_do_not_lose_the_page(cafe: Cafe) -> None:
    strange = {"AccountID": "a1", "Code": "999", "Name": "Crypto", "Type": "TOKENS", "SystemAccount": "NEWROLE"}
    cafe.shelf.put("Accounts", "a1", {**strange, "Status": "ACTIVE", "CurrencyCode": None, "Surprise": {"a": [1.5]}})
    found = {account.name: account for account in cafe.target.books().accounts}
    assert (found["Crypto"].type, found["Crypto"].kind, found["Crypto"].is_system) == ("other", "TOKENS", True)
    assert "Checking" in found


def test_consent_that_ran_out_needs_a_new_one_and_the_call_is_not_repeated(cafe: Cafe) -> None:
    client = XeroClient(replace(cafe.access, token=lambda: "revoked"))
    with pytest.raises(NeedsReconnect, match="AuthenticationUnsuccessful"):
        client.create("manual_journal", [JOURNAL], "k1")
    assert len(cafe.heard("PUT")) == 1


def test_a_list_that_is_not_there_is_no_empty_list(cafe: Cafe) -> None:
    cafe.faults.answer_with(404, b"gone")
    with pytest.raises(Broken, match="404"):
        XeroClient(cafe.access).accounts()


def test_the_wrong_organisation_needs_a_new_connection(cafe: Cafe) -> None:
    with pytest.raises(NeedsReconnect, match="403"):
        XeroClient(replace(cafe.access, external_id="someone else")).accounts()


def test_the_same_key_with_another_payload_is_our_own_mistake(cafe: Cafe) -> None:
    _write(cafe)
    other = json.loads(json.dumps(JOURNAL).replace("Float", "Other"))
    with pytest.raises(Broken, match="idempotency"):
        XeroClient(cafe.access).create("manual_journal", [other], "k1")


def test_a_call_refused_as_a_whole_tells_every_reason(cafe: Cafe) -> None:
    body = {"Elements": [{"ValidationErrors": [{"Message": "One."}, {"Message": "Two."}]}], "Message": "A validation"}
    cafe.faults.answer_with(400, json.dumps(body).encode())
    with pytest.raises(Rejected, match=r"One\.; Two\."):
        _write(cafe)


def test_the_trace_id_of_an_answer_is_kept(cafe: Cafe) -> None:
    _, trace_id = XeroClient(cafe.access).create("manual_journal", [JOURNAL], "k1")
    assert len(trace_id) == 36


def test_a_contact_is_created_once_whatever_the_case_of_its_letters(cafe: Cafe) -> None:
    assert XeroClient(cafe.access).contact("Nobody") is None
    first = cafe.target.open_contact("Square")
    assert cafe.target.open_contact("square") == first
    assert len(cafe.heard("PUT", "/Contacts")) == 1


def test_records_are_listed_by_the_day_they_changed(cafe: Cafe, books: Books) -> None:
    (piece,) = render(examples.adjustment(), books)
    client = XeroClient(cafe.access)
    client.create("manual_journal", [piece.payload], "k1")
    assert [one.mark_of("manual_journal") for one in client.since("manual_journal", NOW - timedelta(days=1))] == [
        piece.mark
    ]
    assert list(client.since("manual_journal", NOW + timedelta(days=1))) == []


def _write(cafe: Cafe) -> None:
    XeroClient(cafe.access).create("manual_journal", [JOURNAL], "k1")


def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"it slept {seconds} seconds")
