"""One X-Series record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed_x.records import Sale, Session, read
from connector.sources.lightspeed_x.translate.sales import sale_fact
from connector.sources.lightspeed_x.translate.sessions import session_fact
from connector.sources.lightspeed_x.versions import read_sale


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record; amounts in the seller's view, minor units.

    Raises Broken where the record has an impossible shape, Unreadable where its outlet's zone is not known."""
    match stream:
        case "sales":
            return fact_of(read_sale(body), shop)
        case "sessions":
            return fact_of(read(body, Session), shop)
    raise Broken(f"Lightspeed has no stream {stream!r} that holds money (record {source_id})")


def fact_of(record: object, shop: Shop) -> Fact:
    """The fact of a record that is read; raises as `translate` does."""
    if isinstance(record, Sale):
        return sale_fact(record, shop)
    if isinstance(record, Session):
        return session_fact(record, shop)
    raise Broken(f"a {type(record).__name__} of Lightspeed holds no money")
