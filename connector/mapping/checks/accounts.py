"""Accounts that the map names against the books as read now, and as read before: gone, closed, changed, or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.books import TYPE_WORDS, Account
from connector.domain.finding import Finding, Proposal
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.homes import Home
from connector.mapping.checks.proposals import Fix, about, home_fix, in_map
from connector.mapping.checks.wording import listed, money
from connector.mapping.suggest import COSTS, INCOME, OWED, Wanted, fitting, suggest

_NAMED = {"clearing": "clearing_on_profit_and_loss", "carry": "clearing_on_profit_and_loss",
          "gift_card": "gift_card_not_liability", "store_credit": "gift_card_not_liability"}  # fmt: skip
_TAKES_PAYMENTS = frozenset({"clearing", "gift_card", "store_credit", "house_account"})
OnAccount = tuple[str, str, Sequence[Home]]


def account_findings(audit: Audit) -> Iterator[Finding]:
    """One pass over the accounts that anything goes to."""
    for name, number, homes in audit.accounts:
        account = audit.chart.find(name, number)
        if account is None:
            yield _gone((name, number, homes), audit)
        elif not account.is_active:
            yield _archived(account, homes, audit)
        else:
            yield from _of_account(account, homes, audit)


def _gone(on: OnAccount, audit: Audit) -> Finding:
    name, number, homes = on
    before = _before(name, number, audit)
    now = audit.chart.of_id(before.account_id) if before else None
    if before is None:
        message = f"{name} is not in the books; {_whose(homes)} goes there."
        return about("account_missing", name, "blocking", message, _open(on, audit), homes)
    if now is not None and now.is_active:
        message = f"{name} is called {now.name} in the books now."
        fix = home_fix(homes, now.name, audit.rules.account_map, "it is the same account")
        return about("account_renamed", name, "blocking", message, fix, homes)
    message = f"{name} was deleted in the books, or merged into another account; {_whose(homes)} goes there."
    return about("account_deleted", name, "blocking", message, _other(homes, audit), homes)


def _archived(account: Account, homes: Sequence[Home], audit: Audit) -> Finding:
    message = f"{account.name} is archived in the books; {_whose(homes)} goes there."
    fix = _or(f"Make {account.name} active again in the books.", _other(homes, audit))
    return about("account_archived", account.name, "blocking", message, fix, homes)


def _of_account(account: Account, homes: Sequence[Home], audit: Audit) -> Iterator[Finding]:
    """What is wrong with an account that is there."""
    before = _before(account.name, account.number, audit)
    if account.is_system:
        yield _system(account, homes, audit)
    wrong = [home for home in homes if not _stands(home, account)]
    if wrong:
        yield _wrong_type(account, before, wrong, audit)
    elif before and before.kind != account.kind and _latest_differs(account, audit):
        message = f"{account.name} was of type {before.kind} in the books and is {account.kind} now; it still fits."
        yield about("account_retyped", account.name, "info", message, Fix("Nothing is held."), homes)
    if before and before.account_id != account.account_id and _latest_differs(account, audit):
        message = f"Another account answers to the name {account.name} now: the former one was merged or replaced."
        fix = Fix("Check that it is the one you mean; nothing is held.")
        yield about("account_merged", account.name, "warning", message, fix, homes)
    yield from _currency(account, before, homes, audit)
    if not account.takes_payments and _took_payments(account, audit):
        yield from _payments(account, homes)


def _system(account: Account, homes: Sequence[Home], audit: Audit) -> Finding:
    """An account that the books keep by themselves; no line of ours may stand on it."""
    is_tax = account.type in OWED
    owner = "automated sales tax" if is_tax else "the books themselves"
    proposed = audit.rules.defaults.account(homes[0].slot or "sales_tax")
    fix = Fix("Choose another account in the account map.")
    if proposed:
        why = "it is yours, and no other hand writes to it"
        fix = home_fix(homes, proposed.name, audit.rules.account_map, why)
    code = "automated_tax_account" if is_tax else "system_account"
    message = f"{account.name} belongs to {owner}: a journal line on it is refused; {_whose(homes)} goes there."
    return about(code, account.name, "blocking", message, fix, homes)


def _stands(home: Home, account: Account) -> bool:
    """Whether lines of a role may stand on the account. A voucher sold as a product may go to a liability."""
    allowed = fitting(home.place.role)
    is_voucher = home.place.role in ("sales", "refund") and home.code != "" and account.type in OWED
    return allowed is None or account.type in allowed or account.type == "other" or is_voucher


def _wrong_type(account: Account, before: Account | None, homes: Sequence[Home], audit: Audit) -> Finding:
    role = homes[0].place.role
    code = _NAMED.get(role, "account_wrong_type")
    if role in ("clearing", "carry") and account.type not in INCOME | COSTS:
        code = "account_wrong_type"
    if role == "tip" and account.type in INCOME:
        code = "tips_on_income"
    changed = before is not None and before.kind != account.kind
    was = f" It was {before.kind} before." if before and changed else ""
    allowed = listed((TYPE_WORDS[each] for each in fitting(role) or ()), most=4)
    message = (
        f"{account.name} is of type {TYPE_WORDS[account.type]}; {_whose(homes)} goes there, "
        f"which belongs on: {allowed}.{was}"
    )
    fix = _other(homes, audit)
    if before and changed:
        code = "account_retyped"
        fix = _or(f"Give {account.name} its type {before.kind} back in the books.", fix)
    return about(code, account.name, "blocking", message, fix, homes)


def _currency(account: Account, before: Account | None, homes: Sequence[Home], audit: Audit) -> Iterator[Finding]:
    strange = [home for home in homes if account.currency not in ("", home.currency, audit.books.currency)]
    if not strange:
        return
    changed = before is not None and before.currency not in ("", account.currency)
    was = f" (before: {before.currency})" if before and changed else ""
    message = f"{account.name} is kept in {account.currency}{was}; amounts in {strange[0].currency} go there."
    entry = in_map(strange[0], f"an account in {strange[0].currency}")
    fix = Fix(f"{entry} Reason: the books would refuse the amounts.")
    yield about("account_currency", account.name, "blocking", message, fix, strange)


def _took_payments(account: Account, audit: Audit) -> bool:
    older = (chart.of_id(account.account_id) for chart in audit.earlier_charts)
    return any(each.takes_payments and each.type == account.type for each in older if each)


def _payments(account: Account, homes: Sequence[Home]) -> Iterator[Finding]:
    paid = [home for home in homes if home.place.role in _TAKES_PAYMENTS]
    if paid:
        message = f"{account.name} takes no payments any more; {_whose(paid)} is paid into it."
        fix = Fix(f"Enable payments to {account.name} in the books.")
        yield about("payments_disabled", account.name, "blocking", message, fix, paid)


def _other(homes: Sequence[Home], audit: Audit) -> Fix:
    """Another account for each, the likeliest first; one that the source proposes and the books lack is opened."""
    home, account_map = homes[0], audit.rules.account_map
    wanted = Wanted(kind=home.kind, code=home.code, role=home.place.role)
    others = [each for each in suggest(wanted, audit.known) if each.account != home.place.account]
    if others:
        return home_fix(homes, others[0].account, account_map, others[0].reason)
    rule = audit.rules.defaults.rule(home.kind, home.code)
    proposed = audit.rules.defaults.account(home.slot or (rule.slot if rule else ""))
    is_other = proposed is not None and "{" not in proposed.name and proposed.name != home.place.account
    if proposed and is_other and audit.chart.find(proposed.name, proposed.number) is None:
        return home_fix(homes, proposed.name, account_map, "the source proposes it, and it can be opened")
    return Fix(in_map(home, "an account of a type that fits"))


def _or(first: str, other: Fix) -> Fix:
    return Fix(f"{first} Or: {other.text}", other.proposal)


def _open(on: OnAccount, audit: Audit) -> Fix:
    """How an account comes to be there: as proposed, or under the name that was meant."""
    name, _, homes = on
    if homes[0].is_decided:
        likely = suggest(Wanted(kind=homes[0].kind, code=name, role=homes[0].place.role), audit.known)
        there = [each for each in likely if each.account in audit.known.accounts]
        if there:
            fix = home_fix(homes, there[0].account, audit.rules.account_map, there[0].reason)
            return Fix(f"{fix.text} Or open {name} in the books.", fix.proposal)
        return Fix(f"Open {name} in the books, or name another in the account map.")
    return Fix(f"connector feed accounts {audit.feed} --create opens it as proposed.", Proposal(opens=True))


def _before(name: str, number: str, audit: Audit) -> Account | None:
    """The account as the newest earlier reading has it, that has one of that name."""
    found = (chart.find(name, number) for chart in audit.earlier_charts)
    return next((account for account in found if account), None)


def _latest_differs(account: Account, audit: Audit) -> bool:
    """Whether the reading just before this one still had it otherwise: what was told once is not told for ever."""
    latest = audit.earlier_charts[0].find(account.name, account.number) if audit.earlier else None
    return latest is not None and (latest.account_id, latest.kind) != (account.account_id, account.kind)


def _whose(homes: Sequence[Home]) -> str:
    what = listed(home.origin for home in homes)
    return f"{what} ({money(sum(home.amount for home in homes), homes[0].currency)})"
