"""The library's hazards, each with its cure: what exactly goes out, and that nothing of an answer is lost."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from connector.errors import Broken, OutcomeUnknown, RetryLater, Unreadable, Unsent
from connector.targets.contract import OpenBooks, Receipt, Rendered
from connector.targets.quickbooks import client
from connector.targets.quickbooks.client import open_client, quoted
from connector.targets.quickbooks.records import Record, TaxCode
from connector.transport.access import Access
from connector.transport.sessions import CONNECT_SECONDS, READ_SECONDS
from tests.targets.quickbooks.given import AMERICAN, document, line, now, opened, outgoing

BASE = "https://books.example"
JOURNALS = f"{BASE}/v3/company/9341452000000001/journalentry"
QUERY = f"{BASE}/v3/company/9341452000000001/query"
TAKEN = {"JournalEntry": {"Id": "27", "SyncToken": "0", "DocNumber": "SQ-20261119-7F3K2Q"}, "time": "t"}
SECRET = "secret-token"


def client_of(token: str = SECRET) -> client.QuickBooksClient:
    return open_client(Access(base_url=BASE, external_id="9341452000000001", token=lambda: token, now=now))


def books() -> OpenBooks:
    return opened(BASE, lambda: SECRET)


def rendered(text: str = "Café, 東京") -> Rendered:
    (made,) = books().render(
        document(line("bank", "Checking", 10010), line("sales", "Sales Food", -10010, text=text)), AMERICAN
    )
    return made


def echoed(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    """QuickBooks' answer to a write: the whole record as it took it."""
    taken = {**json.loads(request.body or b""), "Id": "27", "SyncToken": "0"}
    return 200, {"intuit_tid": "1-77"}, json.dumps({"JournalEntry": taken})


@responses.activate
def test_an_answer_that_names_another_record_says_nothing_about_ours() -> None:
    other = {"Id": "27", "SyncToken": "0", "DocNumber": "SQ-20261119-AAAAAA"}
    responses.post(JOURNALS, json={"JournalEntry": other})
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, OutcomeUnknown)


@responses.activate
def test_journal_goes_out_byte_for_byte_with_its_request_id_and_minor_version() -> None:
    responses.add_callback("POST", JOURNALS, echoed)
    item = outgoing(rendered())
    assert books().post([item]) == [Receipt(target_id="27", version="0", trace_id="1-77")]
    (call,) = responses.calls
    assert parse_qs(urlsplit(call.request.url or "").query) == {"minorversion": ["75"], "requestid": [item.key]}
    assert call.request.headers["Authorization"] == f"Bearer {SECRET}"
    assert call.request.headers["Accept"] == "application/json"
    assert isinstance(call.request.body, bytes)
    assert b'"Amount":100.10,' in call.request.body
    assert json.loads(call.request.body)["Line"][1]["Description"] == "Café, 東京"


@responses.activate
def test_every_call_is_limited_in_time() -> None:
    responses.post(JOURNALS, json=TAKEN)
    responses.post(QUERY, json={"QueryResponse": {}})
    made = client_of()
    books().post([outgoing(rendered())])
    made.rows("TaxCode", TaxCode)
    assert [_limits(call.request) for call in responses.calls] == [(CONNECT_SECONDS, READ_SECONDS)] * 2


@responses.activate
@pytest.mark.parametrize(
    "failure",
    [requests.ReadTimeout(SECRET), requests.ConnectionError(SECRET), requests.exceptions.ChunkedEncodingError()],
)
def test_write_without_an_answer_is_sent_once_and_unknown(failure: Exception) -> None:
    responses.post(JOURNALS, body=failure)
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, OutcomeUnknown)
    assert SECRET not in f"{outcome}{outcome.__cause__}"
    assert len(responses.calls) == 1


@responses.activate
def test_write_whose_answer_is_too_large_to_read_is_unknown() -> None:
    responses.post(JOURNALS, body=Broken("The answer is larger than 5 bytes and was not read to its end."))
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, OutcomeUnknown)


@responses.activate
@pytest.mark.parametrize("status", [500, 502, 503])
def test_write_that_met_a_failing_server_is_not_repeated(status: int) -> None:
    responses.post(JOURNALS, status=status, body="<html></html>")
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, OutcomeUnknown)
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("body", ['{"time":"t"}', '{"JournalEntry":{}}', '{"JournalEntry":null}', '{"Fault":null}'])
def test_answer_that_names_no_record_is_unknown(body: str) -> None:
    responses.post(JOURNALS, body=body)
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, OutcomeUnknown)


@responses.activate
def test_created_with_another_good_status_counts_as_created() -> None:
    responses.post(JOURNALS, json=TAKEN, status=201)
    (outcome,) = books().post([outgoing(rendered())])
    assert isinstance(outcome, Receipt)


