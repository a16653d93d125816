"""Payouts of the period and what became of them, the bank's lines, and what was tied to what."""

from __future__ import annotations

from collections.abc import Sequence

from connector.reconcile.report.gathered import BankRow, Gathered, MatchRow, PaidOut
from connector.reconcile.report.sums import Draft, columns, numbered, statement, table
from connector.reconcile.report.values import Row, Section, Statement, StepKind

STATES = ("matched", "in transit", "missing", "not compared", "failed", "kept by the processor")
BANK_STATES = ("matched", "ignored", "open")
_SAID = {"matched": "Matched", "in transit": "In transit", "missing": "Missing at the bank",
         "not compared": "Not compared: no statement for those days", "failed": "Failed",
         "kept by the processor": "Kept by the processor", "ignored": "Set aside", "open": "Open"}  # fmt: skip


def add_deposits(draft: Draft, gathered: Gathered) -> None:
    """Tables of payouts, bank lines and matches; by feed and currency the payouts by state and their fees, by bank
    account the lines by state."""
    paid = sorted(gathered.paid_out, key=lambda each: (each.feed, each.currency, STATES.index(each.state), each.day))
    bank = sorted(gathered.bank, key=lambda each: (each.account, BANK_STATES.index(each.state), each.day, each.number))
    payouts, lines = numbered("P", map(_payout, paid)), numbered("B", map(_bank, bank))
    draft.tables += [
        table(
            "payouts",
            ("Payouts", "What the processor paid out: gross less fees is what the bank should show."),
            columns("feed", "payout", "sent", "day=At the bank", "reference", "gross", "fees", "amount", "state",
                    "told=How it is known", amounts=("gross", "fees", "amount"), dates=("sent", "day")),
            payouts,
        ),
        table(
            "bank",
            ("Bank lines", "What the bank's statements show; money in is positive."),
            columns("line", "books", "account", "day=Date", "text", "amount", "state", "reason", "by=By whom"),
            lines,
        ),
        table(
            "matches",
            ("Matches", "Bank lines and deposits that were tied together, with the evidence; undone ones stay listed."),
            columns("match", "feed", "lines=Bank lines", "items=Deposits", "banked", "fee", "written_off", "exchange",
                    "evidence", "by=By whom", "at", "state", "reason",
                    amounts=("banked", "fee", "written_off", "exchange")),
            numbered("M", map(_match, gathered.matches)),
        ),
    ]  # fmt: skip
    statements = [
        _payouts(draft, feed, currency, [row for row in payouts if _key(row, "feed") == (feed, currency)])
        for feed, currency in dict.fromkeys(_key(row, "feed") for row in payouts)
    ]
    statements += [
        _lines(draft, account, currency, [row for row in lines if _key(row, "account") == (account, currency)])
        for account, currency in dict.fromkeys(_key(row, "account") for row in lines)
    ]
    draft.sections.append(
        Section(
            id="deposits",
            title="Payouts and the bank",
            note="Every payout of the period, and older ones that are still open, with what became of it.",
            statements=tuple(statements),
            tables=("payouts", "bank", "matches"),
        )
    )


def _key(row: Row, column: str) -> tuple[str, str]:
    return str(row.cells[column]), row.currency


def _payouts(draft: Draft, feed: str, currency: str, rows: Sequence[Row]) -> Statement:
    base = f"payouts/{feed}/{currency}"
    gross = draft.of_rows(f"{base}/gross", "Gross", rows, of="payouts.gross", currency=currency)
    fees = draft.of_rows(f"{base}/fees", "Fees", rows, of="-payouts.fees", currency=currency)
    net = draft.of_parts(f"{base}/net", "Paid out", [gross, fees], currency)
    states = _by_state(draft, (base, "payouts"), currency, rows, STATES)
    off = draft.of_parts(f"{base}/off", "Difference", [net, *(f"-{each}" for each in states)], currency)
    steps: list[tuple[str, StepKind]] = [(gross, "part"), (fees, "part"), (net, "total")]
    return statement(base, f"Payouts, {feed}", currency, [*steps, *((each, "part") for each in states), (off, "check")])


def _lines(draft: Draft, account: str, currency: str, rows: Sequence[Row]) -> Statement:
    base = f"bank/{account}/{currency}"
    states = _by_state(draft, (base, "bank"), currency, rows, BANK_STATES)
    total = draft.of_parts(f"{base}/total", "All lines", states, currency)
    return statement(base, f"Bank lines, {account}", currency, [*((each, "part") for each in states), (total, "total")])


def _by_state(
    draft: Draft, of: tuple[str, str], currency: str, rows: Sequence[Row], states: Sequence[str]
) -> list[str]:
    base, name = of
    return [
        draft.of_rows(f"{base}/{state}", _SAID[state], some, of=f"{name}.amount", currency=currency)
        for state in states
        if (some := [row for row in rows if row.cells["state"] == state])
    ]


def _payout(each: PaidOut) -> dict[str, str | int]:
    return {
        "feed": each.feed,
        "payout": each.name,
        "sent": each.sent.isoformat(),
        "day": each.day.isoformat(),
        "reference": each.reference,
        "currency": each.currency,
        "gross": each.gross,
        "fees": each.fees,
        "amount": each.amount,
        "state": each.state,
        "told": each.told,
    }


def _bank(each: BankRow) -> dict[str, str | int]:
    return {
        "line": str(each.number),
        "books": each.books,
        "account": each.account,
        "day": each.day.isoformat(),
        "text": each.text,
        "currency": each.currency,
        "amount": each.amount,
        "state": each.state,
        "reason": each.reason,
        "by": each.by,
    }


def _match(each: MatchRow) -> dict[str, str | int]:
    return {
        "match": str(each.number),
        "feed": each.feed,
        "lines": each.lines,
        "items": each.items,
        "currency": each.currency,
        "banked": each.banked,
        "fee": each.fee,
        "written_off": each.written_off,
        "exchange": each.exchange,
        "evidence": each.evidence,
        "by": each.by,
        "at": f"{each.at:%Y-%m-%d %H:%M}" if each.at else "",
        "state": each.state,
        "reason": each.reason,
    }
