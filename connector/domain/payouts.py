"""What a processor or marketplace pays out, and the lines that explain it."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class Payout(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money a processor sends to the bank; negative where it takes money.

    `is_explained` says that entries tell what it is made of; `reference` is what the bank statement shows;
    `destination` is the processor's own id of the account it goes to, empty where it tells none; `has_failed` says that
    it never arrived: what its entries left stays with the processor."""

    payout_id: str
    amount: int
    arrives_on: date
    is_explained: bool
    reference: str = ""
    kept_by_processor: bool = False
    has_failed: bool = False
    destination: str = ""


class PayoutEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line that explains a payout: net = gross − fee, all in the seller's sign.

    `settles` is the id of the tender or refund it pays out, empty where it is about something else."""

    payout_id: str
    entry_id: str
    gross: int
    fee: int
    net: int
    settles: str = ""


class Settlement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A marketplace's statement behind a payout; its movements sum to `total`, in the seller's sign."""

    settlement_id: str
    starts_at: datetime
    ends_at: datetime
    deposits_on: date
    total: int
    marketplace: str
    zone: str
