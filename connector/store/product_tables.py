"""The table of the products that are told apart."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class ProductsApartRow(SQLModel, table=True):
    """The products of a source connection whose lines bear their own names; one row: they are asked for together."""

    __tablename__ = "products_apart"
    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    number: int = 0
    state: str = ""
    body: bytes = Field(default=b"", sa_type=LargeBinary)
