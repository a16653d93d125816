"""A small month, as it would be gathered: two days of sales, a payout, a bank line, a balance, what is odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from connector.reconcile.clearing.values import OpenItem
from connector.reconcile.report.gathered import (
    Balance,
    BankRow,
    BookLine,
    Discrepancy,
    FeedOf,
    Gathered,
    MapDecision,
    MatchRow,
    PaidOut,
    Tied,
    Unreconciled,
    Waiting,
)

FEED = "square-books"
DAY = date(2026, 3, 14)
MADE = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)


def line(
    role: str, amount: int, *, mark: str = "SQ-1", kind: str = "sales", account: str = "", tax: int = 0
) -> BookLine:
    return BookLine(
        feed=FEED, mark=mark, day=DAY, kind=kind, narration="Square", place="Main St", role=role,
        account=account or role.capitalize(), text=role, currency="USD", amount=amount, tax=tax, state="verified",
    )  # fmt: skip


SALES = (
    line("sales", -100_00), line("discount", 10_00), line("refund", 5_00), line("tax", -7_60), line("tip", -4_00),
    line("clearing", 96_60, account="Square Balance"),
)  # fmt: skip
PAYOUT = (
    line("bank", 80_00, mark="SQ-2", kind="payout", account="Checking"),
    line("fee", 2_90, mark="SQ-2", kind="payout"),
    line("clearing", -82_90, mark="SQ-2", kind="payout", account="Square Balance"),
)
ITEM = OpenItem(cause="next batch", text="payment 9", amount=13_70, day=DAY, age=17)


def month(organisation: str = "Main Street", reason: str = "not to be reconciled") -> Gathered:
    """Everything once."""
    return Gathered(
        organisation=organisation,
        first=date(2026, 3, 1),
        last=date(2026, 3, 31),
        made_at=MADE,
        feeds=(FeedOf(name=FEED, source="Square", books="QuickBooks"),),
        lines=(*SALES, replace(PAYOUT[0], bank="2026-03-16, match 1"), *PAYOUT[1:]),
        paid_out=(
            PaidOut(feed=FEED, name="po_1", sent=DAY, day=DAY, reference="L1", currency="USD", gross=82_90, fees=2_90,
                    amount=80_00, state="matched", told="at the bank on 2026-03-16, match 1"),
            PaidOut(feed=FEED, name="po_2", sent=DAY, day=DAY, reference="L2", currency="USD", gross=6_00, fees=0,
                    amount=6_00, state="missing", told="the bank shows later lines"),
        ),
        bank=(
            BankRow(number=1, books="books", account="Checking", day=DAY, text="SQUARE L1", currency="USD",
                    amount=80_00, state="matched"),
            BankRow(number=2, books="books", account="Checking", day=DAY, text="RENT", currency="USD", amount=-900_00,
                    state="ignored", reason="rent", by="Ada"),
        ),
        matches=(
            MatchRow(number=1, feed=FEED, state="accepted", lines="1 of 2026-03-16", items="SQ-2", currency="USD",
                     banked=80_00, fee=0, written_off=0, exchange=0, evidence="L1 is in the bank text", by="Ada",
                     at=MADE),
        ),
        balances=(
            Balance(feed=FEED, account="Square Balance", currency="USD", opening=0, posted=13_70, settled=0,
                    closing=13_70, items=(ITEM,), in_books=13_70, proved_at=MADE),
        ),
        ties=(
            Tied(feed=FEED, what="tax", name="8 %", currency="USD", opening=0, increased=-7_60, decreased=0,
                 by_source=-7_60, restated=0, missing=0),
        ),
        discrepancies=(
            Discrepancy(of=FEED, found_on=MADE, found_by="the auditor", what="payout missing", about="po_2",
                        message="The payout did not come.", currency="USD", amount=6_00, state="open",
                        resolution="connector backfill"),
            Discrepancy(of=FEED, found_on=MADE, found_by="the auditor", what="account unmapped", about="Tea",
                        message="Tea has no account.", currency="USD", amount=3_00, state="resolved", resolved_on=MADE,
                        resolution="mapped", by="Ada"),
        ),
        decisions=(
            MapDecision(feed=FEED, number=2, author="Ada", reason="tea", decided_at=MADE, valid_from=None,
                        place="codes.sale.Tea", before="", after="Sales Tea"),
        ),
        unreconciled=(
            Unreconciled(connection="square", account="C1", payment="77", paid_on=DAY, kind="administrator",
                         recorded_by="Bo", currency="USD", amount=25_00, reason=reason),
        ),
        waiting=(
            Waiting(feed=FEED, of="day|1|2026-03-20|USD", day=date(2026, 3, 20), state="held", code="mapping",
                    reason="A tender has no account.", currency="USD", amount=12_00, difference=0),
        ),
    )  # fmt: skip
