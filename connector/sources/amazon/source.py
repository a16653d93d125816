"""Amazon at a glance: settlement reports, pulled or read from files, and the transactions that Amazon holds back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import timedelta

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.amazon.defaults import DEFAULTS
from connector.sources.amazon.files import STREAM, read, rows
from connector.sources.amazon.previews import saved
from connector.sources.amazon.regions import API, region
from connector.sources.contract import FileReader, Identity, Page, PullOrder, Received, Source, Stream
from connector.transport.access import Access
from connector.transport.oauth import Consent

# Settlements are last: a report that cannot be read ends their pull with a sentence.
STREAMS = (
    Stream(name="marketplaces", is_reference=True),
    Stream(
        name="transactions",
        is_optional=True,
        unseen="Sales that Amazon holds back beyond a month end are not seen, and not accrued.",
    ),
    Stream(name=STREAM),
)
# Login with Amazon; the page is North America's, unless another region is named. A seller's own application needs no
# page: its refresh token is copied from Seller Central. It is long-lived and never changes.
_LOGIN = "https://api.amazon.com/auth/o2"
CONSENT = Consent(
    authorize_url="https://sellercentral.amazon.com/apps/authorize/consent",
    token_url=f"{_LOGIN}/token",
    revoke_url="",
    scopes=(),
    title="Amazon",
    client_auth="body",
    pasted_is_refresh=True,
    code_parameter="spapi_oauth_code",
    account_parameter="selling_partner_id",
    application_parameter="application_id",
    api_addresses=tuple(API.values()),
    rotation="reusable",
    life=timedelta(days=365),  # commonly reported, not proven: said in time, it costs one consent too many at worst
)


def _identify(access: Access) -> Identity:
    from connector.sources.amazon.pulling import identify  # files are read without the machinery of calls

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.amazon.pulling import pull

    return pull(access, order, access.sleep)


def _unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    from connector.sources.amazon.pulling import unpack

    return unpack(stream, body)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    """The marketplaces as places; a settlement names its own, which has its zone."""
    from connector.sources.amazon.answers import Participation
    from connector.sources.amazon.answers import read as read_answer
    from connector.sources.amazon.marketplaces import places

    found = [read_answer(record.body, Participation) for record in records if record.stream == "marketplaces"]
    return Shop(locations={place.source_id: place for place in places(found)}, zone=zone)


def _translate(received: Received, shop: Shop) -> Fact:
    from connector.sources.amazon.deferrals import translate_transaction

    if received.stream == STREAM:
        return read(io.BytesIO(received.body), shop.zone)
    return translate_transaction(received.source_id, received.body, shop.zone)


SOURCE = Source(
    name="amazon",
    title="Amazon",
    prefix="AM",
    defaults=DEFAULTS,
    streams=STREAMS,
    consent=CONSENT,
    region=region,
    identify=_identify,
    pull=_pull,
    unpack=_unpack,
    shop=_shop,
    translate=_translate,
    file=FileReader(stream=STREAM, read=read, rows=rows),
    saved=saved,
)
