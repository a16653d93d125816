"""Consent to Loyverse and its renewal, with the stand-in's pages and a browser's steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import NeedsReconnect, Rejected
from connector.sandbox.faults import Faults
from connector.sandbox.loyverse import CLIENT_ID, CLIENT_SECRET, fill, loyverse_app
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.loyverse.source import CONSENT, SOURCE
from connector.transport.access import Access
from connector.transport.callback import wait_for_callback
from connector.transport.exchange import authorize_url, exchange, refresh, revoke
from connector.transport.oauth import Client, Consent, Grant
from connector.transport.sessions import http_session

APP = Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
APRIL = datetime(2026, 4, 2, 12, tzinfo=UTC)


def now() -> datetime:
    return APRIL


@pytest.fixture
def consent(tmp_path: Path) -> Iterator[Consent]:
    with Shelf(tmp_path / "loyverse.db") as shelf:
        fill(shelf)
        with serve(loyverse_app(shelf, faults=Faults(), clock=now)) as served:
            yield CONSENT.at(served.base_url)


def _granted(consent: Consent) -> Grant:
    with wait_for_callback() as listener, http_session() as browser:
        pending = authorize_url(consent, APP, listener.redirect_uri)
        answer = browser.get(f"{pending.url}&approve=yes")
        browser.get(answer.headers["location"])
        return exchange(consent, APP, pending, listener.wait(5), now)


def test_the_scopes_asked_for_are_enough_to_say_whom_the_connection_speaks_for(consent: Consent) -> None:
    grant = _granted(consent)
    base_url = consent.token_url.removesuffix("/oauth/token")
    access = Access(base_url=base_url, external_id="", token=lambda: grant.access_token, now=now)
    assert SOURCE.identify
    assert [place.name for place in SOURCE.identify(access).locations] == ["Harbor", "Annex"]


def test_a_renewal_brings_another_refresh_token_and_the_old_one_is_dead(consent: Consent) -> None:
    grant = _granted(consent)
    newer = refresh(consent, APP, grant, now)
    assert newer.refresh_token != grant.refresh_token
    assert newer.expires_at == APRIL + timedelta(days=7)
    with pytest.raises(NeedsReconnect):
        refresh(consent, APP, grant, now)


def test_the_owner_ends_access_in_the_back_office(consent: Consent) -> None:
    with pytest.raises(Rejected, match="ends access on its own pages only"):
        revoke(consent, APP, _granted(consent), now)
