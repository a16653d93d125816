"""The Loyverse stand-in answers as Loyverse does: paging, windows, refusals, rotation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.body import Body, children, decode, number, text
from connector.sandbox.faults import Faults
from connector.sandbox.loyverse import (
    CLIENT_ID,
    CLIENT_SECRET,
    SCOPES,
    LoyverseHabits,
    change,
    fill,
    loyverse_app,
)
from connector.sandbox.loyverse_month import ANNEX
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

BACK = "http://127.0.0.1:9/back"


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 4, 2, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Loyverse:
    """A running stand-in, and an owner's personal token for it."""

    http: httpx.Client
    shelf: Shelf
    clock: Clock
    token: str

    def get(self, path: str, **query: str) -> Body:
        answer = self.http.get(f"/v1.0{path}", params=query, headers=self.bearer())
        assert answer.status_code == 200, answer.text
        return decode(answer.content)

    def refusal(self, path: str, token: str = "", **query: str) -> tuple[int, str]:
        """Status and the code of the first error."""
        answer = self.http.get(f"/v1.0{path}", params=query, headers=self.bearer(token))
        return answer.status_code, text(children(decode(answer.content), "errors")[0], "code")

    def bearer(self, token: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.token}"}

    def tokens(self, **fields: str) -> tuple[int, Body]:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        answer = self.http.post("/oauth/token", data=client | fields)
        return answer.status_code, decode(answer.content)

    def consent(self, scope: str = " ".join(SCOPES)) -> Body:
        wish = {"client_id": CLIENT_ID, "redirect_uri": BACK, "scope": scope, "approve": "yes", "state": "s"}
        answer = self.http.get("/oauth/authorize", params=wish)
        code = httpx.URL(answer.headers["location"]).params["code"]
        return self.tokens(grant_type="authorization_code", code=code, redirect_uri=BACK)[1]


def _running(tmp_path: Path, habits: LoyverseHabits | None = None) -> Iterator[Loyverse]:
    clock = Clock()
    with Shelf(tmp_path / "loyverse.db") as shelf:
        fill(shelf)
        app = loyverse_app(shelf, faults=Faults(), clock=clock, habits=habits)
        with serve(app) as served, httpx.Client(base_url=served.base_url, trust_env=False) as http:
            token = text(decode(http.post("/_sandbox/personal-token").content), "token")
            yield Loyverse(http=http, shelf=shelf, clock=clock, token=token)


@pytest.fixture
def loyverse(tmp_path: Path) -> Iterator[Loyverse]:
    yield from _running(tmp_path)


def test_receipts_come_newest_first_fifty_a_page_until_there_is_no_cursor(loyverse: Loyverse) -> None:
    page = loyverse.get("/receipts")
    seen = children(page, "receipts")
    assert len(seen) == 50
    while "cursor" in page:
        page = loyverse.get("/receipts", cursor=text(page, "cursor"))
        seen += children(page, "receipts")
    created = [text(body, "created_at") for body in seen]
    assert created == sorted(created, reverse=True)
    assert len(seen) == len(loyverse.shelf.all("loyverse-receipt")) == 145


def test_a_cursor_serves_only_the_query_it_was_given_for(loyverse: Loyverse) -> None:
    cursor = text(loyverse.get("/receipts", limit="10"), "cursor")
    assert loyverse.refusal("/receipts", limit="20", cursor=cursor) == (400, "INVALID_CURSOR")
    assert loyverse.refusal("/receipts", cursor="nonsense") == (400, "INVALID_CURSOR")


@pytest.mark.parametrize("limit", ["0", "251", "many"])
def test_a_page_has_1_to_250_records(loyverse: Loyverse, limit: str) -> None:
    assert loyverse.refusal("/receipts", limit=limit) == (400, "INVALID_RANGE")


def test_windows_on_change_and_on_creation_hold_both_their_ends(loyverse: Loyverse) -> None:
    tip = "2026-03-07T03:40:00.000Z"  # twenty to eleven in the evening before, in New York
    (changed,) = children(loyverse.get("/receipts", updated_at_min=tip, updated_at_max=tip), "receipts")
    assert str(changed["tip"]) == "1.5"
    assert children(loyverse.get("/receipts", created_at_min=tip, created_at_max=tip), "receipts") == []
    assert loyverse.refusal("/receipts", updated_at_min="yesterday") == (400, "INVALID_VALUE")


