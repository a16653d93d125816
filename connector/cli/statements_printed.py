"""What `connector reconcile statements` prints: the stable JSON, and a table a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING

from connector.domain.money import decimal_text, grouped_text
from connector.domain.statement import Statement, StatementLine, StatementPart, StatementWarning
from connector.domain.wording import many
from connector.reconcile.statements.identity import Import

if TYPE_CHECKING:
    from connector.sync.bank import Imported

_TEXT = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """A statement with the name of its file, and its lines against the files before it."""

    file: str
    statement: Statement
    compared: Import

    @property
    def needs_a_look(self) -> bool:
        """Whether anything in it is for a person."""
        return bool(self.statement.warnings or self.compared.edited)

    def states(self) -> dict[int, tuple[str, str]]:
        """The state and the key of each line, by its number."""
        return {
            **{each.line.number: ("new", each.key) for each in self.compared.new},
            **{each.after.number: ("seen", each.key) for each in self.compared.seen},
            **{each.after.number: ("edited", each.key) for each in self.compared.edited},
            **{line.number: ("announced", "") for line in self.compared.announced},
        }


def body(found: Sequence[ReadStatement], unread: Sequence[str]) -> dict[str, object]:
    """The stable form: amounts as decimal text, days as ISO text, null for what cannot be read."""
    return {"statements": [_statement(each) for each in found], "unreadable": list(unread)}


def table(found: Sequence[ReadStatement]) -> str:
    """Each statement with its lines, amounts under each other, then its warnings."""
    return "\n".join("\n".join(_shown(each)) + "\n" for each in found)


def kept(done: Imported, found: Sequence[ReadStatement]) -> str:
    """What keeping the lines did, which of the known ones the bank has edited, and what could not be read."""
    counts = done.counts
    rows = [f"{counts['new']} new lines kept, {counts['seen']} known, {counts['announced']} not booked yet."]
    for line in done.edited:
        rows.append(f"edited by the bank, kept as it was: {_said(line.before)}; now {_said(line.after)}")
    for each in found:
        rows += [f"{each.file}  {_warned(warning)}" for warning in beside_the_name(each)]
    return "\n".join(rows) + "\n"


def beside_the_name(each: ReadStatement) -> list[StatementWarning]:
    """The warnings that count where the account is named by hand."""
    return [warning for warning in each.statement.warnings if warning.code != "account"]


def _warned(warning: StatementWarning) -> str:
    return f"warning  {f'line {warning.line}: ' if warning.line else ''}{warning.text}"


def _said(line: StatementLine) -> str:
    amount = "?" if line.amount is None else grouped_text(line.amount, line.currency)
    return f"{_day(line.date) or '?'} {amount} {line.currency} {line.text}"


def _statement(each: ReadStatement) -> dict[str, object]:
    statement, states = each.statement, each.states()
    return {
        "file": each.file,
        "format": statement.form,
        "account": statement.account,
        "institution": statement.institution,
        "currency": statement.currency,
        "number": statement.number,
        "opening": _decimal(statement.opening, statement.currency),
        "opening_on": _day(statement.opening_on),
        "closing": _decimal(statement.closing, statement.currency),
        "closing_on": _day(statement.closing_on),
        "lines": [_line(line, *states[line.number]) for line in statement.lines],
        "warnings": [
            {"code": warning.code, "line": warning.line or None, "text": warning.text} for warning in statement.warnings
        ],
    }


def _line(line: StatementLine, state: str, key: str) -> dict[str, object]:
    original = line.original
    return {
        "number": line.number,
        "state": state,
        "key": key,
        "date": _day(line.date),
        "value_date": _day(line.value_date),
        "amount": _decimal(line.amount, line.currency),
        "currency": line.currency,
        "text": line.text,
        "counterparty": line.counterparty,
        "reference": line.reference,
        "bank_id": line.bank_id,
        "kind": line.kind,
        "check_number": line.check_number,
        "is_reversal": line.is_reversal,
        "charges": _decimal(line.charges, line.currency),
        "original_amount": decimal_text(original.minor, original.currency) if original else None,
        "original_currency": original.currency if original else None,
        "parts": [_part(part) for part in line.parts],
        "raw": line.raw,
    }


def _part(part: StatementPart) -> dict[str, object]:
    return {
        "amount": _decimal(part.amount, part.currency),
        "currency": part.currency,
        "text": part.text,
        "counterparty": part.counterparty,
        "reference": part.reference,
        "bank_id": part.bank_id,
    }


def _shown(each: ReadStatement) -> Iterator[str]:
    statement, states = each.statement, each.states()
    counts = ((len(each.compared.seen), "seen before"), (len(each.compared.edited), "edited by the bank"),
              (len(each.compared.announced), "not booked yet"))  # fmt: skip
    yield f"{each.file}  {statement.form}  account {statement.account or '(not named)'}  {statement.currency}".rstrip()
    rows = [("opening", statement.opening_on, statement.opening, statement.currency, "")]
    rows += [
        (_mark(states[line.number][0]), line.date, line.amount, line.currency, line.text) for line in statement.lines
    ]
    rows += [("closing", statement.closing_on, statement.closing, statement.currency, "")]
    told = [row for row in rows if row[0] not in ("opening", "closing") or row[2] is not None]
    amounts = ["?" if amount is None else grouped_text(amount, currency) for _, _, amount, currency, _ in told]
    width = max((len(amount) for amount in amounts), default=0)
    for (mark, day, _, _, text), amount in zip(told, amounts, strict=True):
        yield f"  {mark:<9}  {_day(day) or '?':<10}  {amount:>{width}}  {text[:_TEXT]}".rstrip()
    said = "".join(f", {count} {what}" for count, what in counts if count)
    yield f"  {many(len(statement.lines), 'line')}{said}"
    for warning in statement.warnings:
        yield f"  {_warned(warning)}"


def _mark(state: str) -> str:
    return "" if state == "new" else state


def _decimal(minor: int | None, currency: str) -> str | None:
    return None if minor is None else decimal_text(minor, currency)


def _day(day: Date | None) -> str | None:
    return day.isoformat() if day else None
