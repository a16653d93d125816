"""What the owner decided about channels, exchange and small differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

# What an entry of the channel is: one payout or invoice (a line for each), or one of the takings that a payout sums.
Grain = Literal["one", "run"]
FIRST_WINDOW: Mapping[Grain, tuple[int, int]] = {"one": (0, 30), "run": (0, 7)}
BAND = 250
CONFIRMATIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """How a channel shows on the bank statement: any of the descriptors in the text, `earliest` to `latest` calendar
    days after its last entry. `is_approved` lets exact matches be certain, `confirmed_runs` runs from three on."""

    name: str
    descriptors: tuple[str, ...] = ()
    earliest: int | None = None
    latest: int | None = None
    grain: Grain | None = None
    is_approved: bool = False
    confirmed_runs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So much of the bank line's currency for one of the entry's: `numerator / denominator`."""

    numerator: int
    denominator: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """An owner's rule for small differences in one currency: at most `cap` minor units and `share` hundredths of a
    percent, to the named account and tax code."""

    currency: str
    cap: int
    share: int
    account: str
    tax_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All of them; without any, nothing but what carries a reference is certain.

    `rates` by (entry's currency, line's currency); `band` in hundredths of a percent around the rate."""

    channels: Sequence[ChannelRule] = ()
    rates: Mapping[tuple[str, str], Rate] = field(default_factory=dict)
    band: int = BAND
    write_offs: Sequence[WriteOff] = ()

    def of_channel(self, name: str) -> ChannelRule:
        return next((rule for rule in self.channels if rule.name == name), ChannelRule(name=name))