def test_receipts_of_one_store_and_one_receipt_may_be_asked_for(loyverse: Loyverse) -> None:
    stores = {
        body["store_id"] for body in children(loyverse.get("/receipts", store_id=ANNEX.id, limit="250"), "receipts")
    }
    assert stores == {ANNEX.id}
    assert loyverse.get("/receipts/1-1001")["receipt_number"] == "1-1001"
    assert loyverse.refusal("/receipts/9-9") == (404, "NOT_FOUND")


def test_a_deleted_item_is_shown_when_asked_for(loyverse: Loyverse) -> None:
    assert len(children(loyverse.get("/items"), "items")) == 6
    assert len(children(loyverse.get("/items", show_deleted="true"), "items")) == 7


def test_nothing_names_a_time_zone(loyverse: Loyverse) -> None:
    for path in ("/merchant", "/stores"):
        answer = loyverse.http.get(f"/v1.0{path}", headers=loyverse.bearer())
        assert "zone" not in answer.text
        assert "America/" not in answer.text


def test_a_plan_without_the_add_on_serves_31_days(tmp_path: Path) -> None:
    for loyverse in _running(tmp_path, LoyverseHabits(history_days=31)):
        for path in ("/receipts", "/shifts"):
            assert loyverse.refusal(path, updated_at_min="2026-03-02T11:59:59Z") == (402, "PAYMENT_REQUIRED")
            assert loyverse.get(path, updated_at_min="2026-03-02T12:00:00Z")


@pytest.mark.parametrize("tells", [True, False])
def test_too_many_calls_are_refused_and_the_wait_is_told_sometimes(tmp_path: Path, tells: bool) -> None:
    for loyverse in _running(tmp_path, LoyverseHabits(calls_per_minute=1, tells_retry_after=tells)):
        loyverse.get("/stores")
        answer = loyverse.http.get("/v1.0/stores", headers=loyverse.bearer())
        assert (answer.status_code, answer.headers.get("retry-after")) == (429, "60" if tells else None)
        loyverse.clock.now += timedelta(seconds=60)
        loyverse.get("/stores")


def test_a_token_that_is_not_known_and_one_without_the_scope_are_refused(loyverse: Loyverse) -> None:
    assert loyverse.refusal("/stores", token="stolen") == (401, "UNAUTHORIZED")
    narrow = text(loyverse.consent("STORES_READ"), "access_token")
    assert loyverse.refusal("/receipts", token=narrow) == (403, "FORBIDDEN")


def test_consent_gives_a_pair_and_a_refresh_token_serves_once(loyverse: Loyverse) -> None:
    pair = loyverse.consent()
    old = text(pair, "refresh_token")
    status, renewed = loyverse.tokens(grant_type="refresh_token", refresh_token=old)
    assert status == 200
    assert text(renewed, "refresh_token") != old
    assert loyverse.tokens(grant_type="refresh_token", refresh_token=old)[0] == 400
    loyverse.clock.now += timedelta(days=8)
    assert loyverse.refusal("/stores", token=text(renewed, "access_token")) == (401, "UNAUTHORIZED")


def test_the_switch_shows_one_receipt_a_cent_too_high(tmp_path: Path) -> None:
    for loyverse in _running(tmp_path, LoyverseHabits(off_by_a_cent="1-1001")):
        true = loyverse.shelf.get("loyverse-receipt", "1-1001")
        assert true
        shown = loyverse.get("/receipts/1-1001")
        cent = (number(shown, "total_money") or 0) - (number(true, "total_money") or 0)
        assert str(cent) == "0.01"


def test_filling_twice_changes_nothing_and_a_change_is_one_void_an_hour_later(loyverse: Loyverse) -> None:
    before = {text(body, "receipt_number"): body for body in loyverse.shelf.all("loyverse-receipt")}
    fill(loyverse.shelf)
    assert {text(body, "receipt_number"): body for body in loyverse.shelf.all("loyverse-receipt")} == before
    change(loyverse.shelf)
    after = loyverse.shelf.all("loyverse-receipt")
    (changed,) = (body for body in after if body != before[text(body, "receipt_number")])
    assert text(changed, "receipt_date").startswith("2026-03-20")
    assert text(changed, "cancelled_at") == max(text(body, "updated_at") for body in after)
