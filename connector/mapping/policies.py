"""Policies: rules that the bookkeeper writes in YAML, and that every plan must pass.

policies:
  - {name: Tips never to income, role: tip, never: {type: [income, other_income]}}
  - {name: Fees are cost of sales, role: fee, only: {type: cost_of_sales}}
  - {name: Nothing on Suspense, never: {account: Suspense}}
  - {name: Every sale has its place, role: [sales, refund], tracking: Location}
  - {name: Square is paid out, account: Square Balance, zero_by_day: 5}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from connector.domain.books import AccountType, Books
from connector.domain.document import ROLES, Document, Line
from connector.domain.finding import SEVERITIES, Finding, Severity
from connector.domain.yaml_text import loaded
from connector.errors import Unreadable
from connector.mapping.checks.audited import Chart
from connector.mapping.checks.values import Posted
from connector.mapping.checks.wording import listed, money

MAX_CHARACTERS = 200_000
_FIELDS = ("name", "severity", "role", "account", "never", "only", "tracking", "zero_by_day")
_TYPES = frozenset(get_args(AccountType))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Accounts by type or by name."""

    types: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()

    def holds(self, name: str, type_: str) -> bool:
        return type_ in self.types or name.casefold() in self.accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One rule. It is about lines of the `roles` (all where empty) on `account` (any where empty). Exactly one of
    `never`, `only`, `tracking` and `zero_by_day` says what must hold; the last is about the account's balance."""

    name: str
    severity: Severity = "blocking"
    roles: frozenset[str] = frozenset()
    account: str = ""
    never: Target | None = None
    only: Target | None = None
    tracking: str = ""
    zero_by_day: int = 0


def read_policies(text: str) -> tuple[Policy, ...]:
    """The policies in a YAML text; raises Unreadable with one sentence that names the place."""
    body = loaded(text, "The policies are", MAX_CHARACTERS)
    entries = body.get("policies") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not isinstance(body, dict) or set(body) != {"policies"}:
        raise Unreadable("A file of policies holds policies: and under it a list of them, and nothing else.")
    found = tuple(_policy(entry, n) for n, entry in enumerate(entries, 1))
    names = [policy.name for policy in found]
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if twice:
        raise Unreadable(f"Two policies are called {twice!r}; each needs a name of its own.")
    return found


def unmet(policies: Iterable[Policy], charts: Iterable[Books]) -> list[tuple[str, str]]:
    """Each policy with an account that it names and that no chart has: misspelt, or not opened yet."""
    known = {account.name.casefold() for chart in charts for account in chart.accounts}
    named = [(policy.name, name) for policy in policies for name in sorted(_named(policy))]
    return [(policy, name) for policy, name in named if name.casefold() not in known]


def _named(policy: Policy) -> set[str]:
    targets = [each for each in (policy.never, policy.only) if each]
    return {policy.account, *(name for target in targets for name in target.accounts)} - {""}


def broken_by_documents(policies: Iterable[Policy], documents: Sequence[Document], books: Books) -> Iterator[Finding]:
    """A finding for each policy that documents would break, with the periods that must not be posted."""
    chart = Chart(books)
    for policy in policies:
        if policy.zero_by_day:
            continue
        wrong = [(each, line) for each in documents for line in each.lines if _breaks(policy, line, chart)]
        if wrong:
            yield _broken(policy, wrong)


def first_broken(policies: Iterable[Policy], document: Document, chart: Chart) -> Finding | None:
    """The first blocking policy that a document would break; it must not be posted."""
    for policy in policies:
        if policy.severity != "blocking" or policy.zero_by_day:
            continue
        wrong = [(document, line) for line in document.lines if _breaks(policy, line, chart)]
        if wrong:
            return _broken(policy, wrong)
    return None


def broken_by_balances(policies: Iterable[Policy], posted: Iterable[Posted], today: date) -> Iterator[Finding]:
    """A finding for each account that still holds, on its day of the month, what stood there at the last month end."""
    lines: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
    for line in posted:
        lines[line.account.casefold(), line.currency].append(line)
    for policy in policies:
        if policy.zero_by_day and today.day >= policy.zero_by_day:
            for (account, currency), of in sorted(lines.items()):
                left = _left(of, today) if account == policy.account.casefold() else 0
                if left:
                    yield _not_zero(policy, left, currency, of)


def _breaks(policy: Policy, line: Line, chart: Chart) -> bool:
    is_meant = not policy.roles or line.role in policy.roles
    if not is_meant or (policy.account and line.account.casefold() != policy.account.casefold()):
        return False
    account = chart.find(line.account, line.number)
    name, type_ = (account.name, account.type) if account else (line.account, "")
    if policy.never:
        return policy.never.holds(name, type_)
    if policy.only:
        return not policy.only.holds(name, type_)
    return policy.tracking not in dict(line.tracking)


