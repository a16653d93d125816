"""The owner's registration for VAT or GST, as set-up was told: from when tax is charged, by which scheme and basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

REGISTERED_AS, FROM, SCHEME, BASIS = "tax registered", "tax from", "tax scheme", "tax basis"
SCHEMES = ("standard", "flat rate", "margin", "annual", "cash accounting", "simplified")
BASES = ("accrual", "cash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """`since` is the first day on which tax is charged, None for always; `scheme` and `basis` as the tax office has
    them, empty while nobody said."""

    is_registered: bool = True
    since: date | None = None
    scheme: str = ""
    basis: str = ""

    def charges(self, period: str) -> bool:
        """Whether tax is charged in a period, written as a day (2026-04-15) or a month (2026-04)."""
        if not self.is_registered:
            return False
        return self.since is None or not period or period >= self.since.isoformat()[: len(period)]


REGISTERED = Registration()


def registration(answers: Mapping[str, str]) -> Registration:
    """The registration as it was answered; where nothing was, tax is charged as the source says."""
    since = answers.get(FROM, "")
    return Registration(
        is_registered=answers.get(REGISTERED_AS, "yes") == "yes",
        since=date.fromisoformat(since) if since else None,
        scheme=answers.get(SCHEME, ""),
        basis=answers.get(BASIS, ""),
    )
