"""Lightspeed X-Series at a glance: which streams it lists, what to consent to, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Identity, Page, PullOrder, Received, Source, Stream
from connector.sources.lightspeed_x.defaults import DEFAULTS
from connector.sources.lightspeed_x.files import saved
from connector.sources.lightspeed_x.pages import unpack
from connector.sources.lightspeed_x.plain import PlainSale
from connector.sources.lightspeed_x.translate.ordinary import ordinary_fact
from connector.sources.lightspeed_x.translate.record import fact_of, translate
from connector.sources.lightspeed_x.translate.shops import read_shop
from connector.sources.lightspeed_x.webhook import WEBHOOK
from connector.transport.access import Access
from connector.transport.oauth import Consent

STREAMS = (
    Stream(name="outlets", is_reference=True),
    Stream(name="registers", is_reference=True),
    Stream(name="payment_types", is_reference=True),
    Stream(name="taxes", is_reference=True),
    Stream(name="products", is_reference=True),
    Stream(name="sales"),
    Stream(name="sessions"),
)
_SHOP = "https://{domain_prefix}.retail.lightspeed.app"  # the callback's parameter of that name decides the host
CONSENT = Consent(
    authorize_url="https://secure.retail.lightspeed.app/connect",
    token_url=f"{_SHOP}/api/1.0/token",
    revoke_url="",
    scopes=(
        "retailer:read", "outlets:read", "registers:read", "payment_types:read", "payments:read", "taxes:read",
        "products:read", "sales:read",
    ),
    title="Lightspeed",
    client_auth="body",
    account_parameter="domain_prefix",
    refresh_at_end=True,
)  # fmt: skip


def _identify(access: Access) -> Identity:
    from connector.sources.lightspeed_x.client import identify  # HTTP is slow to import; a preview does without

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.lightspeed_x.client import pull

    return pull(access, order, sleep=access.sleep)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    return read_shop(((record.stream, record.body) for record in records), zone)


def _translate(received: Received, shop: Shop) -> Fact:
    if isinstance(received.record, PlainSale):
        plain = ordinary_fact(received.record, shop)
        return plain or translate(received.stream, received.source_id, received.body, shop)
    if received.record is not None:
        return fact_of(received.record, shop)
    return translate(received.stream, received.source_id, received.body, shop)


SOURCE = Source(
    name="lightspeed_x",
    title="Lightspeed",
    edition="X-Series",
    prefix="LX",
    limits="X-Series tells neither fees, payouts, paid-outs nor what was counted in a register that was closed.",
    defaults=DEFAULTS,
    streams=STREAMS,
    consent=CONSENT,
    webhook=WEBHOOK,
    identify=_identify,
    pull=_pull,
    unpack=unpack,
    shop=_shop,
    translate=_translate,
    saved=saved,
)