def _left(lines: Iterable[Posted], today: date) -> int:
    """Of the balance at the last month end, what nothing has taken out since; debit positive."""
    begins = today.replace(day=1)
    at_end = sum(line.debit - line.credit for line in lines if line.day < begins)
    taken = sum(line.credit if at_end > 0 else -line.debit for line in lines if line.day >= begins)
    return max(at_end - taken, 0) if at_end > 0 else min(at_end - taken, 0)


def _broken(policy: Policy, wrong: Sequence[tuple[Document, Line]]) -> Finding:
    documents, lines = [each for each, _ in wrong], [line for _, line in wrong]
    amount, currency = sum(abs(line.amount) for line in lines), documents[0].currency
    accounts = listed(line.account for line in lines)
    if policy.tracking:
        what, mend = f"have no {policy.tracking}", f"Give them a {policy.tracking} in the account map."
    else:
        what, mend = f"would stand on {accounts}", "Choose another account in the account map, or change the policy."
    return Finding(
        code="policy",
        subject=policy.name,
        severity=policy.severity,
        message=f"Policy {policy.name!r}: {len(lines)} lines of {listed(line.role for line in lines)} {what} "
        f"({money(amount, currency)}).",
        fix=mend,
        amount=amount,
        currency=currency,
        movements=sum(line.movements for line in lines),
        blocked=tuple(sorted({document.period or document.key for document in documents})),
    )


def _not_zero(policy: Policy, left: int, currency: str, lines: Sequence[Posted]) -> Finding:
    return Finding(
        code="policy",
        subject=policy.name,
        severity=policy.severity,
        message=(
            f"Policy {policy.name!r}: {money(left, currency)} of the last month end is still on {policy.account} "
            f"after day {policy.zero_by_day}."
        ),
        fix="connector reconcile lists the open items: a payout may be missing, coded elsewhere, or not pulled yet.",
        amount=abs(left),
        currency=currency,
        movements=sum(line.lines for line in lines),
    )


def _policy(entry: object, n: int) -> Policy:
    if not isinstance(entry, dict):
        raise Unreadable(f"Policy {n} is not a set of names with values.")
    fields: Mapping[str, object] = {str(name): value for name, value in entry.items()}
    strange = sorted(set(fields) - set(_FIELDS))
    if strange:
        raise Unreadable(f"Policy {n} does not know {strange[0]!r}; it knows {', '.join(_FIELDS)}.")
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Unreadable(f"Policy {n} has no name; the name is what is shown when it is broken.")
    where = f"Policy {name!r}"
    said = [each for each in ("never", "only", "tracking", "zero_by_day") if fields.get(each) is not None]
    if len(said) != 1:
        raise Unreadable(f"{where} should say exactly one of never, only, tracking and zero_by_day.")
    if fields.get("zero_by_day") is not None and not fields.get("account"):
        raise Unreadable(f"{where} says zero_by_day without an account.")
    return Policy(
        name=name.strip(),
        severity=_severity(fields.get("severity", "blocking"), where),
        roles=frozenset(_among(fields["role"], ROLES, f"{where}, role,") if "role" in fields else ()),
        account=_word(fields["account"], f"{where}, account,") if "account" in fields else "",
        never=_target(fields["never"], f"{where}, never,") if "never" in said else None,
        only=_target(fields["only"], f"{where}, only,") if "only" in said else None,
        tracking=_word(fields["tracking"], f"{where}, tracking,") if "tracking" in said else "",
        zero_by_day=_day(fields["zero_by_day"], where) if "zero_by_day" in said else 0,
    )


def _target(value: object, where: str) -> Target:
    if not isinstance(value, dict) or not value or set(value) - {"type", "account"}:
        raise Unreadable(f"{where} should hold type or account, such as {{type: income}}.")
    accounts = _words(value["account"], where) if "account" in value else []
    return Target(
        types=frozenset(_among(value["type"], _TYPES, where) if "type" in value else ()),
        accounts=frozenset(account.casefold() for account in accounts),
    )


def _among(value: object, known: frozenset[str], where: str) -> list[str]:
    words = _words(value, where)
    strange = [word for word in words if word not in known]
    if strange:
        raise Unreadable(f"{where} does not know {strange[0]!r}; it knows {', '.join(sorted(known))}.")
    return words


def _words(value: object, where: str) -> list[str]:
    many = list(value) if isinstance(value, list | tuple) else [value]
    if not many:
        raise Unreadable(f"{where} names nothing.")
    return [_word(each, where) for each in many]


def _word(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"{where} should be text; put it in quotes.")
    if not value.strip():
        raise Unreadable(f"{where} names nothing.")
    return value.strip()


def _severity(value: object, where: str) -> Severity:
    severity = next((each for each in SEVERITIES if each == value), None)
    if severity is None:
        told = repr(value[:40]) if isinstance(value, str) else "no word"
        raise Unreadable(f"{where} has the severity {told}; it is {', '.join(SEVERITIES)}.")
    return severity


def _day(value: object, where: str) -> int:
    if type(value) is not int or not (1 <= value <= 28):
        raise Unreadable(f"{where}: zero_by_day is a day of the month from 1 to 28.")
    return value
