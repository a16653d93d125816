"""From sales to the bank: the documents of the period, line by line, summed by what they are.

Every document balances, so what is sold, taxed, tipped, kept and given back is, to the cent, what went to clearing
accounts and to the bank. Rows are debit positive; the bridge counts what comes to the shop as positive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connector.reconcile.report.gathered import BookLine, Gathered
from connector.reconcile.report.sums import Draft, columns, numbered, statement, table
from connector.reconcile.report.values import Row, Section, Statement, StepKind

SALES = (("sales", "Sales"), ("other_income", "Other income"), ("discount", "Discounts"),
         ("refund", "Refunds and returns"))  # fmt: skip
TAKEN = (("service_charge", "Service charges"), ("tax", "Tax"), ("tip", "Tips"),
         ("gift_card", "Gift cards, sold less redeemed"), ("store_credit", "Store credit, given less used"),
         ("customer_deposit", "Customers' deposits, received less used"), ("house_account", "On customers' accounts"),
         ("receivable", "Owed by customers"), ("due_from", "Owed by others"), ("rounding", "Rounding"))  # fmt: skip
KEPT = (("fee", "Fees"), ("fee_tax", "Tax on fees"), ("dispute", "Chargebacks and disputes"),
        ("reserve", "Held in reserve, less released"), ("deferred", "Deferred, less released"),
        ("reimbursement", "Reimbursements"), ("withholding", "Tax withheld"), ("loan", "Loan repayments"),
        ("balance", "Balances brought and carried"), ("adjustment", "Adjustments"),
        ("over_short", "Cash over or short"), ("paid_out", "Paid in and out of the drawer"),
        ("cogs", "Cost of goods"), ("inventory", "Inventory"), ("fx", "Exchange differences"),
        ("opening", "Opening balances"))  # fmt: skip
MONEY = ("clearing", "carry", "bank")
ON_STATEMENT = "on a bank statement"

Role = tuple[str, str]
Steps = list[tuple[str, StepKind]]


def add_bridge(draft: Draft, gathered: Gathered) -> None:
    """The lines of documents, and for each feed and currency the way from sales to the bank, sales by place and
    payments by method."""
    rows = numbered("L", (cells for line in sorted(gathered.lines, key=_order) for cells in _cells(line)))
    draft.tables.append(
        table(
            "lines",
            ("Lines of the documents", "Each line that stands in the books with a date in the period; debit positive."),
            columns("feed", "day=Date", "document", "kind", "place", "what", "account", "text", "tax_code",
                    "amount", "state=In the books", "bank=At the bank"),
            rows,
        )
    )  # fmt: skip
    bridges, details = [], []
    for feed, currency in dict.fromkeys((str(row.cells["feed"]), row.currency) for row in rows):
        of = [row for row in rows if (row.cells["feed"], row.currency) == (feed, currency)]
        bridges.append(_bridge(draft, feed, currency, of))
        details += list(_details(draft, feed, currency, of))
    draft.sections.append(
        Section(
            id="bridge",
            title="From sales to the bank",
            note="What was sold, what was taken with it, what was kept back, and what of it went to the bank.",
            statements=tuple(bridges),
        )
    )
    draft.sections.append(
        Section(
            id="sales",
            title="Sales by place, payments by method, fees and refunds by account",
            note="The same lines, sorted otherwise.",
            statements=tuple(details),
        )
    )


def _bridge(draft: Draft, feed: str, currency: str, rows: Sequence[Row]) -> Statement:
    base = f"bridge/{feed}/{currency}"
    steps: Steps = []
    net = _stage(draft, base, currency, (SALES, rows), ("net", "Net sales", steps))
    taken = _stage(draft, base, currency, (TAKEN, rows), ("taken", "Taken from customers", steps), net)
    due = _stage(draft, base, currency, (KEPT, rows), ("due", "Due to the shop", steps), taken)
    waits = _of(rows, "clearing", "carry")
    moved = draft.of_rows(
        f"{base}/clearing", "More, or less, waiting on clearing accounts", waits, of="-lines.amount", currency=currency
    )
    out = draft.of_parts(f"{base}/out", "To the bank", [due, moved], currency)
    banked = _of(rows, "bank")
    found = [row for row in banked if row.cells["bank"]]
    missing = [row for row in banked if not row.cells["bank"]]
    seen = draft.of_rows(f"{base}/seen", f"of which {ON_STATEMENT}", found, of="lines.amount", currency=currency)
    open_ = draft.of_rows(
        f"{base}/unseen", f"of which not {ON_STATEMENT} yet", missing, of="lines.amount", currency=currency
    )
    off = draft.of_parts(f"{base}/off", "Difference", [out, f"-{seen}", f"-{open_}"], currency)
    steps += [(moved, "part"), (out, "total"), (seen, "part"), (open_, "part"), (off, "check")]
    return statement(base, feed, currency, steps)


def _stage(
    draft: Draft,
    base: str,
    currency: str,
    over: tuple[Sequence[Role], Sequence[Row]],
    into: tuple[str, str, Steps],
    before: str = "",
) -> str:
    """The figures of some roles that have lines, and their total with the one before."""
    name, title, steps = into
    parts = [before] if before else []
    for role, words in over[0]:
        rows = _of(over[1], role)
        if rows:
            parts.append(draft.of_rows(f"{base}/{role}", words, rows, of="-lines.amount", currency=currency))
    steps += [(part, "part") for part in parts if part != before]
    total = draft.of_parts(f"{base}/{name}", title, parts, currency)
    steps.append((total, "total"))
    return total


def _details(draft: Draft, feed: str, currency: str, rows: Sequence[Row]) -> Iterator[Statement]:
    sold = _of(rows, *dict(SALES))
    tendered = [row for row in _of(rows, "clearing") if row.cells["kind"] in ("sales", "refund")]
    kept = _of(rows, "fee", "fee_tax", "dispute")
    back = _of(rows, "refund")
    for name, title, sign, of, by in (
        ("place", "Net sales by place", "-", sold, "place"),
        ("method", "Payments by method", "", tendered, "account"),
        ("fees", "Fees and chargebacks by account", "-", kept, "account"),
        ("refunds", "Refunds by account", "-", back, "account"),
    ):
        if of:
            yield _by(draft, (f"{name}/{feed}/{currency}", f"{title}, {feed}"), currency, of, (by, sign))


def _by(draft: Draft, names: tuple[str, str], currency: str, rows: Sequence[Row], how: tuple[str, str]) -> Statement:
    """A figure for each value of a column, and their total."""
    column, sign = how
    base, title = names
    parts = []
    for value in dict.fromkeys(str(row.cells[column]) for row in sorted(rows, key=lambda row: str(row.cells[column]))):
        of = [row for row in rows if row.cells[column] == value]
        words = value or "no place named"
        parts.append(draft.of_rows(f"{base}/{value}", words, of, of=f"{sign}lines.amount", currency=currency))
    total = draft.of_parts(f"{base}/total", "Total", parts, currency)
    return statement(base, title, currency, [*((part, "part") for part in parts), (total, "total")])


def _of(rows: Sequence[Row], *roles: str) -> list[Row]:
    words = {_WORDS[role] for role in roles}
    return [row for row in rows if row.cells["what"] in words]


def _cells(line: BookLine) -> Iterable[dict[str, str | int]]:
    """A line, and the tax contained in it as one of its own."""
    for role, amount, text in _parts(line):
        yield {
            "feed": line.feed,
            "day": line.day.isoformat(),
            "document": line.mark,
            "kind": line.kind,
            "place": line.place,
            "what": _WORDS[role],
            "account": line.account,
            "text": text,
            "tax_code": line.tax_code,
            "currency": line.currency,
            "amount": amount,
            "state": f"{line.state}, of an earlier period" if line.is_prior_period else line.state,
            "bank": line.bank,
        }


def _parts(line: BookLine) -> Iterator[tuple[str, int, str]]:
    yield line.role, line.amount - line.tax, line.text
    if line.tax:
        yield "tax", line.tax, f"tax in: {line.text}"


_WORDS = {**dict((*SALES, *TAKEN, *KEPT)), "clearing": "Clearing", "carry": "Carried", "bank": "Bank"}
_RANK = {role: number for number, role in enumerate(_WORDS)}


def _order(line: BookLine) -> tuple[str, str, int, bool, str, str, str, str]:
    return (
        line.feed, line.currency, _RANK[line.role], not line.bank, line.place, line.account, line.day.isoformat(),
        line.mark,
    )  # fmt: skip
