"""Mis-categorisation: an account that gets what it never had, and a product whose siblings go elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from connector.domain.document import Role
from connector.domain.finding import Finding
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.homes import Home
from connector.mapping.checks.proposals import Fix, about, code_fix, home_fix, in_map
from connector.mapping.checks.values import Code
from connector.mapping.checks.wording import listed, money
from connector.mapping.suggest import Decided, Wanted, suggest

SETTLED = timedelta(days=30)  # what an account had before then is what it is for
SIBLINGS = 5  # in a category, before it says anything
MOST_OF = 80  # of 100 that must agree

_FAMILY: Mapping[Role, str] = {
    "sales": "sales", "discount": "sales", "refund": "sales", "service_charge": "sales",
    "clearing": "clearing", "carry": "clearing", "bank": "clearing", "balance": "clearing",
    "gift_card": "credit", "store_credit": "credit", "customer_deposit": "credit",
    "fee": "fees", "fee_tax": "fees",
}  # fmt: skip


def new_kinds_on_accounts(audit: Audit) -> Iterator[Finding]:
    """Accounts in use for a month or more, on which something of another kind would stand from now on."""
    used: dict[str, dict[str, date]] = defaultdict(dict)
    for line in audit.posted:
        families = used[line.account]
        family = _FAMILY.get(line.role, line.role)
        families[family] = min(line.day, families.get(family, line.day))
    for name, _, homes in audit.accounts:
        families = used.get(name, {})
        before = {family for family, day in families.items() if day <= audit.today - SETTLED}
        strange = [home for home in homes if _FAMILY.get(home.place.role, home.place.role) not in before]
        if before and strange:
            yield _new_kind(name, before, strange, audit)


def strayed_products(audit: Audit) -> Iterator[Finding]:
    """Products decided one by one that go elsewhere than nearly everything else of their category."""
    by_category: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    together = [each for each in audit.decided_here if each.category]
    for each in together:
        by_category[each.kind, each.category][each.account] += 1
    usual = {category: account for category, found in by_category.items() if (account := _usual(found))}
    strays = {
        (each.kind, each.code): (each, usual[each.kind, each.category])
        for each in together
        if usual.get((each.kind, each.category), each.account) != each.account
    }
    yield from _stray_findings(strays, audit) if strays else ()


def _usual(siblings: Counter[str]) -> str:
    """Where nearly all go; empty where they do not agree, or are few."""
    whole = sum(siblings.values())
    usual, most = siblings.most_common(1)[0]
    return usual if whole >= SIBLINGS and most * 100 >= MOST_OF * whole else ""


def _stray_findings(strays: Mapping[Code, tuple[Decided, str]], audit: Audit) -> Iterator[Finding]:
    sums: dict[Code, tuple[int, int, str]] = {}
    for use in audit.uses:
        code = use.kind, use.code
        if code in strays:
            amount, count, _ = sums.get(code, (0, 0, ""))
            sums[code] = amount + abs(use.amount), count + use.movements, use.currency
    for code, (stray, usual) in sorted(strays.items()):
        amount, movements, currency = sums[code]
        fix = code_fix(*code, usual, audit.rules.account_map, "its siblings go there")
        yield Finding(
            code="sibling_elsewhere",
            subject="|".join(code),
            severity="warning",
            message=f"{code[1]!r} goes to {stray.account}; nearly all else in {stray.category!r} goes to {usual}.",
            fix=f"{fix.text} Mute it if it is meant so.",
            proposal=fix.proposal,
            amount=amount,
            currency=currency,
            movements=movements,
        )


def _new_kind(name: str, before: set[str], homes: list[Home], audit: Audit) -> Finding:
    home = homes[0]
    wanted = Wanted(kind=home.kind, code=home.code, role=home.place.role)
    other = next((each for each in suggest(wanted, audit.known) if each.account != name), None)
    fix = Fix(f"{in_map(home, 'an account of its own')} Reason: it was never used for this.")
    if other:
        fix = home_fix(homes, other.account, audit.rules.account_map, other.reason)
    amount = sum(each.amount for each in homes)
    roles = listed(each.place.role for each in homes)
    message = (
        f"{name} has had {listed(before)} so far; now {roles} would stand on it as well "
        f"({money(amount, home.currency)})."
    )
    return about("new_kind_on_account", name, "warning", message, fix, homes)
