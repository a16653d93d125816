"""How the day was paid, returns apart; and what a delivery provider keeps of what it owes."""

from __future__ import annotations

from collections.abc import Iterator

from connector.sources.dash.records import Payment, Summary, minor
from connector.sources.dash.translate.pieces import Piece

DELIVERY = "delivery_provider"


def tender_pieces(summary: Summary, providers: frozenset[str]) -> Iterator[Piece]:
    """Money taken + and given back −, by method. The code of a tender is the method's own word; as soon as there are
    two delivery providers, each is a kind of its own by its name."""
    for payment in summary.payments:
        refunded = minor(payment.refunded, summary.currency)
        prefix, code = _named(payment, providers)
        yield Piece(f"{prefix}tender", code, minor(payment.amount, summary.currency) + refunded)
        yield Piece(f"{prefix}refund_tender", code, -refunded)


def commission_pieces(summary: Summary, providers: frozenset[str]) -> Iterator[Piece]:
    """A commission is a cost (−), and so much less is what the provider owes."""
    for delivery in summary.delivery_providers or ():
        kept = minor(delivery.commission, summary.currency)
        owed = Payment(method=DELIVERY, provider=delivery.provider, amount="0")
        prefix, code = _named(owed, providers)
        yield Piece("commission", delivery.provider, -kept)
        yield Piece(f"{prefix}tender", code, -kept)


def _named(payment: Payment, providers: frozenset[str]) -> tuple[str, str]:
    if payment.method == DELIVERY and payment.provider and len(providers) > 1:
        return "provider_", payment.provider
    return "", payment.method
