"""News: what the source has that it never had before, and what it calls otherwise now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from rapidfuzz import fuzz, process, utils

from connector.domain.finding import Finding
from connector.domain.wording import many
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.proposals import Fix, code_entry, code_fix, tax_fix
from connector.mapping.checks.values import Code, Use
from connector.mapping.checks.wording import listed, money
from connector.mapping.suggest import Wanted, suggest, suggest_tax

MOST = 20  # of a kind, one by one; more of them are told together
SAME = 80  # of 100: two names of one thing

_CODES = {"clearing": "new_tender", "gift_card": "new_tender", "tax": "new_tax", "sales": "new_category"}
_WORDS = {"new_tender": "way of paying", "new_tax": "tax", "new_category": "category or product"}


def news(audit: Audit) -> Iterator[Finding]:
    """Renamed codes first; of the others those that are new and that nobody decided."""
    fresh, renamed = audit.fresh, _renamed(audit)
    for code, old in sorted(renamed.items()):
        yield _renaming(fresh[code], old, audit)
    by_news: defaultdict[str, list[Use]] = defaultdict(list)
    for code, use in sorted(fresh.items()):
        name = _news_of(use, audit)
        if name and code not in renamed:
            by_news[name].append(use)
    for name, uses in by_news.items():
        if len(uses) > MOST:
            yield _many(name, uses)
        else:
            yield from (_new(name, use, audit) for use in uses)


def told_as_news(audit: Audit) -> frozenset[Code]:
    """Codes that are told here, and nowhere else."""
    return frozenset(code for code, use in audit.fresh.items() if _news_of(use, audit))


def _news_of(use: Use, audit: Audit) -> str:
    rule = audit.rules.defaults.rule(use.kind, use.code)
    is_return = rule is None or use.kind.startswith(("refund", "exchange", "entry"))
    return "" if rule is None or is_return else _CODES.get(rule.role, "")


def _renamed(audit: Audit) -> dict[Code, str]:
    """New code → the decided one that it was called before: much the same name, and gone since."""
    last: dict[Code, date] = {}
    decided = {(kind, code) for kind, code in audit.rules.account_map.codes if code}
    fresh = audit.fresh
    if not decided or not fresh:
        return {}
    for use in audit.uses:
        code = use.kind, use.code
        if code in decided:
            last[code] = max(use.last, last.get(code, date.min))
    found: dict[Code, str] = {}
    for (kind, new), use in fresh.items():
        gone = [old for (k, old), day in last.items() if k == kind and day < use.first]
        best = process.extractOne(new, gone, scorer=fuzz.token_sort_ratio, processor=utils.default_process)
        if best and best[1] >= SAME:
            found[kind, new] = best[0]
    return found


def _renaming(use: Use, old: str, audit: Audit) -> Finding:
    to = audit.rules.account_map.codes[use.kind, old]
    fix = code_fix(use.kind, use.code, to.account or to.number, audit.rules.account_map, f"{old!r} goes there")
    return Finding(
        code="renamed_at_source",
        subject=f"{use.kind}|{use.code}",
        severity="warning",
        message=(
            f"{old!r} was last seen before {use.first.isoformat()}, and {use.code!r} since: it seems to be renamed "
            f"at the source. {money(abs(use.amount), use.currency)} goes to the general account."
        ),
        fix=fix.text,
        proposal=fix.proposal,
        amount=abs(use.amount),
        currency=use.currency,
        movements=use.movements,
    )


def _new(name: str, use: Use, audit: Audit) -> Finding:
    fix = _fix(name, use, audit)
    return Finding(
        code=name,
        subject=f"{use.kind}|{use.code}",
        severity="info" if name == "new_category" else "warning",
        message=(
            f"The {_WORDS[name]} {use.code!r} is new since {use.first.isoformat()}: "
            f"{money(abs(use.amount), use.currency)} in {many(use.movements, 'movement')}."
        ),
        fix=fix.text,
        proposal=fix.proposal,
        amount=abs(use.amount),
        currency=use.currency,
        movements=use.movements,
    )


def _fix(name: str, use: Use, audit: Audit) -> Fix:
    if name == "new_tax" and audit.rules.by_tax_code:
        return tax_fix(use.code, suggest_tax(use.code, audit.books.tax_rates), "a code of the books")
    rule = audit.rules.defaults.rule(use.kind, use.code)
    wanted = Wanted(kind=use.kind, code=use.code, category=use.category, role=rule.role if rule else None)
    first = next(iter(suggest(wanted, audit.known)), None)
    if first is None:
        return Fix(code_entry(use.kind, use.code, "the account it belongs to"))
    return code_fix(use.kind, use.code, first.account, audit.rules.account_map, first.reason)


def _many(name: str, uses: list[Use]) -> Finding:
    amount = sum(abs(use.amount) for use in uses)
    return Finding(
        code=name,
        subject=uses[0].kind,
        severity="warning",
        message=f"{len(uses)} of a kind are new ({_WORDS[name]}): {listed(use.code for use in uses)}.",
        fix="connector map suggest says where each probably belongs.",
        amount=amount,
        currency=uses[0].currency,
        movements=sum(use.movements for use in uses),
    )
