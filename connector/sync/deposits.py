"""Deposits that the books hold already: looked for before a bank line of ours is written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connector.domain.document import Document, Line
from connector.domain.drift import Standing
from connector.domain.money import decimal_text
from connector.errors import ConnectorError, Rejected, RetryLater, Unreadable
from connector.store import outbox
from connector.store.account_maps import books
from connector.store.ledger import document_of, read_document
from connector.store.outbox import Posting
from connector.sync.house import House
from connector.targets.contract import OpenBooks

AROUND = timedelta(days=3)  # a bank books a deposit a few days before or after its date
THERE = "deposit_there"


def refuse_second_deposits(house: House, opened: OpenBooks, batch: Sequence[Posting]) -> dict[int, ConnectorError]:
    """By posting: why its bank line is not written, where the books hold a deposit of that amount by another hand, or
    cannot be asked; what belongs to the same document waits with it.

    A posting that was refused for it once and planned again is written: then somebody has looked."""
    refused: dict[int, ConnectorError] = {}
    for posting in batch:
        if posting.part or posting.epoch:
            continue
        error = _refusal(house, opened, posting)
        if error:
            others = [each.id for each in batch if each.document_id == posting.document_id]
            refused |= dict.fromkeys(others, RetryLater(f"It waits until {posting.mark} is settled."))
            refused[posting.id] = error
    return refused


def _refusal(house: House, opened: OpenBooks, posting: Posting) -> ConnectorError | None:
    with house.database.transaction() as tx:
        document = read_document(tx, document_of(tx, posting.document_id))
        chart = books(tx, posting.connection_id)
        ours = {(each.target_kind, each.target_id) for each in outbox.in_books(tx, posting.connection_id)}
        marks = outbox.marks(tx, posting.connection_id).keys()
    line = _bank_line(document)
    account = chart[0].account(line.account, line.number) if line and chart else None
    if line is None or account is None:
        return None
    try:
        found = opened.banked(account, line.amount, document.date - AROUND, document.date + AROUND)
    except ConnectorError as error:
        return error
    strange = [
        each for each in found if not (each.is_gone or each.mark in marks or (each.kind, each.target_id) in ours)
    ]
    return _there(document, line, strange) if strange else None


def adopt_deposit(house: House, mark: str, target_id: str, *, by: str) -> Posting:
    """Takes a deposit of another hand as the one that a transfer of ours would have booked; nothing is written.

    Raises Unreadable for a document that holds more than the money's way to the bank: its fees would be lost."""
    with house.database.transaction() as tx:
        posting = outbox.by_mark(tx, mark)
        if posting is None or posting.state != "rejected":
            raise Unreadable(f"{mark} does not wait for a decision; connector status lists what does.")
        document = read_document(tx, document_of(tx, posting.document_id))
        if any(line.shares for line in document.lines):
            raise Unreadable(
                f"{mark} books fees or sales as well, which that deposit does not: void the deposit there, or let the "
                "bank feed book deposits (connector feed set --deposits 'bank feed')."
            )
        outbox.adopted(tx, posting, target_id, f"adopted by {by}")
    return posting


def _bank_line(document: Document) -> Line | None:
    lines = [line for line in document.lines if line.role == "bank" and line.amount]
    return lines[0] if len(lines) == 1 else None


def _there(document: Document, line: Line, found: Sequence[Standing]) -> Rejected:
    amount = f"{decimal_text(abs(line.amount), document.currency)} {document.currency}"
    others = ", ".join(f"{each.kind} {each.target_id}" for each in found[:3])
    return Rejected(
        f"{line.account} holds {amount} around {document.date} already ({others}), by another hand: take it with "
        f"connector adopt {document.mark} {found[0].target_id}, or write it beside with connector post --again.",
        code=THERE,
    )
