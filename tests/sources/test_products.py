"""Every till with a catalogue tells products apart where it is asked to, to the cent, and only those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.domain.facts import Fact, sums_by_kind
from connector.domain.shop import Location, Shop
from connector.mapping.products import told_apart
from connector.sandbox.faults import Faults
from connector.sandbox.inprocess import Wire, in_process
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_weekend import fill as fill_square
from connector.sandbox.town import shop_module
from connector.sources.contract import PullOrder, Received
from connector.sources.registry import source
from connector.transport.access import Access

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACE = "127.0.0.1:9"
TILLS = {  # a product, its category, a sibling, and where its sales are listed
    "square": ("Dinner plate", "Food", "Sandwich", ("orders", "LMAINST0000001")),
    "lightspeed": ("Atlas", "Books", "Novel", ("sales", "")),
    "lightspeed_x": ("Mug", "Homeware", "Poster", ("sales", "")),
    "loyverse": ("Taco", "Food", "Bagel", ("receipts", "")),
}


@pytest.mark.parametrize("name", sorted(TILLS))
def test_a_decided_product_and_its_siblings_bear_their_names_and_all_else_stays(tmp_path: Path, name: str) -> None:
    product, category, sibling, stream = TILLS[name]
    records, sales = pulled(tmp_path, name, *stream)
    till = source(name)
    assert till.shop is not None
    assert till.translate is not None
    shop = zoned(till.shop(records, "UTC"))
    apart = told_apart(shop.products, {product}, {})
    telling = shop.telling_apart({number: each.name for number, each in apart.items()})
    before = [till.translate(each, shop) for each in sales]
    after = [till.translate(each, telling) for each in sales]
    assert [sums_by_kind(fact) for fact in before] == [sums_by_kind(fact) for fact in after]
    was, now = sold(before), sold(after)
    assert product not in was and was[category] and now[product] and now[sibling] and category not in now
    others = {code: amount for code, amount in was.items() if code != category}
    assert {code: now[code] for code in others} == others
    in_full = [till.translate(Received(stream=each.stream, source_id=each.source_id, spelled=each.body), telling)
               for each in sales]  # fmt: skip
    assert in_full == after  # the lean reading and the full one agree


def pulled(folder: Path, name: str, stream: str, location: str) -> tuple[list[Received], list[Received]]:
    """What describes the shop, and its sales, as the stand-in lists them."""
    till = source(name)
    assert till.pull is not None
    with Shelf(folder / "shop") as shelf:
        (fill_square if name == "square" else shop_module(name).fill)(shelf)
        app = getattr(shop_module(name), f"{name}_app")(shelf, faults=Faults(), clock=lambda: NOW)
        token = OAuthDesk(shelf, shop_module(name).oauth_rules(shelf), lambda: NOW).issue_personal_token()
        access = Access(base_url=f"http://{PLACE}", external_id="", token=lambda: token, now=lambda: NOW,
                        sleep=lambda seconds: None)  # fmt: skip
        found: dict[str, list[Received]] = {}
        with in_process(Wire(houses={PLACE: app})):
            for each in till.streams:
                if each.is_reference or each.name == stream:
                    at = location if each.name == stream else ""
                    order = PullOrder(stream=each.name, location=at, position="", now=NOW)
                    found[each.name] = [record for page in till.pull(access, order) for record in page.records]
    sales = found.pop(stream)
    return [record for records in found.values() for record in records], sales


def zoned(shop: Shop) -> Shop:
    """Loyverse leaves the zones of its places to the owner."""
    places: Mapping[str, Location] = {
        key: Location(source_id=key, name=place.name, zone=place.zone or "UTC", currency=place.currency)
        for key, place in shop.locations.items()
    }
    return Shop(locations=places, categories=shop.categories, products=shop.products, zone=shop.zone)


def sold(facts: Iterable[Fact]) -> Counter[str]:
    """What goods were sold for, by code."""
    sums: Counter[str] = Counter()
    for fact in facts:
        for bucket in fact.buckets:
            if bucket.key.kind == "sale":
                sums[bucket.key.code] += bucket.amount
    return sums
