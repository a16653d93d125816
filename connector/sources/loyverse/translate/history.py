"""What Loyverse does not serve any more, as a fact without money, so that the gap is seen and its reason read."""

from __future__ import annotations

from datetime import datetime

from connector.domain.facts import Fact
from connector.domain.places import Frame
from connector.domain.sales import NoSale


def history_fact(stream: str, source_id: str, before: datetime) -> Fact:
    """Stands for everything of a stream that changed before a moment."""
    reason = (
        f"Without its Unlimited Sales History add-on Loyverse serves the last 31 days only (402 PAYMENT_REQUIRED), so "
        f"{stream} from before {before:%Y-%m-%d %H:%M} UTC were not pulled: export them in the Back Office, or buy "
        "the add-on and pull again."
    )
    frame = Frame(
        stream=stream,
        source_id=source_id,
        location="",
        occurred_at=before,
        business_day=before.date(),
        currency="",
    )
    return frame.fact(NoSale(record_id=source_id, reason=reason))
