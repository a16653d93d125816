"""Taxes: codes that are closed or of another rate, and tax where none belongs or none where one does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from connector.domain.finding import Finding
from connector.mapping.checks.audited import Audit, is_taxed
from connector.mapping.checks.homes import Home
from connector.mapping.checks.proposals import Fix, about, tax_fix, untaxed
from connector.mapping.checks.values import Posted
from connector.mapping.checks.wording import listed, money
from connector.mapping.lookup import TAXED_ROLES
from connector.mapping.suggest import COSTS, Suggestion, suggest_tax

OFF_BY = Decimal("0.25")  # percentage points: less is rounding of receipts
_UNTAXED = frozenset({
    "clearing", "carry", "bank", "gift_card", "store_credit", "customer_deposit", "house_account", "tip",
})  # fmt: skip


def tax_findings(audit: Audit) -> Iterator[Finding]:
    """Every check of this page."""
    yield from _on_clearing(audit)
    if audit.rules.by_tax_code:
        yield from _codes(audit)
        yield from _rates(audit)
        yield from _untaxed(audit)
        yield from _posted_untaxed(audit)
        yield from _claimable(audit)
    else:
        yield from _sent(audit)


def _codes(audit: Audit) -> Iterator[Finding]:
    """Codes that documents would name and the books do not take."""
    known = {name: rate for rate in audit.books.tax_rates for name in (rate.name.casefold(), rate.code)}
    if not known:
        return
    for code, homes in sorted(_by_code(audit).items()):
        rate = known.get(code) or known.get(code.casefold())
        taxes = sorted({home.tax for home in homes if home.tax})
        if (rate is None and code != audit.rules.out_of_scope) or (rate is not None and not rate.is_active):
            name = rate.name if rate else code
            state = "is not active in the books" if rate else "is not a tax code of the books"
            yield about(
                "tax_code_inactive" if rate else "tax_code_missing",
                code,
                "blocking",
                f"The tax code {name!r} {state}; {listed(home.origin for home in homes)} carry it.",
                _instead(taxes or [name], audit),
                homes,
            )


def _instead(taxes: list[str], audit: Audit) -> Fix:
    return tax_fix(taxes[0], suggest_tax(taxes[0], audit.books.tax_rates), "an active code")


def _by_code(audit: Audit) -> dict[str, list[Home]]:
    found: defaultdict[str, list[Home]] = defaultdict(list)
    for home in audit.homes:
        if home.place.tax_code:
            found[home.place.tax_code].append(home)
    return found


def _on_clearing(audit: Audit) -> Iterator[Finding]:
    """Tax is on the sale; a clearing line with a tax code would show it twice."""
    clean = ("", audit.rules.out_of_scope)
    for name, _, homes in audit.accounts:
        wrong = [home for home in homes if home.place.role in _UNTAXED and home.place.tax_code not in clean]
        if wrong and audit.rules.by_tax_code:
            code = wrong[0].place.tax_code
            message = f"Lines on {name} would carry the tax code {code}; a {wrong[0].place.role} line carries none."
            place = f"slots.{wrong[0].slot}" if wrong[0].slot else f"codes, {wrong[0].origin}"
            words = f"In the account map, at {place}, take tax_code: {code} away. Reason: tax is on the sale."
            fix = Fix(words, untaxed(wrong, audit.rules.account_map))
            yield about("tax_on_clearing", name, "blocking", message, fix, wrong)


def _rates(audit: Audit) -> Iterator[Finding]:
    """What the source charged against the rate of the code that it is mapped to."""
    bases: defaultdict[str, int] = defaultdict(int)
    taxes: defaultdict[str, int] = defaultdict(int)
    for use in audit.uses if audit.percents else ():
        if use.tax_code:
            rule = audit.rules.defaults.rule(use.kind, use.code)
            if use.parent:
                taxes[use.tax_code] += use.amount
            elif rule and rule.role in TAXED_ROLES:
                bases[use.tax_code] += use.amount
    for tax, base in sorted(bases.items()):
        homes = [home for home in audit.homes if home.tax == tax and is_taxed(home)]
        codes = {home.place.tax_code for home in homes} - {audit.rules.out_of_scope}  # told as sales without a tax code
        for code in sorted(codes & audit.percents.keys()):
            charged = Decimal(100 * taxes[tax]) / base if base else Decimal(0)
            if base and abs(charged - audit.percents[code]) > OFF_BY:
                yield _rate(tax, code, charged, [home for home in homes if home.place.tax_code == code], audit)


def _rate(tax: str, code: str, charged: Decimal, homes: list[Home], audit: Audit) -> Finding:
    told = f"{charged.quantize(Decimal('0.1'))} %"
    fitting = [
        rate for rate in audit.books.tax_rates
        if rate.is_active and rate.code in audit.percents and abs(audit.percents[rate.code] - charged) <= OFF_BY
    ]  # fmt: skip
    better = suggest_tax(tax, fitting)
    if better is None and fitting:
        better = Suggestion(account=fitting[0].code, score=0, reason="")
    finding = about(
        "tax_rate_differs",
        f"{tax}|{code}",
        "blocking",
        f"The source charges {told} as {tax!r}; the code {code} of the books is {audit.percents[code]} %.",
        tax_fix(tax, better, f"a code of {told}", "it has the rate that was charged"),
        homes,
    )
    return _of_tax(tax, finding)


def _untaxed(audit: Audit) -> Iterator[Finding]:
    """Sales that were taxed and whose line says they are out of scope."""
    taxed = {use.tax_code for use in audit.uses if use.parent and use.tax_code and use.amount}
    wrong = [
        home for home in audit.homes
        if is_taxed(home) and home.tax in taxed and home.place.tax_code in ("", audit.rules.out_of_scope)
    ]  # fmt: skip
    by_tax: defaultdict[str, list[Home]] = defaultdict(list)
    for home in wrong:
        by_tax[home.tax].append(home)
    for tax, homes in sorted(by_tax.items()):
        message = f"Sales with the tax {tax!r} would stand in the books without a tax code."
        yield _of_tax(tax, about("sales_without_tax_code", tax, "blocking", message, _instead([tax], audit), homes))


def _of_tax(tax: str, finding: Finding) -> Finding:
    """The same about that tax only: sales under another may well stand on the same account with the same code."""
    return replace(finding, concern=finding.concern and replace(finding.concern, taxes=frozenset({tax})))


def _posted_untaxed(audit: Audit) -> Iterator[Finding]:
    """Lines of sales in the books that the tax return does not see; what was taken back again is none."""
    by_account: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
    for each in audit.posted:
        if each.role in TAXED_ROLES and not each.tax_code:
            by_account[each.account, each.currency].append(each)
    sums = {of: sum(each.debit - each.credit for each in lines) for of, lines in by_account.items()}
    lines = [each for of, found in by_account.items() if sums[of] for each in found]
    if lines:
        accounts = listed(each.account for each in lines)
        count = sum(each.lines for each in lines)
        yield Finding(
            code="posted_without_tax_code",
            subject=audit.feed,
            severity="warning",
            message=f"{count} posted lines of sales have no tax code, and the books want one: {accounts}.",
            fix="Give the lines their tax codes in the books, and mute this with that as its reason.",
            amount=sum(map(abs, sums.values())),
            currency=lines[0].currency,
            movements=count,
        )


def _claimable(audit: Audit) -> Iterator[Finding]:
    """Tax on fees stands as a cost until somebody confirms that there are invoices for it."""
    for name, _, homes in audit.accounts:
        account = audit.chart.find(name)
        taxed = [home for home in homes if home.place.role == "fee_tax"]
        is_cost = account is None or account.type in COSTS
        if taxed and is_cost and all(each.place.tax_code in ("", audit.rules.out_of_scope) for each in taxed):
            amount = money(sum(each.amount for each in taxed), taxed[0].currency)
            message = f"{amount} of tax on fees stands as a cost; it may be claimable."
            fix = Fix(
                "Where there are invoices for the fees, in the account map, under slots: "
                "{fee_tax: the account or tax code of your input tax}."
            )
            yield about("claimable_fee_tax", name, "info", message, fix, taxed)


def _sent(audit: Audit) -> Iterator[Finding]:
    """Books that work tax out by themselves would count a code of ours again."""
    for code, homes in sorted(_by_code(audit).items()):
        message = f"Lines would carry the tax code {code}, and these books work tax out by themselves."
        words = f"In the account map, take tax_code: {code} away from {listed(home.origin for home in homes)}."
        fix = Fix(words, untaxed(homes, audit.rules.account_map))
        yield about("tax_sent_to_own_tax", code, "blocking", message, fix, homes)
