"""Dash at a glance: which streams it lists, what to consent to, and who does what.

The contract behind it, `dash-daily-summary/1`, is defined by this project, not by Dash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Identity, Page, PullOrder, Received, Source, Stream
from connector.sources.dash.defaults import DEFAULTS
from connector.sources.dash.files import file_pages, saved
from connector.sources.dash.pages import unpack
from connector.sources.dash.records import Place, read
from connector.sources.dash.translate.shops import read_shop
from connector.sources.dash.translate.summaries import translate
from connector.transport.access import Access
from connector.transport.oauth import Consent

STREAMS = (
    Stream(name="locations", is_reference=True),
    Stream(name="daily_summaries", per_location=True),
)
# Paths only: whose server they are on is configuration, and there is no default.
CONSENT = Consent(
    authorize_url="/oauth2/authorize",
    token_url="/oauth2/token",  # noqa: S106 (a path, no password)
    revoke_url="/oauth2/revoke",
    scopes=("locations.read", "daily-summaries.read"),
    title="Dash",
    pkce=True,
)


def _identify(access: Access) -> Identity:
    from connector.sources.dash.client import identify  # a preview does without the HTTP library

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.dash.client import pull

    return pull(access, order)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    return read_shop((read(record.body, Place) for record in records if record.stream == "locations"), zone)


def _translate(received: Received, shop: Shop) -> Fact:
    return translate(received.body, shop)


SOURCE = Source(
    name="dash",
    title="Dash",
    prefix="DA",
    limits="The contract that Dash is read by (docs/dash-contract.md) is defined by this project, not by Dash. "
    "It tells no payouts: what arrives at the bank is matched there.",
    defaults=DEFAULTS,
    streams=STREAMS,
    consent=CONSENT,
    identify=_identify,
    pull=_pull,
    unpack=unpack,
    shop=_shop,
    translate=_translate,
    file_pages=file_pages,
    saved=saved,
)
