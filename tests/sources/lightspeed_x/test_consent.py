"""Consent at the X-Series stand-in with the source's own rules: a browser's steps, the shop's prefix, rotation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.errors import NeedsReconnect, Rejected
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed_x import CLIENT_ID, CLIENT_SECRET, fill, lightspeed_x_app
from connector.sandbox.lightspeed_x_month import DOMAIN_PREFIX
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.contract import PullOrder
from connector.sources.lightspeed_x.source import CONSENT, SOURCE
from connector.transport.access import Access
from connector.transport.callback import wait_for_callback
from connector.transport.exchange import authorize_url, exchange, refresh, revoke
from connector.transport.oauth import Client, Grant
from connector.transport.sessions import http_session

NOW = datetime(2026, 4, 10, tzinfo=UTC)
APP = Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def now() -> datetime:
    return NOW


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    with Shelf(tmp_path / "lightspeed.db") as shelf:
        fill(shelf)
        with serve(lightspeed_x_app(shelf, faults=Faults(), clock=now)) as served:
            yield served.base_url


def _granted(base_url: str) -> Grant:
    """The consent page, a press of the button, and back to the listener."""
    consent = CONSENT.at(base_url)
    with wait_for_callback() as listener, http_session() as browser:
        pending = authorize_url(consent, APP, listener.redirect_uri)
        pressed = browser.get(f"{pending.url}&approve=yes")
        browser.get(pressed.headers["location"])
        return exchange(consent, APP, pending, listener.wait(10), now)


def test_the_grant_is_for_the_shop_that_the_callback_names_and_opens_every_stream(base_url: str) -> None:
    grant = _granted(base_url)
    assert grant.external_id == DOMAIN_PREFIX
    access = Access(base_url=base_url, external_id=grant.external_id, token=lambda: grant.access_token, now=now)
    assert SOURCE.pull
    for stream in SOURCE.streams:
        assert list(SOURCE.pull(access, PullOrder(stream=stream.name, location="", position="", now=NOW)))


def test_a_refresh_token_is_good_once_and_the_new_pair_keeps_the_shop(base_url: str) -> None:
    first = _granted(base_url)
    second = refresh(CONSENT.at(base_url), APP, first, now)
    assert second.external_id == DOMAIN_PREFIX
    assert second.refresh_token != first.refresh_token
    with pytest.raises(NeedsReconnect):
        refresh(CONSENT.at(base_url), APP, first, now)
    assert refresh(CONSENT.at(base_url), APP, second, now).access_token != second.access_token


def test_access_is_ended_on_the_providers_own_pages(base_url: str) -> None:
    with pytest.raises(Rejected, match="own pages"):
        revoke(CONSENT.at(base_url), APP, _granted(base_url), now)


def test_what_is_asked_for_is_reading_only() -> None:
    assert {scope.partition(":")[2] for scope in CONSENT.scopes} == {"read"}
