"""What was not as it should be and how it was resolved, what is open, what was decided, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.reconcile.report.gathered import Discrepancy, Gathered, MapDecision, Unreconciled, Waiting
from connector.reconcile.report.sums import Draft, columns, numbered, statement, table
from connector.reconcile.report.values import Row, Section, Statement

OPEN = "open"


def add_watched(draft: Draft, gathered: Gathered) -> None:
    """Discrepancies, what waits, payments not reconciled, and decisions of the account map."""
    found = sorted(gathered.discrepancies, key=lambda each: (each.state != OPEN, each.of, each.what, each.about))
    rows = numbered("D", map(_discrepancy, found))
    waiting = numbered("W", map(_waiting, sorted(gathered.waiting, key=lambda each: (each.feed, each.day, each.of))))
    left = numbered("U", map(_unreconciled, gathered.unreconciled))
    draft.tables += [
        table(
            "discrepancies",
            ("Discrepancies", "What was found, how, and how it was resolved, by whom. Open ones first."),
            columns("of", "found", "found_by=Found by", "what", "about", "message", "amount", "state",
                    "resolved", "resolution=How", "by=By whom"),
            rows,
        ),
        table(
            "waiting",
            ("Not in the books", "What of the period waits, was set aside, or was refused by the books, and why."),
            columns("feed", "of", "day=Date", "state", "code", "reason", "amount", "difference",
                    amounts=("amount", "difference")),
            waiting,
        ),
        table(
            "unreconciled",
            ("Payments that are not reconciled", "They are linked to no item of an invoice, and are missing from "
             "reports by item until they are."),
            columns("connection", "account", "payment", "day=Paid on", "kind", "recorded_by=Recorded by", "amount",
                    "reason"),
            left,
        ),
        table(
            "decisions",
            ("Account map", "What each version of the map that was made, or is in force, in the period decided "
             "otherwise."),
            columns("feed", "version", "decided", "valid_from=Valid from", "author", "reason", "place", "before",
                    "after", dates=("valid_from",)),
            numbered("V", map(_decision, gathered.decisions)),
        ),
    ]  # fmt: skip
    _add_sections(draft, rows, waiting, left)


def _add_sections(draft: Draft, found: Sequence[Row], waiting: Sequence[Row], left: Sequence[Row]) -> None:
    standing = [row for row in found if row.cells["state"] == OPEN and row.currency]
    draft.sections += [
        Section(
            id="discrepancies",
            title="Discrepancies",
            note=f"{len(found)} in the period, {sum(row.cells['state'] == OPEN for row in found)} of them still open.",
            tables=("discrepancies",),
        ),
        Section(
            id="open",
            title="What is open",
            note="What is not in the books, or waits for somebody.",
            statements=(
                *_sums(draft, ("open/found", "Open discrepancies"), standing, "discrepancies", "what"),
                *_sums(draft, ("open/waiting", "Not in the books"), waiting, "waiting", "state"),
            ),
            tables=("waiting",),
        ),
        Section(
            id="unreconciled",
            title="Payments not reconciled",
            note="An administrator may record a payment without reconciling it: it is listed here, and nowhere else.",
            statements=_sums(draft, ("unreconciled", "Payments not reconciled"), left, "unreconciled", "kind"),
            tables=("unreconciled",),
        ),
        Section(id="map", title="Decisions", note="Who decided what goes where.", tables=("decisions",)),
    ]


def _sums(draft: Draft, names: tuple[str, str], rows: Sequence[Row], of: str, column: str) -> tuple[Statement, ...]:
    """A statement for each currency: a figure for each value of a column, and their total."""
    base, title = names
    made = []
    for currency in dict.fromkeys(row.currency for row in rows):
        mine = [row for row in rows if row.currency == currency]
        parts = [
            draft.of_rows(
                f"{base}/{currency}/{value}",
                value,
                [row for row in mine if row.cells[column] == value],
                of=f"{of}.amount",
                currency=currency,
            )
            for value in dict.fromkeys(str(row.cells[column]) for row in mine)
        ]
        total = draft.of_parts(f"{base}/{currency}/total", "Total", parts, currency)
        made.append(
            statement(f"{base}/{currency}", title, currency, [*((part, "part") for part in parts), (total, "total")])
        )
    return tuple(made)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _discrepancy(each: Discrepancy) -> dict[str, str | int]:
    return {
        "of": each.of,
        "found": _moment(each.found_on),
        "found_by": each.found_by,
        "what": each.what,
        "about": each.about,
        "message": each.message,
        "currency": each.currency,
        "amount": each.amount,
        "state": each.state,
        "resolved": _moment(each.resolved_on),
        "resolution": each.resolution,
        "by": each.by,
    }


def _waiting(each: Waiting) -> dict[str, str | int]:
    return {
        "feed": each.feed,
        "of": each.of,
        "day": each.day.isoformat(),
        "state": each.state,
        "code": each.code,
        "reason": each.reason,
        "currency": each.currency,
        "amount": each.amount,
        "difference": each.difference,
    }


def _unreconciled(each: Unreconciled) -> dict[str, str | int]:
    return {
        "connection": each.connection,
        "account": each.account,
        "payment": each.payment,
        "day": each.paid_on.isoformat(),
        "kind": each.kind,
        "recorded_by": each.recorded_by,
        "currency": each.currency,
        "amount": each.amount,
        "reason": each.reason,
    }


def _decision(each: MapDecision) -> dict[str, str | int]:
    return {
        "feed": each.feed,
        "version": str(each.number),
        "decided": _moment(each.decided_at),
        "valid_from": each.valid_from.isoformat() if each.valid_from else "",
        "author": each.author,
        "reason": each.reason,
        "place": each.place,
        "before": each.before,
        "after": each.after,
    }
