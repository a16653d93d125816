"""What was sent against what QuickBooks holds, in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from connector.domain.money import decimal_text
from connector.targets.quickbooks.records import (
    JournalEntry,
    Ref,
    Side,
    Taxed,
    Transfer,
    currency_of,
    minor,
    sides,
    taxes,
    wire,
)


def differences(payload: dict[str, object], found: JournalEntry | Transfer) -> list[str]:
    """None where the record stands as it was sent. Names and descriptions, which people may edit, do not count."""
    currency = currency_of(payload)
    body = wire({"Id": found.id, "SyncToken": found.sync_token, **payload})
    if isinstance(found, Transfer):
        return list(_of_transfer(msgspec.json.decode(body, type=Transfer), found, currency))
    return list(_of_journal(msgspec.json.decode(body, type=JournalEntry), found, currency))


def _of_journal(sent: JournalEntry, found: JournalEntry, currency: str) -> Iterator[str]:
    yield from _differ("number", sent.doc_number or "", found.doc_number or "")
    yield from _of_head(sent, found)
    yield from _of_lines(sides(sent, currency), sides(found, currency), currency)
    yield from _of_taxes(taxes(sent, currency), taxes(found, currency), currency)


def _of_transfer(sent: Transfer, found: Transfer, currency: str) -> Iterator[str]:
    yield from _of_head(sent, found)
    mark = (sent.private_note or "").rpartition("[")[2].rstrip("]")
    if f"[{mark}]" not in (found.private_note or ""):
        yield f"the note has lost the mark {mark}"
    yield from _differ("account it comes from", sent.from_account_ref.value, found.from_account_ref.value)
    yield from _differ("account it goes to", sent.to_account_ref.value, found.to_account_ref.value)
    amounts = [decimal_text(minor(of.amount, currency), currency) for of in (sent, found)]
    yield from _differ("amount", *amounts)


def _of_head(sent: JournalEntry | Transfer, found: JournalEntry | Transfer) -> Iterator[str]:
    yield from _differ("date", sent.txn_date, found.txn_date)
    if found.currency_ref:  # left out where a company has one currency only
        yield from _differ("currency", (sent.currency_ref or Ref()).value, found.currency_ref.value)


def _differ(what: str, sent: str, found: str) -> Iterator[str]:
    if sent != found:
        yield f"the {what} is {found or 'missing'}, sent was {sent or 'none'}"


def _of_lines(sent: Counter[Side], found: Counter[Side], currency: str) -> Iterator[str]:
    for lines, word in ((sent - found, "missing"), (found - sent, "not ours")):
        for (account, side, amount), times in sorted(lines.items()):
            yield f"{word}: {side} {decimal_text(amount, currency)} on account {account}{_times(times)}"


def _of_taxes(sent: Counter[Taxed], found: Counter[Taxed], currency: str) -> Iterator[str]:
    for lines, word in ((sent - found, "missing"), (found - sent, "not ours")):
        for (account, side, code, tax), times in sorted(lines.items()):
            amount = decimal_text(tax, currency)
            yield f"{word}: tax {amount} by code {code} ({side}) on account {account}{_times(times)}"


def _times(times: int) -> str:
    return f", {times} times" if times > 1 else ""
