"""Deposits that the books hold already: looked for before a bank line of ours is written beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.domain.books import Account
from connector.domain.document import PROFIT_AND_LOSS, Document, Line
from connector.domain.drift import Standing
from connector.domain.money import decimal_text
from connector.errors import ConnectorError, Rejected, RetryLater, Unreadable
from connector.mapping.checks.audited import Audit, bank_of
from connector.mapping.checks.values import Deposit
from connector.mapping.lookup import Missing
from connector.store import outbox
from connector.store.account_maps import books
from connector.store.database import hold
from connector.store.feeds import Feed
from connector.store.ledger import document_of, read_document
from connector.store.outbox import Posting
from connector.sync.house import House
from connector.targets.contract import Banked, OpenBooks

AROUND = timedelta(days=3)  # a bank books a deposit a few days before or after its date
NEAR = 2 * AROUND  # deposits that are asked for together
LOOKED_BACK = timedelta(days=60)  # older deposits were looked at while they were new
THERE = "deposit_there"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deposit:
    """A posting that puts money on a bank account."""

    posting: Posting
    document: Document
    line: Line
    account: Account


def refuse_second_deposits(house: House, opened: OpenBooks, batch: Sequence[Posting]) -> dict[int, ConnectorError]:
    """By posting: why its bank line is not written, where the books hold a deposit of that amount by another hand, or
    cannot be asked; what belongs to the same document waits with it.

    A posting that was refused for it once and planned again is written: then somebody has looked."""
    refused: dict[int, ConnectorError] = {}
    for run in _runs(_deposits(house, batch)):
        for deposit, error in _refusals(house, opened, run):
            others = [each.id for each in batch if each.document_id == deposit.posting.document_id]
            refused |= dict.fromkeys(others, RetryLater(f"It waits until {deposit.posting.mark} is settled."))
            refused[deposit.posting.id] = error
    return refused


def deposits_of_others(house: House, opened: OpenBooks, feed: Feed, audited: Audit) -> tuple[Deposit, ...]:
    """Deposits of another hand at the bank, of the amounts of this feed's payouts of late, with the accounts that they
    were coded to. The books are asked once, and only where something was paid out."""
    named = bank_of(audited.rules)
    account = None if isinstance(named, Missing) else audited.books.account(named.account, named.number)
    late = [each for each in audited.payouts if audited.today - LOOKED_BACK <= each.day <= audited.today]
    if account is None or not late:
        return ()
    days = sorted(each.day for each in late)
    found = opened.banked(account, {each.amount for each in late}, days[0] - NEAR, days[-1] + NEAR)
    with house.database.transaction() as tx:
        ours = {(each.target_kind, each.target_id) for each in outbox.in_books(tx, feed.target.id)}
        marks = outbox.marks(tx, feed.target.id).keys()
    currency = account.currency or audited.books.currency
    return tuple(
        Deposit(each.day, each.amount, currency, other.name)
        for each in found
        if not (each.standing.is_gone or each.standing.mark in marks)
        and (each.standing.kind, each.standing.target_id) not in ours
        for other in audited.books.accounts
        if {other.account_id, other.number or other.account_id} & set(each.others)
    )


def _deposits(house: House, batch: Sequence[Posting]) -> list[_Deposit]:
    found = []
    with house.database.transaction() as tx:
        chart = books(tx, batch[0].connection_id) if batch else None
        for posting in batch:
            if posting.part or posting.epoch or chart is None:
                continue
            document = read_document(tx, document_of(tx, posting.document_id))
            line = _bank_line(document)
            account = chart[0].account(line.account, line.number) if line else None
            if line and account:
                found.append(_Deposit(posting=posting, document=document, line=line, account=account))
    return found


def _runs(deposits: Sequence[_Deposit]) -> Iterator[list[_Deposit]]:
    """Deposits on one account whose days are near each other: the books are asked once for all of a run."""
    run: list[_Deposit] = []
    for each in sorted(deposits, key=lambda each: (each.account.account_id, each.document.date)):
        if run and (each.account != run[-1].account or each.document.date - run[-1].document.date > NEAR):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _refusals(house: House, opened: OpenBooks, run: Sequence[_Deposit]) -> Iterator[tuple[_Deposit, ConnectorError]]:
    first, last = run[0].document.date - AROUND, run[-1].document.date + AROUND
    try:
        banked = opened.banked(run[0].account, {each.line.amount for each in run}, first, last)
    except ConnectorError as error:
        yield from ((each, error) for each in run)
        return
    with house.database.transaction() as tx:
        ours = {(each.target_kind, each.target_id) for each in outbox.in_books(tx, run[0].posting.connection_id)}
        marks = outbox.marks(tx, run[0].posting.connection_id).keys()
    theirs = [
        each
        for each in banked
        if not (
            each.standing.is_gone
            or each.standing.mark in marks
            or (each.standing.kind, each.standing.target_id) in ours
        )
    ]
    for deposit in run:
        strange = [each.standing for each in theirs if _is_like(each, deposit)]
        if strange:
            yield deposit, _there(deposit.document, deposit.line, strange)


def _is_like(banked: Banked, deposit: _Deposit) -> bool:
    return banked.amount == deposit.line.amount and abs(banked.day - deposit.document.date) <= AROUND


def adopt_deposit(house: House, mark: str, target_id: str, *, by: str) -> Posting:
    """Takes a deposit of another hand as the one that a transfer of ours would have booked; nothing is written.

    Raises Unreadable for a document that holds more than the money's way to the bank: its fees would be lost."""
    with house.database.transaction() as tx:
        posting = outbox.by_mark(tx, mark)
        if posting is not None:
            hold(tx, posting.connection_id)
            posting = outbox.by_mark(tx, mark)
        if posting is None or posting.state != "rejected":
            raise Unreadable(f"{mark} does not wait for a decision; connector status lists what does.")
        document = read_document(tx, document_of(tx, posting.document_id))
        if any(line.shares or line.role in PROFIT_AND_LOSS for line in document.lines):
            raise Unreadable(
                f"{mark} books fees or sales as well, which that deposit does not: void the deposit there, or let the "
                "bank feed book deposits (connector feed set --deposits 'bank feed')."
            )
        outbox.adopted(tx, posting, target_id, f"{outbox.ADOPTED}{by}")
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
