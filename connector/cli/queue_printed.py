"""The queue as text and as data: causes with their money and age, findings, and the impact of fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connector.domain.money import decimal_text, grouped_text
from connector.domain.wording import many

if TYPE_CHECKING:
    from connector.domain.queue import Cause, Item
    from connector.mapping.impact import Impact
    from connector.store.queue import Comment
    from connector.sync.fix import Preview

SHOWN = 12  # of a list; --json has all


def written_queue(found: Sequence[Cause], now: datetime, *, hidden: int) -> str:
    """Each cause with its sum and its oldest finding, its findings beneath it, the largest first."""
    rows = []
    for cause in found:
        places = len({item.organisation for item in cause.items})
        where = many(places, "organisation")
        sums = _sums(cause.amounts) or "no money"
        told = (f"{len(cause.items)} in {where}", sums, _age(cause.oldest, now))
        rows.append(f"{cause.severity:8}  {'  ·  '.join((cause.code, *told))}")
        rows += [_row(item, now) for item in cause.items]
        rows.append("")
    whole = sum(len(cause.items) for cause in found)
    muted = f" {hidden} muted." if hidden else ""
    rows.append(f"{whole} open of {len(found)} causes.{muted}" if whole else f"Nothing is open.{muted}")
    return "\n".join(rows) + "\n"


def _row(item: Item, now: datetime) -> str:
    finding = item.finding
    amount = f"{grouped_text(finding.amount, finding.currency)} {finding.currency}" if finding.currency else ""
    more = [
        f"@{item.assignee}" if item.assignee else "",
        f"{item.said} said" if item.said else "",
        f"holds {len(finding.blocked)}" if finding.blocked else "",
        "" if finding.proposal else "by hand",
    ]
    told = f"  {finding.finding_id}  {amount:>16}  {_age(item.first_seen, now):>8}  {item.organisation} · {item.feed}"
    return f"{told}  {finding.subject}  {' · '.join(filter(None, more))}".rstrip()


def written_item(item: Item, said: Iterable[Comment], now: datetime) -> str:
    """One finding in full."""
    finding = item.finding
    rows = [
        f"{finding.finding_id}  {finding.severity}  {finding.code}  {item.organisation} · {item.feed}",
        f"  {finding.message}",
        f"  → {finding.fix}" if finding.fix else "",
        f"  open since {item.first_seen:%Y-%m-%d}, {_age(item.first_seen, now)}"
        + (f"; {item.assignee} looks after it" if item.assignee else ""),
        f"  muted until {item.muted_until:%Y-%m-%d}: {item.muted_because}" if item.muted_until else "",
        f"  waiting: {', '.join(finding.blocked[:SHOWN])}" if finding.blocked else "",
        *[f"  {each.said_at:%Y-%m-%d %H:%M}  {each.author}: {each.text}" for each in said],
    ]
    return "\n".join(row for row in rows if row) + "\n\n"


def written_preview(preview: Preview) -> str:
    """What a fix would do, before anybody says yes."""
    impact = preview.impact
    rows = [f"{preview.feed.name}  ({preview.feed.organisation})"]
    rows += [f"  decide  {each.place}: {each.before or '(not decided)'} → {each.after or '(not decided)'}"
             for each in preview.changes]  # fmt: skip
    rows += [f"  open    {account.number}  {account.name}" for account in preview.opens]
    rows += [f"  from now on the feed posts {preview.role}"] if preview.role else []
    rows += _impact_rows(impact)
    return "\n".join(rows) + "\n"


def _impact_rows(impact: Impact) -> list[str]:
    going = [
        f"  goes    {each.key}  {grouped_text(each.amount, each.currency)} {each.currency}" for each in impact.goes
    ]
    past = [
        f"  past    {each.key}  would have been: "
        + ", ".join(f"{account} {_signed(amount, each.currency)}" for account, amount in each.accounts)
        for each in impact.past
    ]
    net = [
        f"  {month}  {account}  {_signed(amount, currency)} {currency}"
        for (account, month, currency), amount in impact.net.items()
    ]
    rows = [*_some(going), *_some(past)]
    rows.append(
        "  Documents in the books stay as they are." if past else "  No document in the books would be another."
    )
    rows += ["  The next connector post would change the books by, debit +:", *net] if net else []
    return [*rows, f"  {len(impact.waits)} still wait for something else."] if impact.waits else rows


def queue_body(found: Iterable[Cause], now: datetime) -> list[dict[str, object]]:
    """The queue as data; amounts as decimal text."""
    return [
        {
            "cause": cause.code,
            "severity": cause.severity,
            "amounts": {currency: decimal_text(amount, currency) for currency, amount in cause.amounts.items()},
            "oldest": cause.oldest.isoformat(),
            "findings": [_body(item, now) for item in cause.items],
        }
        for cause in found
    ]


def _body(item: Item, now: datetime) -> dict[str, object]:
    finding = item.finding
    return {
        "id": finding.finding_id,
        "organisation": item.organisation,
        "feed": "" if item.is_of_connection else item.feed,
        "connection": item.feed if item.is_of_connection else "",
        "subject": finding.subject,
        "message": finding.message,
        "fix": finding.fix,
        "can_be_applied": finding.proposal is not None,
        "amount": decimal_text(finding.amount, finding.currency) if finding.currency else "",
        "currency": finding.currency,
        "movements": finding.movements,
        "blocked": list(finding.blocked),
        "first_seen": item.first_seen.isoformat(),
        "days": (now - item.first_seen).days,
        "assignee": item.assignee,
        "comments": item.said,
        "muted_until": item.muted_until.isoformat() if item.muted_until else "",
        "muted_because": item.muted_because,
    }


def _some(rows: Sequence[str]) -> list[str]:
    more = [f"          and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return [*rows[:SHOWN], *more]


def _sums(amounts: Mapping[str, int]) -> str:
    return " + ".join(f"{grouped_text(amount, currency)} {currency}" for currency, amount in sorted(amounts.items()))


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{grouped_text(amount, currency)}"


def _age(since: datetime, now: datetime) -> str:
    days = (now - since).days
    return "today" if days < 1 else many(days, "day")
