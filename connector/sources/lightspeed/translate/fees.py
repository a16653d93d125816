"""A processor's fee of one payment → a charge on the day on which it was processed."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.places import Name
from connector.domain.sales import Charge
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import ZERO, ProcessingFee
from connector.sources.lightspeed.translate.amounts import minor
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.shops import only_location


def fee_fact(fee: ProcessingFee, shop: Shop) -> Fact:
    """The fact of a fee, − what it cost: its six amounts added, then rounded. A fee names no shop: it stands with the
    only one there is, else with none."""
    moment = fee.processing_time or fee.create_time
    frame = framed("processing_fees", fee.sale_payment_processing_fee_id, only_location(shop), moment, shop)
    cost = minor(sum(fee.parts, ZERO), frame.currency)
    about = Charge(charge_id=fee.sale_payment_processing_fee_id, about=fee.sale_payment_id)
    return frame.fact(about, [(Name("fee", "Processing fees"), -cost)])
