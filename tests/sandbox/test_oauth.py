"""Consent, tokens and their ends, as each provider does it; and the town they stand in."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.town import Town, open_town
from connector.sandbox.xero.organisation import TENANT

REDIRECT = "http://localhost:8000/connect/done"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 16, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One provider's consent as an application meets it."""

    base_url: str
    authorize: str
    token: str
    client: tuple[str, str]
    http: httpx.Client

    def consent(self, **wish: str) -> dict[str, str]:
        """What comes back to the redirect address after the owner pressed Approve."""
        params = {"client_id": self.client[0], "redirect_uri": REDIRECT, "response_type": "code", **wish}
        page = self.http.get(self.base_url + self.authorize, params=params)
        assert "Approve" in page.text, page.text
        answer = self.http.post(self.base_url + self.authorize, params=params, data={"approve": "yes"})
        assert answer.status_code == 302
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def grant(self, **fields: str) -> httpx.Response:
        return self.http.post(self.base_url + self.token, data=fields, auth=self.client)

    def exchange(self, code: str, **fields: str) -> httpx.Response:
        return self.grant(grant_type="authorization_code", code=code, redirect_uri=REDIRECT, **fields)

    def refresh(self, token: str) -> httpx.Response:
        return self.grant(grant_type="refresh_token", refresh_token=token)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(tmp_path: Path, clock: Clock) -> Iterator[Town]:
    with open_town(tmp_path, clock=clock) as town:
        yield town


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
def intuit(town: Town, http: httpx.Client) -> Desk:
    return Desk(
        base_url=town.quickbooks.base_url,
        authorize="/connect/oauth2",
        token="/oauth2/v1/tokens/bearer",
        client=("quickbooks-sandbox-client", "quickbooks-sandbox-secret"),
        http=http,
    )


@pytest.fixture
def xero(town: Town, http: httpx.Client) -> Desk:
    return Desk(
        base_url=town.xero.base_url,
        authorize="/identity/connect/authorize",
        token="/connect/token",
        client=("xero-sandbox-client", "xero-sandbox-secret"),
        http=http,
    )


def company_status(desk: Desk, token: str) -> int:
    url = f"{desk.base_url}/v3/company/{REALM}/companyinfo/{REALM}"
    return desk.http.get(url, headers={"authorization": f"Bearer {token}"}).status_code


def organisation_status(desk: Desk, token: str) -> int:
    headers = {"authorization": f"Bearer {token}", "xero-tenant-id": TENANT}
    return desk.http.get(f"{desk.base_url}/api.xro/2.0/Organisation", headers=headers).status_code


def test_consent_brings_code_state_and_realm_and_the_token_opens_the_books(intuit: Desk) -> None:
    back = intuit.consent(state="s-1", scope="com.intuit.quickbooks.accounting")
    assert (back["state"], back["realmId"]) == ("s-1", REALM)
    answer = intuit.exchange(back["code"]).json()
    assert (answer["expires_in"], answer["x_refresh_token_expires_in"]) == (3600, 8640000)
    assert company_status(intuit, answer["access_token"]) == 200


def test_consent_page_names_the_company_and_swallows_no_markup(intuit: Desk) -> None:
    params = {"client_id": intuit.client[0], "redirect_uri": REDIRECT, "state": '"><script>'}
    page = intuit.http.get(intuit.base_url + intuit.authorize, params=params).text
    assert "Harbour Coffee" in page
    assert "<script>" not in page


def test_owner_may_say_no(intuit: Desk) -> None:
    params = {"client_id": intuit.client[0], "redirect_uri": REDIRECT, "state": "s", "approve": "no"}
    answer = intuit.http.get(intuit.base_url + intuit.authorize, params=params)
    assert answer.headers["location"] == f"{REDIRECT}?error=access_denied&state=s"


def test_unknown_application_gets_no_consent_page(intuit: Desk) -> None:
    answer = intuit.http.get(intuit.base_url + intuit.authorize, params={"client_id": "x", "approve": "yes"})
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_code_serves_once(intuit: Desk) -> None:
    code = intuit.consent()["code"]
    assert intuit.exchange(code).status_code == 200
    assert intuit.exchange(code).json()["error"] == "invalid_grant"


def test_code_dies_after_five_minutes(intuit: Desk, clock: Clock) -> None:
    code = intuit.consent()["code"]
    clock.now += timedelta(minutes=5)
    assert intuit.exchange(code).json()["error"] == "invalid_grant"


def test_code_is_bound_to_its_redirect_address(intuit: Desk) -> None:
    code = intuit.consent()["code"]
    answer = intuit.grant(grant_type="authorization_code", code=code, redirect_uri="http://localhost/else")
    assert answer.json()["error"] == "invalid_grant"


