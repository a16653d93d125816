"""What the bookkeeper decided goes where: slots and codes of a source → accounts, tax codes, tracking of the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.domain.document import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where something goes. Empty fields leave the proposal of the source in force; `role` and `side` are for a
    kind that the source's vocabulary lacks: what it is, and where a positive amount of it stands."""

    role: str = ""
    side: str = ""
    account: str = ""
    number: str = ""
    tax_code: str = ""
    tracking: Tracking = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How amounts of a foreign currency reach the books. Where the `clearing` account is kept in "home" currency, they
    are converted; where it is "foreign", the books convert them, at the rate that each document names.

    `rates`: (currency, day) → home units for one foreign unit, as decimal text, with its `source`.
    `deposits`: settlement or payout id → what the bank received, in minor units of the home currency."""

    home: str
    rates: Mapping[tuple[str, date], str] = field(default_factory=dict)
    deposits: Mapping[str, int] = field(default_factory=dict)
    source: str = "typed"
    clearing: str = "home"

    def rate(self, currency: str, day: date) -> str | None:
        """The newest rate of the currency on or before the day; None where there is none."""
        known = [(when, text) for (name, when), text in self.rates.items() if name == currency and when <= day]
        return max(known)[1] if known else None


Spot = tuple[str, str, str, str]
"""Kind, code, location and channel; each of the last three empty where any is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is done with what of a slot has no home. `policy`: "hold" it; "post" it where the source proposes, and flag
    it; or "fall back" to `account` (for taxes to `tax_code`), and flag it."""

    policy: str = "hold"
    account: str = ""
    number: str = ""
    tax_code: str = ""


HOLD = Coverage()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMap:
    """One version of the decisions. `places` are those about a kind or code at one location or through one channel;
    `taxes` maps the source's tax codes to the books' codes; `coverage` says by slot what is done about gaps."""

    number: int = 0
    slots: Mapping[str, Placement] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], Placement] = field(default_factory=dict)
    places: Mapping[Spot, Placement] = field(default_factory=dict)
    taxes: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, Tracking] = field(default_factory=dict)
    exchange: Exchange | None = None
    country: str = ""
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    def by_code(self, kind: str, code: str) -> Placement | None:
        return self.codes.get((kind, code))

    def covered(self, slot: str) -> Coverage:
        """What is done about gaps of a slot, else of its family; nothing said means hold."""
        return self.coverage.get(slot) or self.coverage.get(slot.partition(".")[0]) or HOLD
