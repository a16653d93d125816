"""The cut-over: what booked the takings before a feed, until when, and what of it was still open then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.books import AccountType
from connector.domain.defaults import Side
from connector.domain.document import Role

FRESH = "nothing"
METHODS: Mapping[str, str] = {
    FRESH: "nothing was booked before: a fresh start",
    "connector": "another connector, against a clearing account of its own",
    "undeposited": "takings stood in accounts receivable or undeposited funds",
    "income": "deposits were booked as income when they arrived",
    "equity": "none that still shows: the other side is opening equity",
}
"""How takings were booked before, by the word that is stored."""

AGAINST: Mapping[str, frozenset[AccountType]] = {
    "connector": frozenset({"bank", "current_asset", "asset", "current_liability"}),
    "undeposited": frozenset({"receivable", "current_asset"}),
    "income": frozenset({"income", "other_income"}),
    "equity": frozenset({"equity"}),
}
"""The types of account on the other side of what was open, by the method before."""

OPENS: Mapping[str, tuple[Role, Side]] = {
    "clearing": ("clearing", "debit"), "carry": ("carry", "debit"), "stored_balance": ("balance", "debit"),
    "reserve": ("reserve", "debit"), "disputes": ("dispute", "debit"), "deferred": ("deferred", "debit"),
    "house_account": ("house_account", "debit"), "withholding_tax": ("withholding", "debit"),
    "gift_cards": ("gift_card", "credit"), "store_credit": ("store_credit", "credit"),
    "customer_deposit": ("customer_deposit", "credit"), "tips": ("tip", "credit"), "loan": ("loan", "credit"),
    "sales_tax": ("tax", "credit"),
}  # fmt: skip
"""The slots that may hold something at the cut-over: the role of its line, and where a positive amount stands."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OpeningItem:
    """One thing that was open: where it stands (a slot, for a marketplace `clearing@Amazon.com`), what it is, and how
    much in minor units: what is owed to the owner or kept for others, as is usual for the account."""

    slot: str
    name: str
    amount: int
    currency: str

    @property
    def opens(self) -> tuple[Role, Side]:
        """The role of its line and the side on which it stands."""
        return OPENS[self.slot.partition("@")[0].partition(".")[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutover:
    """What was decided. `previous` is empty while nothing is; `against` is the account on the other side of the
    openings; `is_complete` says that the items are all there are, be they none."""

    previous: str = ""
    last_day: date | None = None
    against: str = ""
    items: tuple[OpeningItem, ...] = ()
    is_complete: bool = False

    @property
    def starts_on(self) -> date | None:
        """The first day of the feed."""
        return self.last_day + timedelta(days=1) if self.last_day else None

    @property
    def caution(self) -> str:
        """What to look at though nothing stands against it; empty where there is nothing."""
        if self.previous != "income" or not self.items:
            return ""
        return (
            f"Sales of before are in {self.against or 'income'}, with their tax: the opening takes out what was open. "
            "Look at that account, and at the tax return of those days."
        )

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is not decided yet, a sentence each; none when all is."""
        if not self.previous:
            return ("The cut-over is not decided: how were takings booked before, and until when?",)
        if self.previous == FRESH:
            return ()
        missing = []
        if self.last_day is None:
            missing.append("The last day that the method before covers is not said.")
        if not self.against:
            missing.append("The account on the other side of what was open is not named.")
        if not self.is_complete:
            missing.append("What was open at the cut-over is not listed, nor said to be nothing.")
        return tuple(missing)
