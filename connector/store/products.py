"""Products told apart, by connection; and the facts that are not in any books yet, to be read anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import func
from sqlmodel import col, select

from connector.domain.facts import Fact
from connector.domain.shop import Product
from connector.store.database import Transaction
from connector.store.facts import fact_of_row, fill_row
from connector.store.product_tables import ProductsApartRow
from connector.store.tables import DocumentRow, FactRow, FeedRow, PeriodRow, PostingRow, RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsApart:
    """The products of a connection that are told apart, by the source's id, and the category of each name that ever
    was. `state` is what it was worked out from; `number` grows whenever facts were read anew for it."""

    number: int = 0
    state: str = ""
    products: Mapping[str, Product] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


NONE_APART = ProductsApart()


class _Body(msgspec.Struct, frozen=True):
    products: dict[str, Product]
    categories: dict[str, str]


def products_apart(tx: Transaction, connection_id: int) -> ProductsApart:
    """What is told apart now; nothing where no map ever decided a product."""
    row = tx.get(ProductsApartRow, connection_id)
    if row is None:
        return NONE_APART
    body = msgspec.msgpack.decode(row.body, type=_Body)
    return ProductsApart(number=row.number, state=row.state, products=body.products, categories=body.categories)


def keep_products_apart(tx: Transaction, connection_id: int, apart: ProductsApart) -> None:
    row = tx.get(ProductsApartRow, connection_id) or ProductsApartRow(connection_id=connection_id)
    row.number, row.state = apart.number, apart.state
    row.body = msgspec.msgpack.encode(_Body(products=dict(apart.products), categories=dict(apart.categories)))
    tx.add(row)
    tx.flush()


def newest_record(tx: Transaction, connection_id: int, streams: list[str]) -> int:
    """The highest number of a record of some streams: it changes whenever one of them is new or changed."""
    wanted = select(func.max(RecordRow.id)).where(RecordRow.connection_id == connection_id)
    return tx.exec(wanted.where(col(RecordRow.stream).in_(streams))).one() or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFact:
    """A fact of which nothing is in any books, with where its record lies."""

    row: FactRow
    fact: Fact
    page_id: int
    ordinal: int


def open_facts(tx: Transaction, connection_id: int) -> Iterator[OpenFact]:
    """The current facts of a connection of whose period nothing was ever sent, by page."""
    feeds = select(FeedRow.id).where(FeedRow.source_connection_id == connection_id)
    sent = select(PostingRow.document_id).where(PostingRow.state != "planned")
    in_books = (
        select(PeriodRow.name)
        .join(DocumentRow, col(DocumentRow.period_id) == col(PeriodRow.id))
        .where(col(PeriodRow.feed_id).in_(feeds), col(DocumentRow.id).in_(sent))
    )
    wanted = (
        select(FactRow, RecordRow)
        .join(RecordRow, col(RecordRow.id) == col(FactRow.record_id))
        .where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
        .where(col(FactRow.period_name).not_in(in_books))
        .order_by(col(RecordRow.page_id), col(RecordRow.ordinal))
    )
    for row, record in tx.exec(wanted):
        yield OpenFact(row=row, fact=fact_of_row(row), page_id=record.page_id, ordinal=record.ordinal)


def replace_fact(tx: Transaction, before: OpenFact, fact: Fact) -> None:
    """The record's fact, read anew, in the place of the one before."""
    fill_row(before.row, fact)
    tx.add(before.row)
