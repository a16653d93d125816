"""Consent, refresh and revocation as our own transport does them, at the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from connector.errors import NeedsReconnect
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed import CLIENT_ID, CLIENT_SECRET, fill, lightspeed_app
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.lightspeed.client import identify
from connector.sources.lightspeed.source import CONSENT
from connector.transport.access import Access
from connector.transport.exchange import authorize_url, exchange, refresh, revoke
from connector.transport.oauth import Client, Consent, Grant

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
CLIENT = Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


@dataclass
class Provider:
    base_url: str

    @property
    def consent(self) -> Consent:
        return CONSENT.at(self.base_url)

    def grant(self) -> Grant:
        """What an owner grants on the real pages."""
        pending = authorize_url(self.consent, CLIENT, "http://localhost:1/callback")
        back = httpx.get(f"{pending.url}&approve=yes", trust_env=False).headers["location"]
        return exchange(self.consent, CLIENT, pending, dict(parse_qsl(urlsplit(back).query)), lambda: NOW)

    def use(self, grant: Grant) -> str:
        """Calls with the grant's access token; the account that it speaks for."""
        access = Access(base_url=self.base_url, external_id="", token=lambda: grant.access_token, now=lambda: NOW)
        return identify(access).external_id


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with Shelf(tmp_path / "lightspeed.db") as shelf:
        fill(shelf)
        with serve(lightspeed_app(shelf, faults=Faults(), clock=lambda: NOW)) as served:
            yield Provider(base_url=served.base_url)


def test_the_scopes_asked_for_are_enough_to_know_who_was_connected(provider: Provider) -> None:
    grant = provider.grant()
    assert provider.use(grant) == "120645"
    assert set(grant.scopes) == set(CONSENT.scopes)


def test_a_crash_between_refresh_and_first_use_is_mended_with_the_old_token(provider: Provider) -> None:
    stored = provider.grant()
    refresh(provider.consent, CLIENT, stored, lambda: NOW)  # its answer is lost
    again = refresh(provider.consent, CLIENT, stored, lambda: NOW)
    assert provider.use(again) == "120645"
    with pytest.raises(NeedsReconnect):
        refresh(provider.consent, CLIENT, stored, lambda: NOW)


def test_a_revoked_consent_asks_to_connect_again(provider: Provider) -> None:
    grant = provider.grant()
    revoke(provider.consent, CLIENT, grant, lambda: NOW)
    with pytest.raises(NeedsReconnect, match="connect Lightspeed again"):
        provider.use(grant)
