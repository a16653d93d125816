"""What the owner decided about channels, exchange and small differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

# What an entry of the channel is: one payout or invoice (a line for each), or one of the takings that a payout sums.
Grain = Literal["one", "run"]
FIRST_WINDOW: Mapping[Grain, tuple[int, int]] = {"one": (0, 30), "run": (0, 7)}
BAND = 250
CONFIRMATIONS = 3
_WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeModel:
    """What a channel keeps where nobody tells: `share` hundredths of a percent of each payment and `each` (decimal
    text) on top, right within `band` hundredths of a percent of the takings. `tax_share` of the fee, in hundredths of
    a percent, is tax contained in it, under `tax_code`. `name` stands on the entry in the books."""

    name: str
    share: int
    each: str = "0"
    band: int = 0
    tax_code: str = ""
    tax_share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """How a channel shows on the bank statement: any of the descriptors in the text, `earliest` to `latest` calendar
    days after its last entry. `is_approved` lets exact matches be certain, `confirmed_runs` runs from three on.

    Where it names an `account` of the books, its lines are no deposits: they are coded to it, under `tax_code`."""

    name: str
    descriptors: tuple[str, ...] = ()
    earliest: int | None = None
    latest: int | None = None
    grain: Grain | None = None
    is_approved: bool = False
    confirmed_runs: int = 0
    account: str = ""
    tax_code: str = ""
    fee: FeeModel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So much of the bank line's currency for one of the entry's: `numerator / denominator`."""

    numerator: int
    denominator: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """An owner's rule for small differences in one currency: at most `cap` minor units and `share` hundredths of a
    percent, to the named account and tax code; of one channel, where it names it."""

    currency: str
    cap: int
    share: int
    account: str
    tax_code: str
    channel: str = ""

    def allows(self, difference: int, due: int) -> bool:
        """Whether so much more or less than what is due is small."""
        return abs(difference) <= self.cap and abs(difference) * _WHOLE <= self.share * abs(due)


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

    def under(self, other: Rules) -> Rules:
        """These rules and the other's, which have the last word: by channel, currency pair and write-off."""
        named = {rule.name for rule in other.channels}
        decided = {(rule.channel, rule.currency) for rule in other.write_offs}
        return replace(
            self,
            channels=(*(rule for rule in self.channels if rule.name not in named), *other.channels),
            rates={**self.rates, **other.rates},
            band=self.band if other.band == BAND else other.band,
            write_offs=(
                *(rule for rule in self.write_offs if (rule.channel, rule.currency) not in decided),
                *other.write_offs,
            ),
        )
