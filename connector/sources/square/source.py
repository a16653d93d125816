"""Square at a glance: which streams it lists, what to consent to, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Identity, Page, PullOrder, Received, Source, Stream
from connector.sources.square.defaults import DEFAULTS
from connector.sources.square.files import saved
from connector.sources.square.pages import unpack
from connector.sources.square.plain import PlainOrder
from connector.sources.square.translate.ordinary import ordinary_fact
from connector.sources.square.translate.record import fact_of, translate
from connector.sources.square.translate.shops import read_shop
from connector.sources.square.webhook import WEBHOOK
from connector.transport.access import Access
from connector.transport.oauth import Consent

STREAMS = (
    Stream(name="locations", is_reference=True),
    Stream(name="catalog", is_reference=True),
    Stream(name="orders", per_location=True),
    Stream(name="payments", per_location=True),
    Stream(name="refunds", per_location=True),
    Stream(name="payouts", per_location=True),
    Stream(name="payout_entries", per_location=True),
    Stream(
        name="cash_drawers",
        per_location=True,
        is_optional=True,
        unseen="Cash over and short, and cash paid in and out of the drawers, is not seen.",
    ),
    Stream(
        name="gift_card_activities",
        is_optional=True,
        unseen="Gift cards loaded, adjusted or emptied outside of a sale are not seen.",
    ),
    Stream(
        name="disputes",
        is_optional=True,
        unseen="Which payment a dispute is about, and until when to answer, is not seen.",
    ),
)
_OAUTH = "https://connect.squareup.com/oauth2"
CONSENT = Consent(
    authorize_url=f"{_OAUTH}/authorize",
    token_url=f"{_OAUTH}/token",
    revoke_url=f"{_OAUTH}/revoke",
    scopes=(
        "MERCHANT_PROFILE_READ",
        "ORDERS_READ",
        "PAYMENTS_READ",
        "PAYOUTS_READ",
        "ITEMS_READ",
        "CASH_DRAWER_READ",
        "GIFTCARDS_READ",
        "DISPUTES_READ",
    ),
    title="Square",
    client_auth="json",
    pkce_without_secret=True,
    account_field="merchant_id",
    revoke_style="client_secret",
    rotation="reusable",
    rotation_if_public="once",
    authorize_extra=(("session", "false"),),
)


def _identify(access: Access) -> Identity:
    from connector.sources.square.client import identify  # the SDK is slow to import; a preview does without

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.square.pulling import pull

    return pull(access, order)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    return read_shop(((record.stream, record.body) for record in records), zone)


def _translate(received: Received, shop: Shop) -> Fact:
    if isinstance(received.record, PlainOrder):
        plain = ordinary_fact(received.record, shop)
        return plain or translate(received.stream, received.source_id, received.body, shop)
    if received.record is not None:
        return fact_of(received.record, shop)
    return translate(received.stream, received.source_id, received.body, shop)


SOURCE = Source(
    name="square",
    title="Square",
    prefix="SQ",
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