@responses.activate
def test_two_records_are_two_calls_in_order_and_no_batch() -> None:
    responses.post(JOURNALS, status=400, json={"Fault": {"Error": [{"code": "2300", "Message": "unbalanced"}]}})
    responses.post(JOURNALS, json=TAKEN)
    first, second = outgoing(rendered("first")), outgoing(rendered("second"))
    outcomes = books().post([first, second])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Rejected", "Receipt"]
    sent = [parse_qs(urlsplit(call.request.url or "").query)["requestid"] for call in responses.calls]
    assert sent == [[first.key], [second.key]]


@responses.activate
def test_once_throttled_the_rest_is_not_sent() -> None:
    responses.post(JOURNALS, status=429)
    outcomes = books().post([outgoing(rendered("first")), outgoing(rendered("second"))])
    assert [type(outcome) for outcome in outcomes] == [RetryLater, Unsent]
    assert len(responses.calls) == 1


@responses.activate
def test_list_is_read_to_its_true_end() -> None:
    full = [{"Id": str(n), "Name": f"T{n}"} for n in range(client.PAGE_ROWS)]
    responses.post(QUERY, json={"QueryResponse": {"TaxCode": full, "maxResults": 1000}})
    responses.post(QUERY, json={"QueryResponse": {}})
    assert len(client_of().rows("TaxCode", TaxCode)) == client.PAGE_ROWS
    assert [call.request.body for call in responses.calls] == [
        b"select * from TaxCode orderby Id startposition 1 maxresults 1000",
        b"select * from TaxCode orderby Id startposition 1001 maxresults 1000",
    ]


@responses.activate
def test_list_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE_ROWS", 1)
    monkeypatch.setattr(client, "MOST_PAGES", 3)
    responses.post(QUERY, json={"QueryResponse": {"TaxCode": [{"Id": "1", "Name": "TAX"}]}})
    with pytest.raises(Broken, match="does not end after 3 pages"):
        client_of().rows("TaxCode", TaxCode)


@responses.activate
def test_company_without_preferences_is_named() -> None:
    responses.post(QUERY, json={"QueryResponse": {}})
    with pytest.raises(Broken, match="no Preferences"):
        books().balances()


@responses.activate
def test_row_of_a_shape_never_seen_is_named() -> None:
    responses.post(QUERY, json={"QueryResponse": {"TaxCode": [{"Id": "1"}]}})
    with pytest.raises(Broken, match="TaxCode has a shape we do not know: Object missing required field `Name`"):
        client_of().rows("TaxCode", TaxCode)


@responses.activate
def test_read_that_met_a_failing_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def at_once(call: object, *, now: object, sleep: object) -> object:
        assert callable(call)
        for _ in range(2):
            try:
                return call()
            except RetryLater:
                asked.append(1)
        raise AssertionError("still away")

    monkeypatch.setattr(client, "reading", at_once)
    responses.post(QUERY, status=503)
    responses.post(QUERY, json={"QueryResponse": {"TaxCode": [{"Id": "5", "Name": "TAX", "Brand": "new"}]}})
    assert client_of().rows("TaxCode", TaxCode) == [TaxCode(id="5", name="TAX")]
    assert asked == [1]


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("Main", "'Main'"),
        ("O'Brien", r"'O\'Brien'"),
        ("O'Brien\\' or 1=1", r"'O\'Brien\\\' or 1=1'"),
        ("a\\", r"'a\\'"),
    ],
)
def test_text_within_a_query_stays_text(text: str, within: str) -> None:
    assert quoted(text) == within


@responses.activate
def test_id_from_elsewhere_cannot_leave_its_place_in_the_address() -> None:
    responses.get(
        f"{BASE}/v3/company/9341452000000001/transfer/..%2F7%3Fx", json={"Transfer": {"Id": "7", "SyncToken": "0"}}
    )
    assert client_of().one("Transfer", "../7?x", Record).id == "7"


def test_plain_http_is_for_this_machine_alone() -> None:
    with pytest.raises(Unreadable, match="https only"):
        opened("http://books.example").organisation()


@responses.activate
def test_two_connections_do_not_share_a_token() -> None:
    responses.post(QUERY, json={"QueryResponse": {}})
    one, other = client_of("one"), client_of("other")
    one.rows("TaxCode", TaxCode)
    other.rows("TaxCode", TaxCode)
    one.rows("TaxCode", TaxCode)
    assert [call.request.headers["Authorization"] for call in responses.calls] == [
        "Bearer one",
        "Bearer other",
        "Bearer one",
    ]


def _limits(request: requests.PreparedRequest) -> object:
    assert hasattr(request, "req_kwargs")
    return request.req_kwargs["timeout"]
