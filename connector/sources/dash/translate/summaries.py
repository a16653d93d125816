"""A summary → the fact of a location's day. The business date is the source's own; no zone is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from connector.domain.facts import Bucket, BucketKey, Fact, Movement, Problem, gather
from connector.domain.places import NO_AMOUNT, held_for
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.dash.records import CONTRACT, CURRENCIES, Summary, read_summary
from connector.sources.dash.translate.identities import Outgoing, identity_problems, outgoings, rate_remarks
from connector.sources.dash.translate.pieces import Piece
from connector.sources.dash.translate.sales import sale_pieces
from connector.sources.dash.translate.shops import providers
from connector.sources.dash.translate.tenders import commission_pieces, tender_pieces

_NOON = time(12, tzinfo=UTC)  # the same date from coast to coast, where the summary names no moment


def translate(body: bytes, shop: Shop) -> Fact:
    """The fact of a summary as `day_fact` makes it; an amount that is none holds its day. Raises Broken where it does
    not say which day it tells."""
    summary = read_summary(body)
    try:
        return held_for(day_fact(summary, shop), summary.unread)
    except Broken as error:  # an amount finer than a cent
        about = Receipt(receipt_id=summary.source_id)
        return _fact(summary, about, problems=(Problem(code=NO_AMOUNT, message=str(error)),))


def day_fact(summary: Summary, shop: Shop) -> Fact:
    """Sale side and tenders in the seller's view, in minor units. An open day and a superseded revision hold no money
    and say so. Raises Broken where an amount is finer than a cent."""
    reason = _no_sale(summary)
    if reason:
        return _fact(summary, NoSale(record_id=summary.source_id, reason=reason))
    buckets, vector = gather(_movements(summary, _pieces(summary, shop)))
    problems = (*_contract_problems(summary), *identity_problems(summary))
    about = Receipt(receipt_id=summary.source_id, remarks=tuple(rate_remarks(summary)))
    return _fact(summary, about, buckets, vector, problems)


def _no_sale(summary: Summary) -> str:
    if summary.superseded_by:
        return f"revision {summary.revision} of the day is superseded by revision {summary.superseded_by}"
    return "" if summary.closed else "the day is still open: it counts once Dash says that it is closed"


def _pieces(summary: Summary, shop: Shop) -> Iterator[Piece]:
    yield from sale_pieces(summary)
    known = providers(summary, shop)
    yield from tender_pieces(summary, known)
    yield from commission_pieces(summary, known)
    yield from (_outgoing(each) for each in outgoings(summary))


def _outgoing(each: Outgoing) -> Piece:
    """A fee or paid-out: taken off a payment it belongs to the sales; else it is taken from clearing on its own."""
    return Piece(f"{each.kind}_deducted" if each.deducted else each.kind, each.code, -each.amount)


def _contract_problems(summary: Summary) -> Iterator[Problem]:
    if summary.contract != CONTRACT:
        message = f"{summary.name} is written under {summary.contract!r}; only {CONTRACT} is understood."
        yield Problem(code="contract", message=message)
    if summary.currency not in CURRENCIES:
        message = f"{summary.name} is in {summary.currency}; the contract knows {' and '.join(CURRENCIES)}."
        yield Problem(code="currency", message=message)


def _movements(summary: Summary, pieces: Iterable[Piece]) -> Iterator[Movement]:
    for piece in pieces:
        key = BucketKey(
            kind=piece.kind,
            code=piece.code,
            currency=summary.currency,
            period=summary.business_date.isoformat(),
            tax_code=piece.tax_code,
            parent=piece.parent,
            location=summary.location.id,
        )
        yield Movement(key=key, amount=piece.amount)


def _fact(
    summary: Summary,
    about: NoSale | Receipt,
    buckets: tuple[Bucket, ...] = (),
    vector: bytes = b"",
    problems: tuple[Problem, ...] = (),
) -> Fact:
    return Fact(
        stream="daily_summaries",
        source_id=summary.source_id,
        about=about,
        location=summary.location.id,
        occurred_at=summary.closed_at or datetime.combine(summary.business_date, _NOON),
        business_day=summary.business_date,
        currency=summary.currency,
        buckets=buckets,
        vector=vector,
        problems=problems,
    )
