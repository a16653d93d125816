"""Proposals and choices as matches with amounts: lines, items, fee, what is written off, exchange difference."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.domain.money import parse_minor, split
from connector.reconcile.matching.values import BankLine, Entry, Proposal
from connector.store import bank
from connector.store.matches import CODED, Link, NewMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Bank lines and entries by their names."""

    lines: dict[str, bank.KeptLine]
    entries: dict[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """What of bank lines goes to an account of the books, in the sign of the lines."""

    account: str
    tax_code: str
    amount: int


def board_of(lines: Iterable[bank.KeptLine], entries: Iterable[Entry]) -> Board:
    return Board(lines={str(each.id): each for each in lines}, entries={each.entry_id: each for each in entries})


def bank_line(kept: bank.KeptLine) -> BankLine:
    """A kept line as matching takes it; it must be complete."""
    return BankLine(
        line_id=str(kept.id),
        day=bank.day_of(kept),
        amount=kept.line.amount or 0,
        currency=kept.line.currency,
        text=f"{kept.line.counterparty} {kept.line.text}".strip(),
        reference=kept.line.reference,
    )


def new_match(proposal: Proposal, board: Board) -> NewMatch | None:
    """The proposal with its amounts; None for one without lines, or with nothing to set against them."""
    lines = [board.lines[name] for name in proposal.lines]
    entries = [board.entries[name] for name in proposal.entries]
    if not lines or not (entries or proposal.account):
        return None
    banked = sum(each.line.amount or 0 for each in lines)
    coded = () if entries else (Coded(account=proposal.account, tax_code=proposal.tax_code, amount=banked),)
    return made_of(proposal, (lines, entries, coded))


def made_of(
    proposal: Proposal,
    of: tuple[Sequence[bank.KeptLine], Sequence[Entry], Sequence[Coded]],
    by: str = "",
) -> NewMatch:
    """A match of these lines with these entries and accounts: lines = items − fee + residual + exchange.

    What entries of the same currency have more than the lines, beside the proposal's residual, is the fee."""
    lines, entries, coded = of
    currency, banked = lines[0].line.currency, sum(each.line.amount or 0 for each in lines)
    exchange = _exchange(proposal, currency)
    settled = [each.amount for each in entries]
    rest = banked - sum(each.amount for each in coded)
    is_foreign = bool(entries) and entries[0].currency != currency
    if is_foreign:
        signs = 1 if rest > 0 else -1
        settled = [signs * part for part in split(abs(rest - exchange), [abs(each.amount) for each in entries])]
    links = [_line_link(each) for each in lines]
    links += [_item_link(each, part) for each, part in zip(entries, settled, strict=True)]
    links += [_coded_link(each, currency) for each in coded]
    fee = 0 if is_foreign else sum(settled) + proposal.residual + exchange - rest
    return NewMatch(
        confidence=proposal.confidence if not by else "chosen",
        rung=proposal.rung,
        evidence=tuple((each.fact, each.value, each.detail) for each in proposal.evidence),
        currency=currency,
        residual=proposal.residual,
        exchange=exchange,
        fee=fee,
        fee_model=_fee_model(proposal) if fee else "",
        write_off=(proposal.account, proposal.tax_code) if proposal.residual else ("", ""),
        digest=_digest(links),
        links=tuple(links),
        made_by=by,
    )


def _exchange(proposal: Proposal, currency: str) -> int:
    """The exchange difference that the evidence tells, such as "2.39 CAD"."""
    told = [each.value for each in proposal.evidence if each.fact == "exchange_difference"]
    return parse_minor(told[0].partition(" ")[0], currency) if told else 0


def _fee_model(proposal: Proposal) -> str:
    return next((each.detail for each in proposal.evidence if each.fact == "fee"), "known from the source")


def _line_link(kept: bank.KeptLine) -> Link:
    amount = kept.line.amount or 0
    return Link(line=kept.id, currency=kept.line.currency, amount=amount, whole=amount, settled=amount)


def _item_link(entry: Entry, settled: int) -> Link:
    return Link(
        item=entry.entry_id,
        currency=entry.currency,
        amount=entry.amount,
        whole=entry.amount,
        settled=settled,
        reference=entry.reference,
    )


def _coded_link(coded: Coded, currency: str) -> Link:
    return Link(
        item=f"{CODED}{coded.account}|{coded.tax_code}",
        currency=currency,
        amount=coded.amount,
        whole=coded.amount,
        settled=coded.amount,
    )


def _digest(links: Iterable[Link]) -> str:
    """The same for the same lines against the same items, whoever puts them together."""
    some = list(links)
    lines = sorted(str(link.line) for link in some if link.line is not None)
    items = sorted(f"{link.item}{link.amount if link.item.startswith(CODED) else ''}" for link in some if link.item)
    return hashlib.sha256("\n".join((*lines, "", *items)).encode()).hexdigest()[:32]
