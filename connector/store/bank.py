"""Bank lines, kept once: what a file brings again adds nothing, and what the bank edited is told, not taken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from connector.domain.statement import StatementLine
from connector.errors import Unreadable
from connector.store.bank_tables import BankLineRow
from connector.store.database import Transaction, hold


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """A bank line as it is kept; `state` is open, matched or ignored. Money in is positive; a field that could not be
    read is None. `edited` says what a later file has instead."""

    id: int
    account: str
    key: str
    line: StatementLine
    state: str
    edited: str = ""
    reason: str = ""


def known_lines(tx: Transaction, connection_id: int, account: str) -> list[KeptLine]:
    """Every line of one bank account, the longest-known first."""
    rows = tx.exec(
        select(BankLineRow)
        .where(BankLineRow.connection_id == connection_id, BankLineRow.account == account)
        .order_by(col(BankLineRow.id))
    )
    return [_kept(row) for row in rows]


def open_lines(tx: Transaction, connection_id: int) -> list[KeptLine]:
    """The lines of all bank accounts of some books that nobody has matched or ignored, in the order of time."""
    rows = tx.exec(
        select(BankLineRow)
        .where(BankLineRow.connection_id == connection_id, BankLineRow.state == "open")
        .order_by(col(BankLineRow.date), col(BankLineRow.id))
    )
    return [_kept(row) for row in rows]


def known_lines_of(tx: Transaction, connection_id: int) -> list[KeptLine]:
    """The lines of all bank accounts of some books, in the order of time."""
    wanted = select(BankLineRow).where(BankLineRow.connection_id == connection_id)
    return [_kept(row) for row in tx.exec(wanted.order_by(col(BankLineRow.date), col(BankLineRow.id)))]


def keep_lines(
    tx: Transaction, connection_id: int, account: str, lines: Sequence[tuple[str, StatementLine]], now: datetime
) -> None:
    """Keeps new lines under their keys."""
    for key, line in lines:
        tx.add(
            BankLineRow(
                connection_id=connection_id,
                account=account,
                key=key,
                date=line.date,
                amount_minor=line.amount,
                currency=line.currency,
                text=line.text,
                counterparty=line.counterparty,
                reference=line.reference,
                bank_id=line.bank_id,
                raw=line.raw,
                first_seen=now,
            )
        )
    tx.flush()


def flag_edited(tx: Transaction, connection_id: int, account: str, key: str, now_says: StatementLine) -> bool:
    """Notes what a file says of a known line instead; the line stays. False where that was known already."""
    row = tx.exec(
        select(BankLineRow).where(
            BankLineRow.connection_id == connection_id, BankLineRow.account == account, BankLineRow.key == key
        )
    ).one()
    said = json.dumps(
        {
            "date": now_says.date.isoformat() if now_says.date else None,
            "amount_minor": now_says.amount,
            "currency": now_says.currency,
            "text": now_says.text,
            "reference": now_says.reference,
        },
        ensure_ascii=False,
    )
    is_new, row.edited = row.edited != said, said
    tx.add(row)
    return is_new


def line_of(tx: Transaction, line_id: int) -> KeptLine:
    """The line of that number; raises Unreadable."""
    row = tx.get(BankLineRow, line_id)
    if row is None:
        raise Unreadable(f"There is no bank line {line_id}; connector reconcile deposits lists them.")
    return _kept(row)


def connection_of(tx: Transaction, line_id: int) -> int:
    """The books that a line is kept with; raises Unreadable where it is not there."""
    line_of(tx, line_id)
    return tx.get_one(BankLineRow, line_id).connection_id


def ignore_line(tx: Transaction, line_id: int, *, by: str, reason: str) -> KeptLine:
    """Sets an open line aside, with the reason; raises Unreadable where it is matched, or not there."""
    row = tx.get(BankLineRow, line_id)
    if row is None:
        raise Unreadable(f"There is no bank line {line_id}; connector reconcile deposits lists them.")
    hold(tx, row.connection_id)
    if row.state == "matched":
        raise Unreadable(f"Bank line {line_id} is matched; undo that match first.")
    row.state, row.reason, row.ignored_by = "ignored", reason, by
    tx.add(row)
    return _kept(row)


def unignore_line(tx: Transaction, line_id: int, *, by: str, reason: str) -> KeptLine:
    """Opens a line again that was set aside, and keeps why it was; raises Unreadable for any other."""
    hold(tx, connection_of(tx, line_id))
    row = tx.get_one(BankLineRow, line_id)
    if row.state != "ignored":
        raise Unreadable(f"Bank line {line_id} is {row.state}, not ignored.")
    again = f"opened again by {by}" + (f": {reason}" if reason else "")
    row.state, row.reason = "open", f"{row.reason} ({row.ignored_by}); {again}"
    tx.add(row)
    return _kept(row)


def set_line_state(tx: Transaction, line_id: int, state: str) -> None:
    row = tx.get_one(BankLineRow, line_id)
    row.state = state
    tx.add(row)


def day_of(line: KeptLine) -> date:
    """The day of a complete line."""
    assert line.line.date is not None
    return line.line.date


def _kept(row: BankLineRow) -> KeptLine:
    line = StatementLine(
        number=row.id or 0,
        date=row.date,
        amount=row.amount_minor,
        currency=row.currency,
        text=row.text,
        counterparty=row.counterparty,
        reference=row.reference,
        bank_id=row.bank_id,
        raw=row.raw,
    )
    return KeptLine(
        id=row.id or 0,
        account=row.account,
        key=row.key,
        line=line,
        state=row.state,
        edited=row.edited,
        reason=row.reason,
    )
