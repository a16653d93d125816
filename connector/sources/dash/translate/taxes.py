"""Which taxes a product bears, and which part of a tax belongs to its sales, its discounts and its returns.

The amount of a tax is always the summary's own: it is only cut, never computed from a rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from connector.domain.facts import UNKNOWN
from connector.domain.money import share_half_even, split
from connector.sources.dash.records import DeliveryProvider, Product, Summary, minor
from connector.sources.dash.translate.pieces import Piece

UNKNOWN_TAX = "Unknown tax"


class Charged(NamedTuple):
    """A tax of the day: its amount before and its amount of returns, and the products that bear it by their number;
    None where the summary does not tell which ones do. `is_held`: nobody says who remits it."""

    title: str
    amount: int
    refunded: int
    bearers: tuple[int, ...] | None
    is_held: bool = False


def tax_codes(summary: Summary) -> tuple[str, ...]:
    """The tax code of each product: the names of its taxes in order of the alphabet, empty where it bears none."""
    charged = charged_taxes(summary)
    is_told = all(tax.bearers is not None for tax in charged)
    rows = {delivery.provider for delivery in summary.delivery_providers or ()}
    return tuple(
        _joined(number, charged) if (product.provider in rows if product.provider else is_told) else UNKNOWN_TAX
        for number, product in enumerate(summary.products)
    )


def tax_pieces(summary: Summary, codes: Sequence[str]) -> Iterator[Piece]:
    """The pieces of all taxes. One whose products are not told has no parent; one whose remitter is not told is of
    a kind that waits for a person; one that a provider remits is none of the shop's money."""
    for tax in charged_taxes(summary):
        if tax.is_held:
            yield Piece(UNKNOWN, f"{tax.title}, remitter not told", tax.amount)
        elif not tax.bearers:
            yield Piece("tax", tax.title, tax.amount)
            yield Piece("refund_tax", tax.title, -tax.refunded)
        else:
            yield from _borne(tax, tax.bearers, summary, codes)


def charged_taxes(summary: Summary) -> tuple[Charged, ...]:
    """The taxes of the till, then those of the delivery providers."""
    at_till = [n for n, product in enumerate(summary.products) if not product.provider]
    found = []
    for tax in summary.taxes:
        refunded = minor(tax.refunded, summary.currency)
        bearers = _bearers(tax.tax_id, tax.taxable, at_till, summary)
        found.append(Charged(tax.title, minor(tax.amount, summary.currency) + refunded, refunded, bearers))
    sold = [each for each in summary.delivery_providers or () if _has_sales(each, summary.currency)]
    return (*found, *(_of_provider(each, summary) for each in sold))


def _bearers(tax_id: str, taxable: str | None, at_till: Sequence[int], summary: Summary) -> tuple[int, ...] | None:
    """The products that name the tax; where they name none, all of them if all of their net is taxable."""
    products = [summary.products[n] for n in at_till]
    if all(product.tax_ids is not None for product in products):
        return tuple(n for n in at_till if tax_id in (summary.products[n].tax_ids or ()))
    net = sum(minor(product.net, summary.currency) for product in products)
    if taxable is not None and minor(taxable, summary.currency) == net:
        return tuple(at_till)
    return None


def _has_sales(delivery: DeliveryProvider, currency: str) -> bool:
    return bool(minor(delivery.net_sales, currency) or minor(delivery.tax, currency))


def _of_provider(delivery: DeliveryProvider, summary: Summary) -> Charged:
    bearers = tuple(n for n, product in enumerate(summary.products) if product.provider == delivery.provider)
    amount = minor(delivery.tax, summary.currency)
    if delivery.tax_remitted_by == "provider":
        return Charged(f"Remitted by {delivery.provider}", 0, 0, bearers or None)
    named = next((tax.title for tax in summary.taxes if tax.tax_id == delivery.tax_id), "")
    title = named or f"Tax through {delivery.provider}"
    is_held = bool(amount) and delivery.tax_remitted_by != "merchant"
    return Charged(f"Tax through {delivery.provider}" if is_held else title, amount, 0, bearers or None, is_held)


def _joined(number: int, charged: Sequence[Charged]) -> str:
    return " + ".join(sorted({tax.title for tax in charged if tax.bearers and number in tax.bearers}))


def _borne(tax: Charged, bearers: Sequence[int], summary: Summary, codes: Sequence[str]) -> Iterator[Piece]:
    """The tax cut by what each product was sold for, and what was given back of it by what was returned."""
    products = [summary.products[n] for n in bearers]
    sold = [_sold(product, summary.currency) for product in products]
    returned = [minor(product.refunded, summary.currency) for product in products]
    parts = zip(bearers, _cut(tax.amount, sold), sold, _cut(tax.refunded, returned), strict=True)
    for number, amount, base, back in parts:
        product, code = summary.products[number], codes[number]
        discount = minor(product.discount, summary.currency)
        off = share_half_even(amount, discount, base) if base > 0 else 0
        yield Piece("tax", tax.title, amount + off, code, f"sale|{product.code}")
        yield Piece("tax", tax.title, -off, code, f"discount|{product.code}")
        yield Piece("refund_tax", tax.title, -back, code, f"refund|{product.code}")


def _sold(product: Product, currency: str) -> int:
    """What a product was sold for, discounts taken off and returns not."""
    return minor(product.net, currency) + minor(product.refunded, currency)


def _cut(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount by weights; where none of them is positive the first one bears it all."""
    positive = [max(weight, 0) for weight in weights]
    return split(amount, positive) if any(positive) else [amount] + [0] * (len(weights) - 1)