def test_wrong_secret_is_refused(intuit: Desk) -> None:
    code = intuit.consent()["code"]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = intuit.http.post(intuit.base_url + intuit.token, data=fields, auth=(intuit.client[0], "guess"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_access_token_ends_after_its_hour(intuit: Desk, clock: Clock) -> None:
    token = intuit.exchange(intuit.consent()["code"]).json()["access_token"]
    clock.now += timedelta(seconds=3599)
    assert company_status(intuit, token) == 200
    clock.now += timedelta(seconds=1)
    assert company_status(intuit, token) == 401


def test_second_use_of_an_intuit_refresh_token_ends_the_connection(intuit: Desk) -> None:
    first = intuit.exchange(intuit.consent()["code"]).json()
    second = intuit.refresh(first["refresh_token"]).json()
    assert company_status(intuit, second["access_token"]) == 200
    assert intuit.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert company_status(intuit, second["access_token"]) == 401
    assert intuit.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_used_xero_refresh_token_works_for_thirty_more_minutes(xero: Desk, clock: Clock) -> None:
    first = xero.exchange(xero.consent(scope="offline_access accounting.settings")["code"]).json()
    second = xero.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    clock.now += timedelta(minutes=29)
    third = xero.refresh(first["refresh_token"]).json()
    assert organisation_status(xero, third["access_token"]) == 200
    clock.now += timedelta(minutes=1)
    assert xero.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert xero.refresh(second["refresh_token"]).status_code == 200


def test_xero_gives_a_refresh_token_only_for_offline_access(xero: Desk) -> None:
    answer = xero.exchange(xero.consent(scope="accounting.settings")["code"]).json()
    assert "refresh_token" not in answer


def test_expired_xero_token_is_told_apart_from_an_unknown_one(xero: Desk, clock: Clock) -> None:
    token = xero.exchange(xero.consent(scope="accounting.settings")["code"]).json()["access_token"]
    clock.now += timedelta(minutes=30)
    details = []
    for bearer in (token, "nonsense"):
        headers = {"authorization": f"Bearer {bearer}", "xero-tenant-id": TENANT}
        answer = xero.http.get(f"{xero.base_url}/api.xro/2.0/Organisation", headers=headers)
        assert answer.status_code == 401
        details.append(answer.json()["Detail"].split(":")[0])
    assert details == ["TokenExpired", "AuthenticationUnsuccessful"]


@pytest.mark.parametrize(("verifier", "status"), [("a" * 43, 200), ("b" * 43, 400), ("", 400)])
def test_application_without_a_secret_proves_itself_by_its_verifier(xero: Desk, verifier: str, status: int) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"a" * 43).digest()).rstrip(b"=").decode()
    code = xero.consent(code_challenge=challenge, code_challenge_method="S256")["code"]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": xero.client[0]}
    answer = xero.http.post(xero.base_url + xero.token, data={**fields, "code_verifier": verifier})
    assert answer.status_code == status


def test_revoked_token_opens_nothing_any_more(intuit: Desk) -> None:
    pair = intuit.exchange(intuit.consent()["code"]).json()
    url = intuit.base_url + "/v2/oauth2/tokens/revoke"
    assert intuit.http.post(url, json={"token": pair["refresh_token"]}, auth=intuit.client).status_code == 200
    assert company_status(intuit, pair["access_token"]) == 401
    assert intuit.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_personal_tokens_never_expire(town: Town, intuit: Desk, xero: Desk, clock: Clock) -> None:
    books, organisation, shop = (town.personal_token(name) for name in ("quickbooks", "xero", "square"))
    clock.now += timedelta(days=1000)
    assert company_status(intuit, books) == 200
    assert organisation_status(xero, organisation) == 200
    locations = f"{town.square.base_url}/v2/locations"
    answer = intuit.http.get(locations, headers={"authorization": f"Bearer {shop}"})
    assert answer.status_code == 200, answer.text


def test_town_is_met_again_with_its_tokens_and_on_its_ports(tmp_path: Path, clock: Clock, http: httpx.Client) -> None:
    with open_town(tmp_path, clock=clock) as town:
        token, port = town.personal_token("xero"), town.xero.port
    with open_town(tmp_path, clock=clock, ports={"xero": port}) as town:
        assert town.xero.base_url == f"http://127.0.0.1:{port}"
        connections = http.get(f"{town.xero.base_url}/connections", headers={"authorization": f"Bearer {token}"})
        assert connections.json()[0]["tenantId"] == TENANT


def test_town_with_a_taken_port_does_not_open_halfway(town: Town, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "second").mkdir()
    with pytest.raises(OSError, match="in use"):
        open_town(tmp_path / "second", clock=clock, ports={"square": town.square.port})
