"""The report: everything gathered about a period, set into tables, figures and statements."""

from __future__ import annotations

from connector.errors import Unreadable
from connector.reconcile.report.balances import add_balances
from connector.reconcile.report.bridge import add_bridge
from connector.reconcile.report.deposits import add_deposits
from connector.reconcile.report.gathered import Gathered
from connector.reconcile.report.sums import Draft
from connector.reconcile.report.values import Report, Section
from connector.reconcile.report.watched import add_watched

MOST_ROWS = 200_000


def built(gathered: Gathered) -> Report:
    """The report of what was gathered; raises Unreadable where it would hold more than MOST_ROWS rows."""
    draft = Draft()
    for add in (add_bridge, add_deposits, add_balances, add_watched):
        add(draft, gathered)
    rows = sum(len(table.rows) for table in draft.tables)
    if rows > MOST_ROWS:
        raise Unreadable(f"The report would have {rows:,} rows, more than {MOST_ROWS:,}: ask for a shorter period.")
    lines = Section(
        id="lines",
        title="Lines of the documents",
        note="What the figures of sales and deposits are the sums of.",
        tables=("lines",),
    )
    return Report(
        organisation=gathered.organisation,
        first=gathered.first.isoformat(),
        last=gathered.last.isoformat(),
        made_at=gathered.made_at.isoformat(),
        feeds=tuple(f"{feed.name}: {feed.source} into {feed.books}" for feed in gathered.feeds),
        sections=(*draft.sections, lines),
        figures=tuple(draft.figures.values()),
        tables=tuple(draft.tables),
    )
