"""Coverage: what became of money that nobody decided about. What waits tells its worth; what went on is flagged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connector.domain.defaults import SourceDefaults
from connector.domain.document import Document, Line, Share
from connector.domain.facts import Bucket
from connector.domain.finding import Finding
from connector.domain.map_file import TAXES
from connector.domain.money import decimal_text
from connector.domain.wording import many
from connector.mapping.lines import home_of
from connector.mapping.lookup import Found, Place, bank_slot, slot_home
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules


def covered(made: Journalized, rules: Rules) -> Journalized:
    """The same, each thing held with its worth, and a finding for each gap that its coverage let pass."""
    held = tuple(
        replace(each, amount=each.amount or worth(each.shares, rules.defaults)) if each.shares else each
        for each in made.held
    )
    maps = (rules.account_map, *(earlier for _, earlier in rules.earlier))
    flags = tuple(_flags(made.documents, rules)) if any(each.coverage for each in maps) else ()
    return replace(made, held=held, findings=tuple(sorted((*made.findings, *flags))))


def worth(shares: Iterable[Share], defaults: SourceDefaults) -> int:
    """What some movements come to: the larger of their two sides, in minor units; never negative."""
    sums = {"debit": 0, "credit": 0}
    for share in shares:
        rule = defaults.rule(share.bucket.kind, share.bucket.code)
        sums[rule.side if rule else "credit"] += share.amount
    return max(abs(amount) for amount in sums.values())


@dataclass(slots=True)
class _Gap:
    """What went on without a decision: where to, how much, and how many movements."""

    account: str
    currency: str
    amount: int = 0
    movements: int = 0

    def add(self, amount: int, movements: int) -> None:
        self.amount += abs(amount)
        self.movements += movements


def _flags(documents: Iterable[Document], rules: Rules) -> Iterator[Finding]:
    gaps: dict[tuple[str, str], _Gap] = {}
    for document in documents:
        of_day = rules.on(document.date)
        if of_day.account_map.coverage:
            for line in document.lines:
                _gather(gaps, line, document.currency, of_day)
    for (slot, subject), gap in sorted(gaps.items()):
        yield _finding(slot, subject, gap, rules)


def _gather(gaps: dict[tuple[str, str], _Gap], line: Line, currency: str, rules: Rules) -> None:
    for share in line.shares:
        home, _ = home_of(Bucket(key=share.bucket, amount=share.amount, count=share.count), rules, _NO_NAMES)
        if isinstance(home, Place) and home.gap:
            subject = share.bucket.tax_code or "none" if home.gap == TAXES else share.bucket.code or share.bucket.kind
            gap = gaps.setdefault((home.gap, subject), _Gap(home.account, currency))
            gap.add(share.amount, share.count)
    if not line.shares and line.role == "bank":
        found = slot_home(bank_slot("", currency, rules), rules, _NO_NAMES)
        if isinstance(found, Found) and found.gap:
            gaps.setdefault((found.gap, "bank"), _Gap(line.account, currency)).add(line.amount, 1)


_NO_NAMES: Mapping[str, str] = {}


def _finding(slot: str, subject: str, gap: _Gap, rules: Rules) -> Finding:
    amount = f"{decimal_text(gap.amount, gap.currency)} {gap.currency} in {many(gap.movements, 'movement')}"
    to = f"the tax code {rules.account_map.covered(TAXES).tax_code}" if slot == TAXES else gap.account
    return Finding(
        code="posted_undecided",
        subject=f"{slot}|{subject}",
        severity="warning",
        message=f"Nobody decided {slot} ({subject}): {amount} went to {to}, as its coverage says.",
        fix="Decide it in the account map; what is posted stays where it is, unless you correct it.",
        amount=gap.amount,
        currency=gap.currency,
        movements=gap.movements,
    )
