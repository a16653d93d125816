"""The sale side of a day: products, discounts, returns, tips, charges, gift cards sold, rounding, and their taxes."""

from __future__ import annotations

from collections.abc import Iterator

from connector.sources.dash.records import Product, Summary, minor
from connector.sources.dash.translate.pieces import Piece
from connector.sources.dash.translate.taxes import tax_codes, tax_pieces


def sale_pieces(summary: Summary) -> Iterator[Piece]:
    """The pieces: sales, tips, charges and gift cards +, discounts and returns −."""
    codes = tax_codes(summary)
    for product, code in zip(summary.products, codes, strict=True):
        yield from _product_pieces(product, code, summary.currency)
    yield from tax_pieces(summary, codes)
    sold = summary.gift_cards.sold if summary.gift_cards else None
    yield Piece("tip", "", minor(summary.tips, summary.currency))
    yield Piece("service_charge", "", minor(summary.service_charges, summary.currency))
    yield Piece("gift_card", "", minor(sold, summary.currency))
    yield Piece("rounding", "", minor(summary.rounding, summary.currency))


def _product_pieces(product: Product, tax_code: str, currency: str) -> Iterator[Piece]:
    discount, refunded = minor(product.discount, currency), minor(product.refunded, currency)
    net = minor(product.net, currency)
    gross = net + discount + refunded if product.gross is None else minor(product.gross, currency)
    yield Piece("sale", product.code, gross, tax_code)
    yield Piece("discount", product.code, -discount, tax_code)
    yield Piece("refund", product.code, -refunded, tax_code)
