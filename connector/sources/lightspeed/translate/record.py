"""One Lightspeed record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed.records import (
    DayReport,
    ProcessingFee,
    RegisterCount,
    RegisterWithdraw,
    Sale,
    read,
)
from connector.sources.lightspeed.translate.fees import fee_fact
from connector.sources.lightspeed.translate.registers import count_fact, withdraw_fact
from connector.sources.lightspeed.translate.reports import REPORTS, report_fact
from connector.sources.lightspeed.translate.sales import sale_fact


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record as shapes.py kept it; amounts in the seller's view, minor units.

    Raises Broken where it has an impossible shape, Unreadable where its shop's zone or currency is not known."""
    match stream:
        case "sales":
            return sale_fact(read(body, Sale), shop)
        case "register_counts":
            return count_fact(read(body, RegisterCount), shop)
        case "register_withdraws":
            return withdraw_fact(read(body, RegisterWithdraw), shop)
        case "processing_fees":
            return fee_fact(read(body, ProcessingFee), shop)
    if stream in REPORTS:
        return report_fact(stream, read(body, DayReport), shop)
    raise Broken(f"Lightspeed has no stream {stream!r} that holds money (record {source_id})")
