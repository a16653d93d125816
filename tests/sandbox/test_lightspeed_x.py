"""The X-Series stand-in from outside: consent and rotation, lists by version, limits, scopes, registers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connector.sandbox.body import Body, children, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed_x import (
    CLIENT_ID,
    CLIENT_SECRET,
    Habits,
    fill,
    lightspeed_x_app,
    version_of,
)
from connector.sandbox.lightspeed_x_month import DOMAIN_PREFIX
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

BACK = "http://127.0.0.1:9/back"
SALES = "/api/2026-07/sales"


@dataclass
class Clock:
    now: datetime = datetime(2026, 4, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Caller:
    """Somebody outside, over real HTTP."""

    http: httpx.Client
    shelf: Shelf
    clock: Clock

    def consent(self, scope: str = "sales:read registers:read") -> dict[str, str]:
        """What the callback brings after the owner agreed."""
        wish = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK, "state": "S", "scope": scope}
        answer = self.http.get("/connect", params={**wish, "approve": "yes"})
        assert answer.status_code == 302
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def token(self, **fields: str) -> httpx.Response:
        who = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return self.http.post("/api/1.0/token", data={**who, **fields})

    def granted(self, scope: str = "sales:read registers:read") -> Body:
        code = self.consent(scope)["code"]
        return decode(self.token(grant_type="authorization_code", code=code, redirect_uri=BACK).content)

    def personal(self) -> str:
        return text(decode(self.http.post("/_sandbox/personal-token").content), "token")

    def get(self, path: str, token: str, **query: str) -> httpx.Response:
        return self.http.get(path, params=query, headers={"authorization": f"Bearer {token}"})


@pytest.fixture(params=[Habits()])
def caller(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Caller]:
    clock = Clock()
    with Shelf(tmp_path / "lightspeed.db") as shelf:
        fill(shelf)
        with (
            serve(lightspeed_x_app(shelf, faults=Faults(), clock=clock, habits=request.param)) as served,
            httpx.Client(base_url=served.base_url, trust_env=False) as http,
        ):
            yield Caller(http=http, shelf=shelf, clock=clock)


def test_the_callback_names_the_shop_and_the_code_buys_a_pair(caller: Caller) -> None:
    back = caller.consent()
    assert (back["domain_prefix"], back["state"]) == (DOMAIN_PREFIX, "S")
    pair = caller.granted()
    assert pair["expires_in"] == 86400
    assert caller.get(SALES, text(pair, "access_token")).status_code == 200


def test_a_refresh_token_serves_once_and_dies_at_once(caller: Caller) -> None:
    first = caller.granted()
    answer = caller.token(grant_type="refresh_token", refresh_token=text(first, "refresh_token"))
    second = decode(answer.content)
    assert second["refresh_token"] != first["refresh_token"]
    again = caller.token(grant_type="refresh_token", refresh_token=text(first, "refresh_token"))
    assert (again.status_code, decode(again.content)["error"]) == (400, "invalid_grant")
    assert caller.token(grant_type="refresh_token", refresh_token=text(second, "refresh_token")).status_code == 200


def test_a_token_that_is_old_or_made_up_is_refused(caller: Caller) -> None:
    pair = caller.granted()
    caller.clock.now += timedelta(days=1)
    for token in (text(pair, "access_token"), "made-up"):
        assert caller.get(SALES, token).status_code == 401


def test_there_is_no_page_that_revokes(caller: Caller) -> None:
    assert caller.http.post("/not-offered", data={"token": "x"}).status_code == 404


def test_a_missing_scope_is_refused_and_a_personal_token_has_them_all(caller: Caller) -> None:
    token = text(caller.granted("sales:read"), "access_token")
    assert caller.get(SALES, token).status_code == 200
    assert caller.get("/api/2.0/registers", token).status_code == 403
    assert caller.get("/api/2.0/registers", caller.personal()).status_code == 200


def test_a_list_shows_what_is_newer_than_a_version_oldest_first_and_ends_empty(caller: Caller) -> None:
    token, after, seen = caller.personal(), 0, []
    while True:
        body = decode(caller.get(SALES, token, after=str(after), page_size="60").content)
        page = children(body, "data")
        if not page:
            assert body["version"] == {"min": None, "max": None}
            break
        versions = [version_of(sale) for sale in page]
        assert versions == sorted(versions)
        assert body["version"] == {"min": versions[0], "max": versions[-1]}
        assert versions[0] > after
        after = versions[-1]
        seen += versions
    assert len(seen) == len(set(seen)) == len(caller.shelf.all("lsx-sales"))
    assert seen[-1] - seen[0] > len(seen)  # not consecutive


def test_what_was_deleted_is_listed_only_where_it_is_asked_for(caller: Caller) -> None:
    product = caller.shelf.all("lsx-products")[0]
    caller.shelf.put("lsx-products", text(product, "id"), {**product, "deleted_at": "2026-04-09T00:00:00+00:00"})
    token = caller.personal()
    shown = [
        {text(each, "id") for each in children(decode(caller.get("/api/2.0/products", token, **query).content), "data")}
        for query in ({}, {"deleted": "true"})
    ]
    assert shown[1] - shown[0] == {product["id"]}


def test_a_parameter_that_is_no_number_is_refused(caller: Caller) -> None:
    assert caller.get(SALES, caller.personal(), after="yesterday").status_code == 400


def test_the_limit_counts_the_registers_and_every_answer_tells_what_is_left(caller: Caller) -> None:
    token = caller.personal()
    left = [caller.get("/api/2.0/taxes", token).headers for _ in range(2)]
    assert [each["x-ratelimit-limit"] for each in left] == ["950", "950"]
    assert [each["x-ratelimit-remaining"] for each in left] == ["949", "948"]


@pytest.mark.parametrize("caller", [Habits(calls=2)], indirect=True)
def test_above_the_limit_the_answer_is_429_with_a_date(caller: Caller) -> None:
    token = caller.personal()
    statuses = [caller.get("/api/2.0/taxes", token).status_code for _ in range(2)]
    refused = caller.get("/api/2.0/taxes", token)
    assert (statuses, refused.status_code) == ([200, 200], 429)
    assert refused.headers["retry-after"].endswith("GMT")
    caller.clock.now = parsedate_to_datetime(refused.headers["retry-after"])
    assert caller.get("/api/2.0/taxes", token).status_code == 200


def test_an_open_register_tells_what_it_expects_and_a_closed_one_nothing(caller: Caller) -> None:
    token, register = caller.personal(), caller.shelf.all("lsx-registers")[0]
    path = f"/api/2.0/registers/{register['id']}/payments_summary"
    found = decode(caller.get(path, token).content)["data"]
    assert isinstance(found, dict)
    assert found["register_closure_id"] == register["register_open_sequence_id"]
    totals = {text(each, "payment_type_name"): each["total"] for each in children(found, "payments")}
    assert (totals["Cash"], totals["Credit Card"]) == ("44.85", "89.80")
    caller.shelf.put("lsx-registers", text(register, "id"), {**register, "is_open": False})
    assert caller.get(path, token).status_code == 404
