"""Loyverse at a glance: which streams it lists, what to consent to, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Identity, Page, PullOrder, Received, Source, Stream
from connector.sources.loyverse.defaults import DEFAULTS
from connector.sources.loyverse.files import saved
from connector.sources.loyverse.pages import unpack
from connector.sources.loyverse.plain import PlainReceipt
from connector.sources.loyverse.translate.ordinary import ordinary_fact
from connector.sources.loyverse.translate.record import fact_of, translate
from connector.sources.loyverse.translate.shops import read_shop
from connector.sources.loyverse.webhook import WEBHOOK
from connector.transport.access import Access
from connector.transport.oauth import Consent

STREAMS = (
    Stream(name="merchant", is_reference=True),
    Stream(name="stores", is_reference=True),
    Stream(name="payment_types", is_reference=True),
    Stream(name="categories", is_reference=True),
    Stream(name="items", is_reference=True),
    Stream(name="receipts"),
    Stream(
        name="shifts",
        is_optional=True,
        unseen="Cash over and short, and cash paid in and out, is not seen, and days are not compared with the shifts.",
    ),
)
_OAUTH = "https://api.loyverse.com/oauth"
CONSENT = Consent(
    authorize_url=f"{_OAUTH}/authorize",
    token_url=f"{_OAUTH}/token",
    revoke_url="",
    scopes=("MERCHANT_READ", "STORES_READ", "PAYMENT_TYPES_READ", "ITEMS_READ", "RECEIPTS_READ"),
    title="Loyverse",
    client_auth="body",
)


def _identify(access: Access) -> Identity:
    from connector.sources.loyverse.client import identify  # a preview does without the network

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.loyverse.client import pull

    return pull(access, order)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    return read_shop(((record.stream, record.body) for record in records), zone)


def _translate(received: Received, shop: Shop) -> Fact:
    if isinstance(received.record, PlainReceipt):
        plain = ordinary_fact(received.record, shop)
        return plain or translate(received.stream, received.source_id, received.body, shop)
    if received.record is not None:
        return fact_of(received.record, shop)
    return translate(received.stream, received.source_id, received.body, shop)


SOURCE = Source(
    name="loyverse",
    title="Loyverse",
    prefix="LV",
    limits="Loyverse tells neither fees nor payouts: what acquirers keep comes from the bank or a model of their fees. "
    "It tells no time zones either: say one for each store.",
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
