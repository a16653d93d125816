"""Lightspeed Retail (R-Series) at a glance: which streams it lists, what to consent to, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Identity, Page, PullOrder, Received, Source, Stream
from connector.sources.lightspeed.defaults import DEFAULTS
from connector.sources.lightspeed.files import saved
from connector.sources.lightspeed.pages import unpack
from connector.sources.lightspeed.plain import PlainSale
from connector.sources.lightspeed.translate.ordinary import ordinary_fact
from connector.sources.lightspeed.translate.record import translate
from connector.sources.lightspeed.translate.shops import read_shop
from connector.transport.access import Access
from connector.transport.oauth import Consent

STREAMS = (
    Stream(name="account", is_reference=True),
    Stream(name="shops", is_reference=True),
    Stream(name="registers", is_reference=True),
    Stream(name="categories", is_reference=True),
    Stream(name="items", is_reference=True),
    Stream(name="payment_types", is_reference=True),
    Stream(name="tax_categories", is_reference=True),
    Stream(name="sales"),
    Stream(name="register_counts"),
    Stream(name="register_withdraws"),
    Stream(name="processing_fees"),
    Stream(name="credit_accounts", is_optional=True, unseen="Customers' accounts are not compared with Lightspeed's."),
    Stream(
        name="gift_cards", is_optional=True, unseen="Gift cards are not compared with what Lightspeed says they hold."
    ),
    *(
        Stream(name=name, is_optional=True, unseen=f"Days are not compared with Lightspeed's own report {name}.")
        for name in ("payments_by_day", "taxes_by_day", "discounts_by_day", "sales_by_day")
    ),
)
_OAUTH = "https://cloud.lightspeedapp.com/auth/oauth"
CONSENT = Consent(
    authorize_url=f"{_OAUTH}/authorize",
    token_url=f"{_OAUTH}/token",
    revoke_url=f"{_OAUTH}/revoke",
    scopes=(
        "employee:register",
        "employee:reports",
        "employee:customers",
        "employee:inventory",
        "employee:admin_shops",
    ),
    title="Lightspeed",
    client_auth="body",
    rotation="until_used",
    idle=timedelta(days=30),
)


def _identify(access: Access) -> Identity:
    from connector.sources.lightspeed.client import identify  # HTTP is slow to import; a preview does without

    return identify(access)


def _pull(access: Access, order: PullOrder) -> Iterator[Page]:
    from connector.sources.lightspeed.client import pull

    return pull(access, order, sleep=access.sleep)


def _shop(records: Iterable[Received], zone: str) -> Shop:
    return read_shop(((record.stream, record.body) for record in records), zone)


def _translate(received: Received, shop: Shop) -> Fact:
    plain = ordinary_fact(received.record, shop) if isinstance(received.record, PlainSale) else None
    return plain or translate(received.stream, received.source_id, received.body, shop)


SOURCE = Source(
    name="lightspeed",
    title="Lightspeed",
    edition="R-Series",
    prefix="LS",
    limits="R-Series tells processing fees and no payouts: what arrives at the bank is matched there.",
    defaults=DEFAULTS,
    streams=STREAMS,
    consent=CONSENT,
    identify=_identify,
    pull=_pull,
    unpack=unpack,
    shop=_shop,
    translate=_translate,
    saved=saved,
)
