"""`connector audit`: every finding about every feed, with its money, what it keeps waiting, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, opened, plain_errors, print_json

if TYPE_CHECKING:
    from connector.mapping.policies import Policy
    from connector.store.feeds import Feed
    from connector.store.findings import KeptFinding
    from connector.sync.audit import Audited

FOUND = 3  # the exit status where --fail-on is met
SHOWN = 3  # periods by name


class SeverityName(StrEnum):
    """How grave."""

    info = "info"
    warning = "warning"
    blocking = "blocking"


def audit(
    organisation: Annotated[str, typer.Option(help="Only the feeds of this organisation.")] = "",
    policies: Annotated[Path | None, typer.Option(help="More policies than those in force, a YAML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fail_on: Annotated[SeverityName | None, typer.Option(help="End with 3 for a finding so grave or graver.")] = None,
) -> None:
    """Runs every check for every feed, keeps the findings, and prints them, the gravest and largest first.

    Ends with 0, with 3 where --fail-on is met (muted findings do not count), with 2 for wrong input."""
    from connector.sync.audit import audit as run

    with plain_errors():
        read = _read(policies)
    with opened("read") as house:
        audited = run(house, organisation=organisation, policies=read)
    moment = now()
    found = _in_order(audited, moment)
    if as_json:
        print_json({"findings": [_body(feed, kept) for feed, kept in found], "muted": _muted(audited, moment)})
    else:
        typer.echo(written(found, several=len(audited) > 1) + _summary(found, _muted(audited, moment)), nl=False)
    if fail_on is not None and any(_reaches(kept, fail_on) for _, kept in found):
        raise typer.Exit(FOUND)


def written(found: Sequence[tuple[Feed, KeptFinding]], *, several: bool) -> str:
    """Findings as text: amounts in one column, the sentence, the fix, and what waits."""
    from connector.domain.money import grouped_text

    amounts = [
        f"{grouped_text(kept.finding.amount, kept.finding.currency)} {kept.finding.currency}" if kept.finding.currency
        else "" for _, kept in found
    ]  # fmt: skip
    width = max(map(len, amounts), default=0)
    return "".join(
        _text(kept, amount.rjust(width), feed.name if several else "")
        for (feed, kept), amount in zip(found, amounts, strict=True)
    )


def _text(kept: KeptFinding, amount: str, feed: str) -> str:
    finding = kept.finding
    heading = f"{finding.severity:8}  {amount}  {finding.code}  {finding.finding_id}"
    rows = [f"{heading}  {feed}".rstrip(), f"          {finding.message}"]
    if finding.fix:
        rows.append(f"          → {finding.fix}")
    if finding.blocked:
        more = len(finding.blocked) - SHOWN
        names = ", ".join(finding.blocked[:SHOWN]) + (f" and {more} more" if more > 0 else "")
        rows.append(f"          waiting: {names}")
    return "\n".join(rows) + "\n\n"


def _summary(found: Sequence[tuple[Feed, KeptFinding]], muted: int) -> str:
    counts = [sum(kept.finding.severity == name for _, kept in found) for name in ("blocking", "warning", "info")]
    hidden = f" {muted} muted." if muted else ""
    if not found:
        return f"Nothing found.{hidden}\n"
    return f"{counts[0]} blocking, {counts[1]} warnings, {counts[2]} to know.{hidden}\n"


def _body(feed: Feed, kept: KeptFinding) -> dict[str, object]:
    """As `preview` shows a finding, with its money, what it blocks, and its history."""
    from connector.domain.money import decimal_text

    finding = kept.finding
    return {
        "id": finding.finding_id,
        "organisation": feed.organisation,
        "feed": feed.name,
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "fix": finding.fix,
        "amount": decimal_text(finding.amount, finding.currency),
        "currency": finding.currency,
        "movements": finding.movements,
        "blocked": list(finding.blocked),
        "first_seen": kept.first_seen.isoformat(),
    }


def _in_order(audited: Sequence[Audited], moment: datetime) -> list[tuple[Feed, KeptFinding]]:
    from connector.mapping.auditor import order

    shown = [(each.feed, kept) for each in audited for kept in each.findings if not kept.is_muted(moment)]
    return sorted(shown, key=lambda pair: (order(pair[1].finding), pair[0].name))


def _muted(audited: Sequence[Audited], moment: datetime) -> int:
    return sum(kept.is_muted(moment) for each in audited for kept in each.findings)


def _reaches(kept: KeptFinding, fail_on: SeverityName) -> bool:
    from connector.domain.finding import rank

    return rank(kept.finding.severity) >= rank(fail_on.value)


def _read(path: Path | None) -> tuple[Policy, ...]:
    from connector.mapping.policies import read_policies

    return read_policies(policy_text(path)) if path else ()


def policy_text(path: Path) -> str:
    """The text of a file of policies; raises Unreadable."""
    from connector.errors import Unreadable

    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise Unreadable(f"The policies {path.name} cannot be read: {reason}.") from None
