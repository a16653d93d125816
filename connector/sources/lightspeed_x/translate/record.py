"""One X-Series record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.places import held_for
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed_x.records import Sale, Session, read_kept
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
            return fact_of(read_kept(body, Session), shop)
    raise Broken(f"Lightspeed has no stream {stream!r} that holds money (record {source_id})")


def fact_of(record: object, shop: Shop) -> Fact:
    """The fact of a record that is read, held where a part of it could not be; raises as `translate` does."""
    if isinstance(record, Sale | Session):
        fact = sale_fact(record, shop) if isinstance(record, Sale) else session_fact(record, shop)
        return held_for(fact, record.unread) if record.unread else fact
    raise Broken(f"a {type(record).__name__} of Lightspeed holds no money")
