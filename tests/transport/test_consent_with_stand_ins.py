"""From the consent page to the end of access, with the stand-ins of the providers and a browser's steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from connector.errors import NeedsReconnect, Rejected
from connector.sandbox.faults import Faults
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import CLIENT_ID, CLIENT_SECRET, square_app
from connector.sandbox.square_weekend import main_street
from connector.sources.registry import source
from connector.transport.callback import wait_for_callback
from connector.transport.exchange import authorize_url, exchange, refresh, revoke
from connector.transport.oauth import Client, Consent, Grant
from connector.transport.sessions import http_session

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
INTUIT_APP = Client(client_id=quickbooks.CLIENT_ID, client_secret=quickbooks.CLIENT_SECRET)
INTUIT = Consent(
    authorize_url="https://consent.example/connect/oauth2",
    token_url="https://tokens.example/oauth2/v1/tokens/bearer",
    revoke_url="https://developer.example/v2/oauth2/tokens/revoke",
    scopes=("com.intuit.quickbooks.accounting",),
    title="QuickBooks",
    account_parameter="realmId",
    revoke_style="json",
)
SQUARE_APP = Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
SQUARE = Consent(
    authorize_url="https://square.example/oauth2/authorize",
    token_url="https://square.example/oauth2/token",
    revoke_url="https://square.example/oauth2/revoke",
    scopes=("MERCHANT_PROFILE_READ", "ORDERS_READ"),
    title="Square",
    client_auth="json",
    account_field="merchant_id",
    revoke_style="client_secret",
    authorize_extra=(("session", "false"),),
)


def now() -> datetime:
    return NOON


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with Shelf(tmp_path / "stand-in.db") as shelf:
        yield shelf


@contextmanager
def served(app: Starlette, consent: Consent) -> Iterator[Consent]:
    with serve(app) as running:
        yield consent.at(running.base_url)


def connected(consent: Consent, client: Client, answer: str = "yes") -> Grant:
    """What the owner's browser does: the consent page, a press of the button, and back to the listener."""
    with wait_for_callback() as listener, http_session() as browser:
        pending = authorize_url(consent, client, listener.redirect_uri)
        pressed = browser.get(pending.url + f"&approve={answer}")
        browser.get(pressed.headers["location"])
        return exchange(consent, client, pending, listener.wait(10), now)


def test_quickbooks_is_connected_renewed_and_disconnected(shelf: Shelf) -> None:
    with served(quickbooks.quickbooks_app(shelf, faults=Faults(), clock=now), INTUIT) as consent:
        grant = connected(consent, INTUIT_APP)
        assert grant.external_id == REALM
        assert grant.expires_at == NOON + timedelta(hours=1)
        newer = refresh(consent, INTUIT_APP, grant, now)
        assert newer.external_id == REALM
        assert newer.refresh_token != grant.refresh_token
        revoke(consent, INTUIT_APP, newer, now)
        with pytest.raises(NeedsReconnect, match="Access to QuickBooks has ended or was withdrawn"):
            refresh(consent, INTUIT_APP, newer, now)


def test_quickbooks_ends_the_connection_of_an_old_refresh_token(shelf: Shelf) -> None:
    with served(quickbooks.quickbooks_app(shelf, faults=Faults(), clock=now), INTUIT) as consent:
        grant = connected(consent, INTUIT_APP)
        newer = refresh(consent, INTUIT_APP, grant, now)
        for pair in (grant, newer):
            with pytest.raises(NeedsReconnect):
                refresh(consent, INTUIT_APP, pair, now)


def test_an_owner_who_declines_is_not_connected(shelf: Shelf) -> None:
    with (
        served(quickbooks.quickbooks_app(shelf, faults=Faults(), clock=now), INTUIT) as consent,
        pytest.raises(NeedsReconnect, match="Access was declined on the page of QuickBooks"),
    ):
        connected(consent, INTUIT_APP, answer="no")


def test_a_wrong_secret_is_said_to_be_the_settings_fault(shelf: Shelf) -> None:
    with served(quickbooks.quickbooks_app(shelf, faults=Faults(), clock=now), INTUIT) as consent:
        wrong = replace(INTUIT_APP, client_secret="of-another-app")
        with pytest.raises(NeedsReconnect, match="does not accept the application's client id and secret"):
            connected(consent, wrong)


def test_square_is_connected_renewed_and_disconnected(shelf: Shelf) -> None:
    main_street(shelf)
    with served(square_app(shelf, faults=Faults(), clock=now), SQUARE) as consent:
        grant = connected(consent, SQUARE_APP)
        assert grant.external_id
        assert grant.scopes == SQUARE.scopes
        assert grant.expires_at == NOON + timedelta(days=30)
        newer = refresh(consent, SQUARE_APP, grant, now)
        assert newer.refresh_token == grant.refresh_token
        assert newer.access_token != grant.access_token
        revoke(consent, SQUARE_APP, newer, now)
        with pytest.raises(NeedsReconnect):
            refresh(consent, SQUARE_APP, newer, now)


def test_square_without_a_secret_gives_each_refresh_token_for_one_use(shelf: Shelf) -> None:
    main_street(shelf)
    public = Client(client_id=CLIENT_ID)
    with served(square_app(shelf, faults=Faults(), clock=now), replace(SQUARE, pkce=True)) as consent:
        grant = connected(consent, public)
        newer = refresh(consent, public, grant, now)
        assert newer.refresh_token != grant.refresh_token
        with pytest.raises(NeedsReconnect):
            refresh(consent, public, grant, now)


def test_without_a_secret_square_is_asked_with_pkce_and_cannot_be_revoked_by_us() -> None:
    consent = source("square").consent
    assert consent is not None
    assert authorize_url(consent, SQUARE_APP, "http://localhost:1/callback").verifier == ""
    pending = authorize_url(consent, Client(client_id=CLIENT_ID), "http://localhost:1/callback")
    assert pending.verifier and "code_challenge_method=S256" in pending.url
    with pytest.raises(Rejected, match="remove it on its pages"):
        revoke(consent, Client(client_id=CLIENT_ID), Grant(access_token="a", refresh_token="r"), now)
