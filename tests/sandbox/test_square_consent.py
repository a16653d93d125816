"""Consent, refresh and revocation at the Square stand-in, as Square does them."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connector.sandbox.body import Body, children, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import CLIENT_ID, CLIENT_SECRET, SCOPES, square_app
from connector.sandbox.square_weekend import main_street

BACK_AT = "http://127.0.0.1:1/callback"


@dataclass
class Square:
    """A running stand-in without sales; it is whatever time `now` says."""

    http: httpx.Client
    now: datetime

    def refusal(self, path: str, token: str) -> tuple[int, str]:
        """Status and the code of the first error."""
        answer = self.http.get(path, headers=_bearer(token))
        return answer.status_code, text(children(decode(answer.content), "errors")[0], "code")


@pytest.fixture
def square(tmp_path: Path) -> Iterator[Square]:
    running = Square(http=httpx.Client(), now=datetime(2026, 3, 20, 12, tzinfo=UTC))
    with Shelf(tmp_path / "square.db") as shelf:
        main_street(shelf)
        app = square_app(shelf, faults=Faults(), clock=lambda: running.now)
        with running.http, serve(app) as served:
            running.http.base_url = httpx.URL(served.base_url)
            yield running


def _consent(square: Square, scope: str, **more: str) -> str:
    """The code that comes back when the owner approves."""
    wish = {"client_id": CLIENT_ID, "scope": scope, "session": "false", "state": "s1", "redirect_uri": BACK_AT, **more}
    answer = square.http.get("/oauth2/authorize", params={**wish, "approve": "yes"})
    came_back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert came_back["state"] == ["s1"]
    return came_back["code"][0]


def _token(square: Square, **fields: str) -> httpx.Response:
    return square.http.post("/oauth2/token", json={"client_id": CLIENT_ID, **fields})


def _with_secret(square: Square, scope: str = " ".join(SCOPES)) -> Body:
    code = _consent(square, scope)
    fields = {"grant_type": "authorization_code", "client_secret": CLIENT_SECRET, "redirect_uri": BACK_AT}
    answer = _token(square, code=code, **fields)
    assert answer.status_code == 200, answer.text
    return decode(answer.content)


def test_with_the_secret_the_refresh_token_stays_the_same(square: Square) -> None:
    issued = _with_secret(square)
    assert issued["expires_at"] == "2026-04-19T12:00:00Z"
    assert issued["merchant_id"] == "MLMAINSTREET1"
    old = text(issued, "refresh_token")
    again = decode(_token(square, grant_type="refresh_token", refresh_token=old, client_secret=CLIENT_SECRET).content)
    assert again["refresh_token"] == old
    assert again["access_token"] != issued["access_token"]


def test_without_the_secret_a_refresh_token_serves_once(square: Square) -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = _consent(square, "ORDERS_READ", code_challenge=challenge)
    fields = {"grant_type": "authorization_code", "code_verifier": verifier, "redirect_uri": BACK_AT}
    first = text(decode(_token(square, code=code, **fields).content), "refresh_token")
    second = decode(_token(square, grant_type="refresh_token", refresh_token=first).content)
    assert second["refresh_token"] != first
    assert _token(square, grant_type="refresh_token", refresh_token=first).status_code == 400


def test_an_access_token_ends_after_thirty_days(square: Square) -> None:
    token = text(_with_secret(square), "access_token")
    square.now += timedelta(days=30)
    assert square.refusal("/v2/locations", token) == (401, "ACCESS_TOKEN_EXPIRED")


def test_a_scope_that_was_not_granted_is_refused_alone(square: Square) -> None:
    token = text(_with_secret(square, "ORDERS_READ MERCHANT_PROFILE_READ"), "access_token")
    assert square.refusal("/v2/payouts", token) == (403, "INSUFFICIENT_SCOPES")
    assert square.http.get("/v2/locations", headers=_bearer(token)).status_code == 200


def test_the_token_status_says_scopes_and_end(square: Square) -> None:
    token = text(_with_secret(square, "ORDERS_READ+ITEMS_READ"), "access_token")
    status = decode(square.http.post("/oauth2/token/status", headers=_bearer(token)).content)
    assert status["scopes"] == ["ITEMS_READ", "ORDERS_READ"]
    assert (status["merchant_id"], status["expires_at"]) == ("MLMAINSTREET1", "2026-04-19T12:00:00Z")
    personal = decode(square.http.post("/oauth2/token/status", headers=_bearer(_personal_token(square))).content)
    assert "expires_at" not in personal


def test_revoking_with_the_client_header_ends_the_tokens(square: Square) -> None:
    token = text(_with_secret(square), "access_token")
    wish = {"client_id": CLIENT_ID, "access_token": token}
    assert square.http.post("/oauth2/revoke", json=wish, headers=_bearer(token)).status_code == 401
    assert _revoke(square, access_token=token).status_code == 200
    assert square.refusal("/v2/locations", token) == (401, "UNAUTHORIZED")


def test_revoking_only_the_access_token_leaves_the_refresh_token(square: Square) -> None:
    issued = _with_secret(square)
    answer = _revoke(square, access_token=text(issued, "access_token"), revoke_only_access_token=True)
    assert decode(answer.content) == {"success": True}
    old = text(issued, "refresh_token")
    assert _token(square, grant_type="refresh_token", refresh_token=old, client_secret=CLIENT_SECRET).is_success


def test_revoking_the_merchant_leaves_the_owners_personal_token(square: Square) -> None:
    token, personal = text(_with_secret(square), "access_token"), _personal_token(square)
    assert _revoke(square, merchant_id="MLMAINSTREET1").is_success
    assert square.refusal("/v2/locations", token) == (401, "UNAUTHORIZED")
    assert square.http.get("/v2/locations", headers=_bearer(personal)).is_success
    assert _revoke(square, access_token=token).status_code == 404


def _revoke(square: Square, **wish: str | bool) -> httpx.Response:
    client = {"Authorization": f"Client {CLIENT_SECRET}"}
    return square.http.post("/oauth2/revoke", json={"client_id": CLIENT_ID, **wish}, headers=client)


def _personal_token(square: Square) -> str:
    return text(decode(square.http.post("/_sandbox/personal-token").content), "token")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
