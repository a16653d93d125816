"""Regions: each marketplace has its Seller Central, each region its API; a seller has many marketplaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from connector.domain.payouts import Settlement
from connector.domain.shop import Shop
from connector.errors import NeedsScope, Unreadable
from connector.sandbox.amazon import CLIENT_ID, CLIENT_SECRET
from connector.sandbox.amazon_regions import ABROAD, fill_abroad
from connector.sandbox.body import decode, text
from connector.sources.amazon import client
from connector.sources.amazon.files import STREAM
from connector.sources.amazon.pulling import identify, pull
from connector.sources.amazon.regions import API, region
from connector.sources.amazon.source import CONSENT, SOURCE
from connector.sources.contract import PullOrder, Received
from connector.transport.access import Access
from connector.transport.exchange import refresh
from connector.transport.oauth import Client, Grant
from tests.sources.amazon.selling import Seller, selling

REPORTS = "/reports/2021-06-30/reports"
PLANS = {plan.settlement_id: plan for plan in ABROAD}


@pytest.mark.parametrize(
    ("name", "host", "api"),
    [
        ("NA", "sellercentral.amazon.com", "NA"),
        ("us", "sellercentral.amazon.com", "NA"),
        ("Amazon.ca", "sellercentral.amazon.ca", "NA"),
        ("MX", "sellercentral.amazon.com.mx", "NA"),
        ("EU", "sellercentral-europe.amazon.com", "EU"),
        ("UK", "sellercentral-europe.amazon.com", "EU"),
        ("co.uk", "sellercentral-europe.amazon.com", "EU"),
        ("Amazon.de", "sellercentral-europe.amazon.com", "EU"),
        ("NL", "sellercentral.amazon.nl", "EU"),
        ("amazon.com.be", "sellercentral.amazon.com.be", "EU"),
        ("IN", "sellercentral.amazon.in", "EU"),
        ("fe", "sellercentral.amazon.co.jp", "FE"),
        ("JP", "sellercentral.amazon.co.jp", "FE"),
        ("AU", "sellercentral.amazon.com.au", "FE"),
    ],
)
def test_each_marketplace_is_asked_on_its_own_page_and_read_at_its_regions_address(
    name: str, host: str, api: str
) -> None:
    found = region(name)
    assert found.authorize_url == f"https://{host}/apps/authorize/consent"
    assert (found.base_url, found.path) == (API[api], api.lower())


def test_a_marketplace_that_amazon_lacks_is_told_with_those_there_are() -> None:
    with pytest.raises(Unreadable, match=r"no region or marketplace 'Mars'; there are: NA, EU, FE, US, CA"):
        region("Mars")


def test_the_usual_page_is_north_americas_and_tokens_are_fetched_at_the_same_login_in_every_region() -> None:
    assert CONSENT.authorize_url == region("NA").authorize_url
    for address in API.values():
        assert CONSENT.at(address) == CONSENT
        assert CONSENT.at(f"{address}/") == CONSENT
    assert CONSENT.at("http://127.0.0.1:1/eu").token_url == "http://127.0.0.1:1/eu/auth/o2/token"


@dataclass(frozen=True)
class Abroad:
    """The stand-in, and the way to a seller of one of its regions."""

    seller: Seller
    access: Access

    def records(self) -> list[Received]:
        order = PullOrder(stream=STREAM, location="", position="", now=self.seller.clock.now)
        pages = pull(self.access, order, self.seller.clock.sleep)
        return [record for page in pages for record in page.records]


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    with selling(tmp_path) as found:
        fill_abroad(found.shelf)
        yield found


def abroad(seller: Seller, path: str) -> Abroad:
    """Connected as an owner does who copies the refresh token of that region."""
    base = f"{seller.access.base_url}/{path}"
    pasted = text(decode(httpx.post(f"{base}/_sandbox/refresh-token", trust_env=False).content), "refresh_token")
    application = Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    grant = refresh(CONSENT.at(base), application, Grant(access_token="", refresh_token=pasted), seller.clock)
    seller.calls.clear()
    return Abroad(seller, replace(seller.access, base_url=base, token=lambda: grant.access_token))


@pytest.mark.parametrize(
    ("path", "currencies"),
    [
        ("eu", {"Amazon.co.uk": "GBP", "Amazon.de": "EUR", "Amazon.fr": "EUR", "Amazon.se": "SEK"}),
        ("fe", {"Amazon.co.jp": "JPY", "Amazon.com.au": "AUD"}),
    ],
)
def test_a_seller_has_settlements_of_each_marketplace_in_its_currency_to_the_cent(
    seller: Seller, path: str, currencies: dict[str, str]
) -> None:
    """Decimal commas, dotted dates, yen without decimals, Japan's time: as the marketplaces write them."""
    there = abroad(seller, path)
    found = {}
    assert SOURCE.translate
    for record in there.records():
        fact = SOURCE.translate(record, Shop())
        assert isinstance(fact.about, Settlement)
        assert fact.problems == () and "unknown" not in {bucket.key.kind for bucket in fact.buckets}
        assert fact.about.total == PLANS[fact.source_id].total
        assert (fact.about.starts_at, fact.about.ends_at) == (PLANS[fact.source_id].starts, PLANS[fact.source_id].ends)
        found[fact.about.marketplace] = fact.currency
    assert found == currencies
    assert {place.source_id: place.currency for place in identify(there.access).locations} == currencies


def test_a_token_of_one_region_reads_nothing_in_another(seller: Seller) -> None:
    there = abroad(seller, "eu")
    elsewhere = replace(there.access, base_url=f"{seller.access.base_url}/fe")
    with pytest.raises(NeedsScope, match="Access to requested resource is denied"):
        Abroad(seller, elsewhere).records()


def test_a_region_that_is_known_is_asked_at_once_and_one_that_is_not_is_found(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = abroad(seller, "eu")
    there.records()
    assert {path.split("/")[1] for path in seller.calls} == {"eu", "storage"}
    monkeypatch.setattr(client, "REGIONS", tuple(f"{seller.access.base_url}/{path}" for path in ("na", "eu", "fe")))
    seller.calls.clear()
    assert len(Abroad(seller, replace(there.access, base_url="")).records()) == 4
    assert seller.calls[:2] == [f"/na{REPORTS}", f"/eu{REPORTS}"]
    assert not [path for path in seller.calls[2:] if path.startswith(("/na", "/fe"))]
