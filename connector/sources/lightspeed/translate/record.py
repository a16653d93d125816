"""One Lightspeed record → one fact."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.facts import Fact
from connector.domain.places import held_for
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed.records import (
    AccountBalances,
    DayReport,
    Kept,
    ProcessingFee,
    RegisterCount,
    RegisterWithdraw,
    Sale,
    read,
    read_mended,
)
from connector.sources.lightspeed.translate.balances import ROLES, balances_fact
from connector.sources.lightspeed.translate.fees import fee_fact
from connector.sources.lightspeed.translate.registers import count_fact, withdraw_fact
from connector.sources.lightspeed.translate.reports import REPORTS, report_fact
from connector.sources.lightspeed.translate.sales import sale_fact

SHAPES: Mapping[str, type[Kept]] = {
    "sales": Sale,
    "register_counts": RegisterCount,
    "register_withdraws": RegisterWithdraw,
    "processing_fees": ProcessingFee,
    **dict.fromkeys(ROLES, AccountBalances),
    **dict.fromkeys(REPORTS, DayReport),
}


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record as shapes.py kept it; amounts in the seller's view, minor units. A part of it that cannot be
    read holds it.

    Raises Broken where nothing can be read, Unreadable where its shop's zone or currency is not known."""
    shape = SHAPES.get(stream)
    if shape is None:
        raise Broken(f"Lightspeed has no stream {stream!r} that holds money (record {source_id})")
    try:
        return _fact(stream, read(body, shape), shop)
    except (Broken, ArithmeticError):  # something in it is no amount, for example
        record = read_mended(body, shape)
        if not record.unread:
            raise
        return held_for(_fact(stream, record, shop), record.unread)


def _fact(stream: str, record: Kept, shop: Shop) -> Fact:
    match record:
        case Sale():
            return sale_fact(record, shop)
        case RegisterCount():
            return count_fact(record, shop)
        case RegisterWithdraw():
            return withdraw_fact(record, shop)
        case ProcessingFee():
            return fee_fact(record, shop)
        case AccountBalances():
            return balances_fact(stream, record, shop)
        case DayReport():
            return report_fact(stream, record, shop)
    raise Broken(f"a {type(record).__name__} of Lightspeed holds no money")
