"""Facts made by hand for the tests of mapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from connector.domain.account_map import AccountMap, Placement
from connector.domain.document import Line
from connector.domain.facts import About, Bucket, BucketKey, Fact, Movement, Problem, gather
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import Refund, Sale, Tender
from connector.mapping.rules import Rules
from connector.sources.registry import source

DAY = date(2026, 3, 14)
BANK = {"bank": Placement(account="Checking")}


def rules(name: str = "square", **changes: object) -> Rules:
    made = Rules(
        defaults=source(name).defaults,
        account_map=AccountMap(slots=BANK),
        organisation="Main Street",
        connection="test",
        account="M1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def fact(stream: str, source_id: str, about: About, *pieces: tuple[str, str, int], day: date = DAY) -> Fact:
    movements = [
        Movement(key=BucketKey(kind=kind, code=code, currency="USD", period=day.isoformat(), location="L1"), amount=n)
        for kind, code, n in pieces
    ]
    buckets, vector = gather(movements)
    return Fact(
        stream=stream,
        source_id=source_id,
        about=about,
        location="L1",
        occurred_at=datetime(day.year, day.month, day.day, 17, tzinfo=UTC),
        business_day=day,
        currency="USD",
        buckets=buckets,
        vector=vector,
    )


def sale(name: str, amount: int, day: date = DAY, code: str = "Food", tendered: int | None = None) -> list[Fact]:
    """A sale and the card payment that paid it."""
    paid = amount if tendered is None else tendered
    about = Sale(sale_id=name, total=amount, tendered=((f"P{name}", paid),))
    return [
        fact("orders", name, about, ("sale", code, amount), day=day),
        fact("payments", f"P{name}", Tender(tender_id=f"P{name}", sale_id=name, amount=paid),
             ("tender", "CARD", paid), day=day),
    ]  # fmt: skip


def refund(name: str, amount: int, day: date = DAY) -> list[Fact]:
    """A return and the refund to the card."""
    return [
        fact("orders", name, Sale(sale_id=name, total=-amount, is_return=True), ("refund", "Food", -amount), day=day),
        fact("refunds", f"R{name}", Refund(refund_id=f"R{name}", sale_id=name, tender_id="", amount=amount),
             ("refund_tender", "CARD", -amount), day=day),
    ]  # fmt: skip


def payout(
    name: str, gross: int, fee: int, amount: int | None = None, has_failed: bool = False, settles: str = ""
) -> list[Fact]:
    """A payout of one charge."""
    net = gross - fee
    about = Payout(
        payout_id=name,
        amount=net if amount is None else amount,
        arrives_on=DAY,
        is_explained=True,
        has_failed=has_failed,
    )
    entry = PayoutEntry(payout_id=name, entry_id=f"E{name}", gross=gross, fee=fee, net=net, settles=settles)
    return [
        fact("payouts", name, about),
        fact("payout_entries", f"E{name}", entry, ("entry", "CHARGE", gross), ("entry_fee", "CHARGE", -fee)),
    ]


def settlement(
    total: int, *pieces: tuple[str, str, int], deposits_on: date, problems: tuple[Problem, ...] = ()
) -> Fact:
    """An Amazon settlement; each piece is a family, a month, and an amount in the seller's sign."""
    buckets = tuple(
        Bucket(key=BucketKey(kind=kind, code=f"{kind} triple", currency="USD", period=month), amount=amount, count=1)
        for kind, month, amount in pieces
    )
    about = Settlement(
        settlement_id="S1",
        starts_at=datetime(2026, 4, 18, tzinfo=UTC),
        ends_at=datetime(2026, 5, 2, 20, tzinfo=UTC),
        deposits_on=deposits_on,
        total=total,
        marketplace="Amazon.com",
        zone="America/Los_Angeles",
    )
    return Fact(
        stream="settlements",
        source_id="S1",
        about=about,
        location="",
        occurred_at=about.ends_at,
        business_day=deposits_on,
        currency="USD",
        buckets=buckets,
        problems=problems,
    )


def sums(lines: Iterable[Line]) -> dict[str, int]:
    """Account → amount, debit positive."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.account] = found.get(line.account, 0) + line.amount
    return found
