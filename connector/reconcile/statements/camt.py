"""CAMT.053 statements, and 052 and 054 of the same shape, in any version and namespace → statements.

Read with the standard library's own parser rather than pycamt: pycamt repeats a batch entry's amount for each of its
details, runs several statements of a file together, and finds nothing where the namespace has a prefix."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date

from connector.domain.statement import Statement, StatementLine
from connector.errors import Unreadable
from connector.reconcile.statements.camt_entry import amount_of, day_of, line_of
from connector.reconcile.statements.reading import (
    Reading,
    Warnings,
    checked_count,
    cleaned,
    currency_of,
    finished,
)
from connector.reconcile.statements.xml_tree import Node, read_branches

_STATEMENTS = frozenset({"Stmt", "Rpt", "Ntfctn"})
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_BETWEEN = "ITBD"


def read_camt(text: str, reading: Reading) -> tuple[Statement, ...]:
    """One statement for each in the file. A batch entry is one line with its payments as parts.

    A file that breaks off keeps what came before, with a warning. Raises Unreadable where there is no statement, and
    for a DTD before anything in it is read."""
    work = _Work(reading=reading)
    broken = read_branches(text[text.find("<") :], _STATEMENTS, frozenset({"Ntry"}), work.take)
    if not work.statements and not work.open:
        raise Unreadable(f"it is no XML ({broken})" if broken else "it holds no statement")
    if broken:
        work.last_warnings.add("cut", f"The file breaks off ({broken}); what comes after is missing.")
    return tuple(finished(statement, warnings, reading) for statement, warnings in work.statements)


@dataclass(slots=True)
class _Work:
    """Entries come before the end of the statement they are in."""

    reading: Reading
    statements: list[tuple[Statement, Warnings]] = field(default_factory=list)
    entries: list[StatementLine] = field(default_factory=list)
    warnings: Warnings = field(default_factory=Warnings)
    count: int = 0

    @property
    def open(self) -> bool:
        return bool(self.entries)

    @property
    def last_warnings(self) -> Warnings:
        return self.statements[-1][1] if self.statements else self.warnings

    def take(self, node: Node) -> None:
        if node.name == "Ntry":
            self.count += 1
            checked_count(self.count)
            self.entries.append(line_of(node, len(self.entries) + 1, self.warnings))
            return
        statement = _statement(node, self.entries, self.reading, self.warnings)
        self.statements.append((statement, self.warnings))
        self.entries, self.warnings = [], Warnings()


def _statement(node: Node, lines: list[StatementLine], reading: Reading, warnings: Warnings) -> Statement:
    opening, closing = _balance(node, _OPENING, 0), _balance(node, _CLOSING, -1)
    written = node.text_of("Acct/Ccy") or _currency_seen(lines, opening, closing)
    if node.name == "Ntfctn":
        warnings.add("notification", "This is a notification (CAMT.054), no statement: it tells no balances.")
    return Statement(
        account=cleaned(node.text_of("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id", "Acct/Id/BBAN"), 100),
        institution=cleaned(node.text_of("Acct/Svcr/FinInstnId/BICFI", "Acct/Svcr/FinInstnId/BIC"), 40),
        currency=currency_of(written, reading, warnings),
        form="CAMT",
        number=cleaned(node.text_of("ElctrncSeqNb", "LglSeqNb", "Id"), 40),
        opening=_balance_amount(opening, warnings),
        closing=_balance_amount(closing, warnings),
        opening_on=_balance_day(opening),
        closing_on=_balance_day(closing),
        lines=tuple(lines),
    )


def _currency_seen(lines: list[StatementLine], *balances: Node | None) -> str:
    """The account's own currency may be left out: its balances and entries still carry it."""
    amounts = [amount for balance in balances if balance is not None and (amount := balance.first("Amt"))]
    found = [amount.attributes.get("Ccy", "") for amount in amounts] + [line.currency for line in lines]
    return next((currency for currency in found if currency), "")


def _balance(node: Node, codes: tuple[str, ...], at: int) -> Node | None:
    """The balance of the first code that is there; of a page within a statement, the one between pages."""
    by_code: dict[str, list[Node]] = {}
    for balance in node.all("Bal"):
        by_code.setdefault(balance.text_of("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"), []).append(balance)
    found = next((by_code[code] for code in codes if code in by_code), by_code.get(_BETWEEN, []))
    between = by_code.get(_BETWEEN, [])
    if found is between and len(between) == 1 and not _is_the_side(by_code, at):
        return None
    return found[at] if found else None


def _is_the_side(by_code: dict[str, list[Node]], at: int) -> bool:
    """One balance between pages opens a last page and closes a first one."""
    others = _CLOSING if at == 0 else _OPENING
    return any(code in by_code for code in others)


def _balance_amount(balance: Node | None, warnings: Warnings) -> int | None:
    return amount_of(balance, 0, warnings)[0] if balance is not None else None


def _balance_day(balance: Node | None) -> Date | None:
    return day_of(balance, "Dt") if balance is not None else None
