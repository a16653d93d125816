"""The Amazon stand-in answers as Amazon does: login, limits, listings, addresses that end."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connector.sandbox.amazon import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, AmazonHabits, amazon_app
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, LOSABLE
from connector.sandbox.amazon_deferrals import SELLER_ID
from connector.sandbox.amazon_regions import ABROAD, REGIONS, fill_abroad, written_there
from connector.sandbox.amazon_seller import SETTLEMENT_TYPE, change, fill
from connector.sandbox.body import Body, child, children, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

REPORTS, TRANSACTIONS = "/reports/2021-06-30/reports", "/finances/2024-06-19/transactions"
SETTLEMENTS = {"reportTypes": SETTLEMENT_TYPE, "processingStatuses": "DONE"}
WINDOW = {"postedAfter": "2026-05-01T00:00:00Z", "postedBefore": "2026-06-15T11:00:00Z"}


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 6, 15, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Amazon:
    """A running stand-in and a refresh token of a private application."""

    http: httpx.Client
    shelf: Shelf
    clock: Clock
    refresh_token: str

    def token(self) -> str:
        return text(self.login(grant_type="refresh_token", refresh_token=self.refresh_token), "access_token")

    def login(self, **form: str) -> Body:
        known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        answer = self.http.post("/auth/o2/token", data=known | form)
        assert answer.status_code == 200, answer.text
        return decode(answer.content)

    def asked(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(path, params=query, headers={"x-amz-access-token": self.token()})

    def get(self, path: str, **query: str) -> Body:
        answer = self.asked(path, **query)
        assert answer.status_code == 200, answer.text
        return decode(answer.content)


def running(folder: Path, habits: AmazonHabits) -> Iterator[Amazon]:
    clock = Clock()
    with Shelf(folder / "amazon.db") as shelf:
        fill(shelf)
        app = amazon_app(shelf, faults=Faults(), clock=clock, habits=habits)
        with serve(app) as served, httpx.Client(base_url=served.base_url, trust_env=False) as http:
            given = decode(http.post("/_sandbox/refresh-token").content)
            yield Amazon(http=http, shelf=shelf, clock=clock, refresh_token=text(given, "refresh_token"))


@pytest.fixture
def amazon(tmp_path: Path) -> Iterator[Amazon]:
    yield from running(tmp_path, AmazonHabits())


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Amazon]:
    yield from running(tmp_path, AmazonHabits(keeps_limits=True, loses_a_settlement=True))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, text(children(decode(answer.content), "errors")[0], "code")


def address(amazon: Amazon) -> str:
    report = children(amazon.get(REPORTS, **SETTLEMENTS, pageSize="100"), "reports")[-1]
    document = amazon.get(f"/reports/2021-06-30/documents/{text(report, 'reportDocumentId')}")
    assert document["compressionAlgorithm"] == "GZIP"
    return text(document, "url")


def test_consent_comes_back_with_amazons_own_names_and_its_code_gives_a_lasting_refresh_token(amazon: Amazon) -> None:
    wish = {"application_id": APPLICATION_ID, "state": "s1", "redirect_uri": "http://localhost:9/callback"}
    assert "Copper &amp; Kettle" in amazon.http.get("/apps/authorize/consent", params=wish).text
    answer = amazon.http.post("/apps/authorize/consent", data=wish | {"approve": "yes"})
    told = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert (told["state"], told["selling_partner_id"]) == ("s1", SELLER_ID)
    code = {"code": told["spapi_oauth_code"], "redirect_uri": wish["redirect_uri"]}
    first = amazon.login(grant_type="authorization_code", **code)
    again = amazon.login(grant_type="refresh_token", refresh_token=text(first, "refresh_token"))
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert (again["expires_in"], again["token_type"]) == (3600, "bearer")


def test_the_consent_page_wants_the_application_id_and_not_the_client_id(amazon: Amazon) -> None:
    answer = amazon.http.get("/apps/authorize/consent", params={"client_id": CLIENT_ID, "state": "s"})
    assert answer.status_code == 400 and "check application_id" in answer.text


def test_a_token_is_good_for_an_hour_and_only_in_amazons_own_header(amazon: Amazon) -> None:
    token = amazon.token()
    bearer = amazon.http.get(REPORTS, params=SETTLEMENTS, headers={"authorization": f"Bearer {token}"})
    assert code_of(bearer) == (403, "Unauthorized")
    amazon.clock.now += timedelta(hours=1)
    ended = amazon.http.get(REPORTS, params=SETTLEMENTS, headers={"x-amz-access-token": token})
    assert ended.status_code == 403 and "expired" in ended.text


def test_reports_are_listed_newest_first_and_filtered_by_type_and_status(amazon: Amazon) -> None:
    found = children(amazon.get(REPORTS, **SETTLEMENTS, pageSize="100"), "reports")
    made = [text(each, "createdTime") for each in found]
    assert made == sorted(made, reverse=True)
    assert len(found) == len(AMERICAN) + len(CANADIAN) + 1
    assert len(children(amazon.get(REPORTS, reportTypes=SETTLEMENT_TYPE, pageSize="100"), "reports")) == len(found) + 1
    assert not [each for each in found if "settlement" in each]


def test_the_next_page_is_asked_for_with_the_token_alone(amazon: Amazon) -> None:
    first = amazon.get(REPORTS, **SETTLEMENTS)
    token = text(first, "nextToken")
    rest = amazon.get(REPORTS, nextToken=token)
    assert (len(children(first, "reports")), len(children(rest, "reports"))) == (10, 2)
    assert code_of(amazon.asked(REPORTS, nextToken=token, pageSize="10")) == (400, "InvalidInput")


@pytest.mark.parametrize(
    "query", [{}, {"reportTypes": "X", "createdSince": "2026-03-01T00:00:00Z"}, {"reportTypes": "X", "pageSize": "101"}]
)
def test_a_listing_that_asks_for_too_much_is_refused(amazon: Amazon, query: dict[str, str]) -> None:
    assert code_of(amazon.asked(REPORTS, **query)) == (400, "InvalidInput")


def test_reports_older_than_ninety_days_are_gone(amazon: Amazon) -> None:
    amazon.get(REPORTS, **SETTLEMENTS)
    amazon.clock.now += timedelta(days=70)
    found = children(amazon.get(REPORTS, **SETTLEMENTS, pageSize="100"), "reports")
    assert 0 < len(found) < len(AMERICAN) + len(CANADIAN)


def test_the_bytes_are_read_without_a_token_within_five_minutes(amazon: Amazon) -> None:
    url = address(amazon)
    assert gzip.decompress(amazon.http.get(url).content) == AMERICAN[0].content
    assert amazon.http.get(url, headers={"x-amz-access-token": "t"}).status_code == 400
    assert amazon.http.get(url.replace("Signature=", "Signature=0")).status_code == 403
    amazon.clock.now += timedelta(minutes=5)
    assert amazon.http.get(url).status_code == 403


def test_each_operation_has_its_own_allowance_and_tells_its_rate(strict: Amazon) -> None:
    for _ in range(10):
        assert strict.asked(REPORTS, **SETTLEMENTS).headers["x-amzn-ratelimit-limit"] == "0.0222"
    assert code_of(strict.asked(REPORTS, **SETTLEMENTS)) == (429, "QuotaExceeded")
    assert strict.asked(TRANSACTIONS, **WINDOW).status_code == 200
    strict.clock.now += timedelta(seconds=46)
    assert strict.asked(REPORTS, **SETTLEMENTS).status_code == 200
    assert strict.asked(REPORTS, **SETTLEMENTS).status_code == 429


def test_a_settlement_can_be_missing_from_the_list(strict: Amazon) -> None:
    kept = {text(each, "dataStartTime") for each in children(strict.get(REPORTS, **SETTLEMENTS), "reports")}
    lost = next(plan for plan in AMERICAN if plan.settlement_id == LOSABLE)
    assert lost.starts.isoformat() not in kept


def test_transactions_come_in_pages_of_which_one_is_empty(amazon: Amazon) -> None:
    sizes, token = [], ""
    while True:
        payload = child(amazon.get(TRANSACTIONS, **WINDOW, **({"nextToken": token} if token else {})), "payload")
        sizes.append(len(children(payload, "transactions")))
        token = text(payload, "nextToken")
        if not token:
            break
    assert sizes[0] > 0 and sizes[1] == 0 and sum(sizes) == len(amazon.shelf.all("amazon-transaction"))


def test_a_transaction_token_wants_the_same_query_again(amazon: Amazon) -> None:
    token = text(child(amazon.get(TRANSACTIONS, **WINDOW), "payload"), "nextToken")
    other = WINDOW | {"postedAfter": "2026-05-02T00:00:00Z"}
    assert code_of(amazon.asked(TRANSACTIONS, **other, nextToken=token)) == (400, "InvalidInput")


@pytest.mark.parametrize(
    "query", [{}, {"postedAfter": "2026-06-01T00:00:00Z", "postedBefore": "2026-06-15T11:59:00Z"}, {"postedAfter": "x"}]
)
def test_a_window_without_a_start_or_too_near_to_now_is_refused(amazon: Amazon, query: dict[str, str]) -> None:
    assert code_of(amazon.asked(TRANSACTIONS, **query)) == (400, "InvalidInput")


def test_a_window_of_more_than_half_a_year_is_answered_with_nothing(amazon: Amazon) -> None:
    payload = child(amazon.get(TRANSACTIONS, postedAfter="2025-11-01T00:00:00Z"), "payload")
    assert payload == {"transactions": [], "nextToken": None}


def test_transactions_can_be_asked_for_by_status(amazon: Amazon) -> None:
    payload = child(amazon.get(TRANSACTIONS, **WINDOW, transactionStatus="DEFERRED_RELEASED"), "payload")
    names = [text(each, "transactionId") for each in children(payload, "transactions")]
    assert names == ["D-0528", "D-0529", "D-0530"]


def test_every_settlement_adds_up_and_begins_where_the_one_before_it_ended(amazon: Amazon) -> None:
    for chain in (AMERICAN, CANADIAN):
        assert [plan.starts for plan in chain[1:]] == [plan.ends for plan in chain[:-1]]
        for plan in chain:
            _, summary, *rows = [line.split("\t") for line in plan.content.decode().splitlines()]
            cents = [int(row[14].replace(".", "")) for row in rows]
            assert sum(cents) == int(summary[4].replace(".", "")) == plan.total


def test_filling_twice_changes_nothing(amazon: Amazon) -> None:
    before = amazon.shelf.all("amazon-report")
    fill(amazon.shelf)
    assert amazon.shelf.all("amazon-report") == before


def test_whoever_asks_long_afterwards_finds_a_seller_whose_reports_were_made_lately(amazon: Amazon) -> None:
    amazon.clock.now += timedelta(days=300, hours=3)
    found = children(amazon.get(REPORTS, **SETTLEMENTS, pageSize="100"), "reports")
    assert len(found) == len(AMERICAN) + len(CANADIAN) + 1
    made = [datetime.fromisoformat(text(each, "createdTime")) for each in found]
    assert timedelta(0) < amazon.clock.now - max(made) < timedelta(days=2)
    window = {"postedAfter": f"{amazon.clock.now - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"}
    payload = child(amazon.get(TRANSACTIONS, **window, transactionStatus="DEFERRED"), "payload")
    held = [context for each in children(payload, "transactions") for context in children(each, "contexts")]
    assert held and all(datetime.fromisoformat(text(each, "maturityDate")) > amazon.clock.now for each in held)


def test_a_change_brings_one_settlement_and_releases_one_transaction(amazon: Amazon) -> None:
    before = amazon.shelf.all("amazon-transaction")
    change(amazon.shelf)
    after = amazon.shelf.all("amazon-transaction")
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    assert len(children(amazon.get(REPORTS, **SETTLEMENTS, pageSize="100"), "reports")) == 13


def test_the_marketplaces_are_told_with_their_currencies(amazon: Amazon) -> None:
    found = children(amazon.get("/sellers/v1/marketplaceParticipations"), "payload")
    told = [
        (text(place, "name"), text(place, "defaultCurrencyCode")) for place in (child(e, "marketplace") for e in found)
    ]
    assert told[:2] == [("Amazon.com", "USD"), ("Amazon.ca", "CAD")]


def test_each_region_has_its_own_login_reports_and_marketplaces(amazon: Amazon) -> None:
    fill_abroad(amazon.shelf)
    pasted = text(decode(amazon.http.post("/eu/_sandbox/refresh-token").content), "refresh_token")
    token = text(amazon.login(grant_type="refresh_token", refresh_token=pasted), "access_token")
    headers = {"x-amz-access-token": token}
    here = amazon.http.get(f"/eu{REPORTS}", params=SETTLEMENTS, headers=headers)
    listed = {str(place) for each in children(decode(here.content), "reports") for place in places(each)}
    assert listed == {place.place_id for place in REGIONS["eu"]}
    answer = amazon.http.get("/eu/sellers/v1/marketplaceParticipations", headers=headers)
    assert len(children(decode(answer.content), "payload")) == len(REGIONS["eu"])
    for elsewhere in ("", "/na", "/fe"):
        refused = amazon.http.get(f"{elsewhere}{REPORTS}", params=SETTLEMENTS, headers=headers)
        assert (refused.status_code, "denied" in refused.text) == (403, True)


def places(report: Body) -> list[object]:
    found = report["marketplaceIds"]
    assert isinstance(found, list)
    return found


def test_reports_abroad_are_written_as_there(amazon: Amazon) -> None:
    by_place = {plan.marketplace: written_there(plan) for plan in ABROAD}
    german, japanese = by_place["Amazon.de"].decode("cp1252"), by_place["Amazon.co.jp"].decode("cp932")
    assert "\t640,05\tEUR" in german and "20.05.2026 22:30:00 UTC" in german
    assert "\t66666\tJPY" in japanese and "2026/05/21 07:30:00 JST" in japanese
    fill_abroad(amazon.shelf)
    fill_abroad(amazon.shelf)
    assert sum(text(each, "settlement") in {plan.settlement_id for plan in ABROAD}
               for each in amazon.shelf.all("amazon-report")) == len(ABROAD)  # fmt: skip
