"""Buckets → lines: placed, signed debit positive, netted within their group, each with the shares it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.domain.account_map import Placement
from connector.domain.document import Line, Role, Share, Tracking
from connector.domain.facts import Bucket
from connector.mapping.lookup import Missing, Place, place, taxed_parent
from connector.mapping.rules import Rules

_Key = tuple[Role, str, str, str, Tracking, str]

JOINED_IN_A_JOURNAL = {"refund tenders": "tenders", "returns": "refunds"}


@dataclass(slots=True)
class _Sum:
    text: str
    amount: int = 0
    tax: int = 0
    shares: list[Share] = field(default_factory=list)


def lines_of(
    buckets: Iterable[Bucket], rules: Rules, names: Mapping[str, str]
) -> tuple[tuple[Line, ...], tuple[Missing, ...]]:
    """The lines of some buckets, debits first, and what has no home. A line may net to zero; its shares stay."""
    sums: dict[_Key, _Sum] = {}
    missing: dict[tuple[str, str], Missing] = {}
    for bucket in buckets:
        home, is_tax_on_line = home_of(bucket, rules, names)
        if isinstance(home, Missing):
            missing.setdefault((home.code, home.subject), home)
            continue
        _add(sums, home, bucket, is_tax_on_line, rules)
    return tuple(sorted(_lines(sums), key=_order)), tuple(missing.values())


def derived(role: Role, account: Placement, amount: int, rules: Rules, text: str) -> Line:
    """A line that no bucket makes: it balances the others. It carries no tax, and says so where books want a code."""
    return Line(
        role=role,
        account=account.account or account.number,
        number=account.number,
        amount=amount,
        tax_code=account.tax_code or (rules.out_of_scope if rules.by_tax_code else ""),
        tracking=account.tracking,
        text=text,
    )


def home_of(bucket: Bucket, rules: Rules, names: Mapping[str, str]) -> tuple[Place | Missing, bool]:
    """Where a bucket goes, and whether it is tax that stands on the line of what it is charged on."""
    if not (rules.by_tax_code and bucket.key.parent):
        return place(bucket, rules, names), False
    parent = Bucket(key=taxed_parent(bucket.key), amount=bucket.amount, count=bucket.count)
    return place(parent, rules, names), True


def _add(sums: dict[_Key, _Sum], home: Place, bucket: Bucket, is_tax_on_line: bool, rules: Rules) -> None:
    group = home.group if rules.separate_refunds else JOINED_IN_A_JOURNAL.get(home.group, home.group)
    key = (home.role, home.account, home.number, home.tax_code, home.tracking, group)
    entry = sums.setdefault(key, _Sum(text=home.text))
    amount = bucket.amount if home.debit else -bucket.amount
    entry.amount += amount
    entry.tax += amount if is_tax_on_line else 0
    entry.shares.append(Share(bucket=bucket.key, amount=bucket.amount, count=bucket.count))


def _lines(sums: Mapping[_Key, _Sum]) -> Iterable[Line]:
    for (role, account, number, tax_code, tracking, _group), entry in sums.items():
        yield Line(
            role=role,
            account=account,
            number=number,
            amount=entry.amount,
            tax_code=tax_code,
            tax=entry.tax,
            tracking=tracking,
            text=entry.text,
            shares=tuple(sorted(entry.shares, key=lambda share: share.bucket)),
        )


def _order(line: Line) -> tuple[bool, str, str, str, Tracking, str]:
    return (line.amount < 0, line.number, line.account, line.tax_code, line.tracking, line.role)
