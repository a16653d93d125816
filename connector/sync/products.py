"""Products told apart: when a map decides the first product, what is not in the books yet is read anew from the records
as received; what is in the books stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from connector.domain.shop import Product, Shop
from connector.mapping.products import categories_of
from connector.sources.contract import Source
from connector.store.database import Transaction
from connector.store.feeds import Connection
from connector.store.pages import open_page
from connector.store.probes import newest_map
from connector.store.products import (
    NONE_APART,
    OpenFact,
    ProductsApart,
    keep_products_apart,
    newest_record,
    open_facts,
    products_apart,
    replace_fact,
)
from connector.sync.house import House
from connector.sync.shops import apart_in, decided_here, shop_of
from connector.sync.unread import is_unread


def tell_products_apart(tx: Transaction, house: House, connection: Connection) -> None:
    """Brings the facts that are in no books to what the maps tell apart by now. Where nothing about maps and catalogue
    is new, and where no map decides goods, nothing is done."""
    source = house.source(connection)
    if source.shop is None or source.translate is None or source.unpack is None:
        return
    before, state = products_apart(tx, connection.id), _state(tx, source, connection)
    if before.state == state or (before is NONE_APART and not decided_here(tx, source, connection)):
        return
    shop = shop_of(tx, source, connection)
    apart = apart_in(tx, source, connection, shop)
    touched = _touched(before.products, apart)
    anew = _read_anew(tx, source, shop, connection, touched) if touched else 0
    kept = ProductsApart(
        number=before.number + bool(anew),
        state=state,
        products=apart,
        categories=categories_of(apart, before.categories),
    )
    keep_products_apart(tx, connection.id, kept)


def _state(tx: Transaction, source: Source, connection: Connection) -> str:
    """Changes whenever a map of the connection's feeds does, or its catalogue."""
    listed = newest_record(tx, connection.id, [stream.name for stream in source.streams if stream.is_reference])
    return f"{newest_map(tx, connection.id)}/{listed}"


def _touched(before: Mapping[str, Product], now: Mapping[str, Product]) -> frozenset[str]:
    """The codes that lines of what is told apart anew, or no longer, may bear."""
    differing = {number for number in before.keys() | now.keys() if before.get(number) != now.get(number)}
    products = [each[number] for number in differing for each in (before, now) if number in each]
    return frozenset(code for each in products for code in (each.name, each.category))


def _read_anew(tx: Transaction, source: Source, shop: Shop, connection: Connection, touched: frozenset[str]) -> int:
    """How many facts are other ones by now."""
    concerned = (each for each in open_facts(tx, connection.id) if _bears(each, touched))
    return sum(
        _read_page(tx, source, shop, page_id, tuple(facts))
        for page_id, facts in groupby(tuple(concerned), key=lambda each: each.page_id)
    )


def _read_page(tx: Transaction, source: Source, shop: Shop, page_id: int, facts: tuple[OpenFact, ...]) -> int:
    assert source.unpack is not None  # the caller looked
    assert source.translate is not None
    changed, pages = 0, {}
    with open_page(tx, page_id) as opened:
        body = opened.read()
    for each in facts:
        if is_unread(each.fact):
            continue
        stream = each.fact.stream
        if stream not in pages:
            pages[stream] = source.unpack(stream, body)
        fact = source.translate(pages[stream][each.ordinal], shop)
        if fact != each.fact:
            replace_fact(tx, each, fact)
            changed += 1
    return changed


def _bears(each: OpenFact, touched: frozenset[str]) -> bool:
    """Whether a fact may hold such lines; what has no category is called otherwise at each source."""
    return "" in touched or any(bucket.key.code in touched for bucket in each.fact.buckets)
