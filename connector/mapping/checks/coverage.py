"""Coverage: what the source has and the account map does not know. Each gap by name, with its money and its periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.account_map import AccountMap
from connector.domain.finding import Finding, Proposal
from connector.domain.wording import many
from connector.mapping.checks.audited import Audit, bank_of
from connector.mapping.checks.homes import Lack
from connector.mapping.checks.news import told_as_news
from connector.mapping.checks.proposals import Fix, code_fix, slot_fix, tax_fix
from connector.mapping.checks.values import PaidOut, Use
from connector.mapping.checks.wording import money
from connector.mapping.lookup import Missing
from connector.mapping.suggest import Wanted, suggest, suggest_tax

ADVISED = 10  # gaps that come with an account proposed, the largest sums first


def homeless(audit: Audit) -> Iterator[Finding]:
    """What holds its periods because nothing says where it goes: unknown kinds, slots that ask, taxes without code."""
    found: dict[tuple[str, str], list[Lack]] = defaultdict(list)
    for lack in audit.lacks:
        found[lack.missing.code, lack.missing.subject].append(lack)
    for lacks in found.values():
        first = lacks[0]
        amount, movements = sum(lack.amount for lack in lacks), sum(lack.movements for lack in lacks)
        fix = _fix(first.missing, audit)
        waiting = f"{money(amount, first.currency)} in {many(movements, 'movement')}"
        yield Finding(
            code=first.missing.code,
            subject=first.missing.subject,
            severity="blocking",
            message=f"{first.missing.message} {waiting} wait for it.",
            fix=fix.text,
            proposal=fix.proposal,
            amount=amount,
            currency=first.currency,
            movements=movements,
            blocked=tuple(sorted({period for lack in lacks for period in lack.periods})),
        )


def bank(audit: Audit) -> Iterator[Finding]:
    """A bank account is never guessed: payouts wait until it is named."""
    missing, waiting = bank_of(audit.rules), [each for each in audit.payouts if _has_no_bank(each, audit)]
    if not (isinstance(missing, Missing) and waiting and audit.books_deposits):
        return
    banks = sorted(account.name for account in audit.books.accounts if account.is_active and account.type == "bank")
    fix = Fix(missing.fix)
    if len(banks) == 1:
        fix = slot_fix("bank", banks[0], audit.rules.account_map, "it is the only bank account in the books")
    amount = sum(abs(payout.amount) for payout in waiting)
    yield Finding(
        code=missing.code,
        subject=missing.subject,
        severity="blocking",
        message=f"{missing.message} {len(waiting)} payouts wait for it.",
        fix=fix.text,
        proposal=fix.proposal,
        amount=amount,
        currency=waiting[0].currency,
        movements=len(waiting),
        blocked=tuple(sorted(f"payout|{payout.payout_id}" for payout in waiting)),
    )


def _has_no_bank(payout: PaidOut, audit: Audit) -> bool:
    return isinstance(bank_of(audit.rules, payout), Missing)


def undecided_codes(audit: Audit) -> Iterator[Finding]:
    """Where the bookkeeper decides a kind code by code, a code left out falls to the general account."""
    kinds = audit.mapped_kinds
    codes = audit.rules.account_map.codes
    if not kinds:
        return
    told = told_as_news(audit)
    found: dict[tuple[str, str], _Gap] = {}
    for key, uses in audit.groups.items():
        if key[0] not in kinds or (key[0], key[1]) in codes:
            continue
        for use in uses:
            code = use.kind, use.code
            if use.code and code not in told:
                gap = found.get(code) or found.setdefault(code, _Gap(use))
                gap.add(use)
    by_size = sorted(found.values(), key=lambda gap: (-gap.amount, gap.use.kind, gap.use.code))
    for n, gap in enumerate(by_size):
        yield _undecided(gap, audit, is_advised=n < ADVISED)


def locations(audit: Audit) -> Iterator[Finding]:
    """Where places have tracking, a place without it is missing from every report by place."""
    known = audit.rules.account_map.locations
    if not known:
        return
    found: dict[str, _Gap] = {}
    for use in audit.uses:
        if use.location and use.location not in known:
            found.setdefault(use.location, _Gap(use)).add(use)
    for place, gap in sorted(found.items()):
        name = audit.rules.place_name(place)
        options = sorted({category for category, _, _ in audit.books.tracking})
        named = [(category, option) for category, option, _ in audit.books.tracking if option == name]
        category = named[0][0] if named else options[0] if options else "Location"
        example = f"{{{category}: {name}}}"
        yield Finding(
            code="unmapped_location",
            subject=place,
            severity="warning",
            message=f"The place {name} has no tracking, and others have: {money(gap.amount, gap.use.currency)}.",
            fix=f"In the account map, under locations: {{{place}: {example}}}. Reason: the other places have one.",
            proposal=Proposal(change=AccountMap(locations={place: (named[0],)})) if named else None,
            amount=gap.amount,
            currency=gap.use.currency,
            movements=gap.movements,
        )


@dataclass(slots=True)
class _Gap:
    """Uses without a decision, the first standing for all."""

    use: Use
    amount: int = 0
    movements: int = 0

    def add(self, use: Use) -> None:
        self.amount += abs(use.amount)
        self.movements += use.movements


def _undecided(gap: _Gap, audit: Audit, *, is_advised: bool) -> Finding:
    use = gap.use
    rule = audit.rules.defaults.rule(use.kind, use.code)
    text = rule.text if rule else use.kind
    proposed = audit.rules.defaults.account(rule.slot) if rule else None
    goes_to = f"goes to {proposed.name.replace('{code}', use.code)}" if proposed else "has no account"
    fix = Fix("connector map suggest says where it probably belongs; decide it in the account map under codes.")
    if is_advised:
        wanted = Wanted(kind=use.kind, code=use.code, category=use.category, role=rule.role if rule else None)
        first = next(iter(suggest(wanted, audit.known)), None)
        if first:
            fix = code_fix(use.kind, use.code, first.account, audit.rules.account_map, first.reason)
    return Finding(
        code="unmapped_code",
        subject=f"{use.kind}|{use.code}",
        severity="warning",
        message=f"{text}: {use.code!r} is not decided, others of its kind are; it {goes_to}.",
        fix=fix.text,
        proposal=fix.proposal,
        amount=gap.amount,
        currency=use.currency,
        movements=gap.movements,
    )


def _fix(missing: Missing, audit: Audit) -> Fix:
    if missing.code == "unmapped_tax" and missing.subject != "none":
        found = suggest_tax(missing.subject, audit.books.tax_rates)
        return tax_fix(missing.subject, found, "") if found else Fix(missing.fix)
    proposed = audit.rules.defaults.account(missing.subject) if missing.code.startswith("unmapped_") else None
    if proposed is None:
        return Fix(missing.fix)
    there = audit.chart.find(proposed.name, proposed.number)
    state = "it is in the books already" if there and there.is_active else "the source proposes it"
    reason = f"{state}; decide whether it is right"
    return slot_fix(missing.subject, proposed.name, audit.rules.account_map, reason)
