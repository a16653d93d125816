"""Fixes: the words of what to write into the account map, and the same as decisions that can be applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from connector.domain.account_map import AccountMap, Placement
from connector.domain.finding import Concern, Finding, Footing, Proposal, Severity
from connector.mapping.checks.homes import Home
from connector.mapping.suggest import Suggestion

_K = TypeVar("_K")
_V = TypeVar("_V")


class Fix(NamedTuple):
    """The next step in words, and as far as it can be taken by itself."""

    text: str
    proposal: Proposal | None = None


def slot_fix(slot: str, account: str, now: AccountMap, reason: str = "") -> Fix:
    """The slot goes to an account; what else was decided for it stays."""
    change = AccountMap(slots={slot: _moved(now.slots.get(slot), account)})
    return Fix(_with_reason(slot_entry(slot, account), reason), Proposal(change=change, opens=True))


def code_fix(kind: str, code: str, account: str, now: AccountMap, reason: str = "") -> Fix:
    """The code goes to an account; what else was decided for it stays."""
    change = AccountMap(codes={(kind, code): _moved(now.codes.get((kind, code)), account)})
    return Fix(_with_reason(code_entry(kind, code, account), reason), Proposal(change=change, opens=True))


def tax_fix(tax: str, found: Suggestion | None, otherwise: str, reason: str = "") -> Fix:
    """The source's tax goes to a code of the books; without one the text says what to look for."""
    if found is None:
        return Fix(f"In the account map, under taxes: {{{tax!r}: {otherwise}}}.")
    entry = f"In the account map, under taxes: {{{tax!r}: {found.account}}}."
    return Fix(_with_reason(entry, reason or found.reason), Proposal(change=AccountMap(taxes={tax: found.account})))


def home_fix(homes: Sequence[Home], account: str, now: AccountMap, reason: str = "") -> Fix:
    """All of the homes go to an account; the words are those of the first."""
    fixes = [
        slot_fix(home.slot, account, now, reason) if home.slot else code_fix(home.kind, home.code, account, now, reason)
        for home in homes
    ]
    return Fix(fixes[0].text, Proposal(change=together(fix.proposal for fix in fixes), opens=True))


def untaxed(homes: Iterable[Home], now: AccountMap) -> Proposal:
    """The homes carry no tax code any more."""
    slots: dict[str, Placement] = {}
    codes: dict[tuple[str, str], Placement] = {}
    for home in homes:
        for slot in {home.slot, home.slot.partition(".")[0]} & now.slots.keys():
            slots[slot] = replace(now.slots[slot], tax_code="")
        for code in (home.code, ""):
            if (home.kind, code) in now.codes:
                codes[home.kind, code] = replace(now.codes[home.kind, code], tax_code="")
    return Proposal(change=AccountMap(slots=slots, codes=codes))


def together(proposals: Iterable[Proposal | None]) -> AccountMap:
    """The decisions of several proposals."""
    changes = [proposal.change for proposal in proposals if proposal]
    return AccountMap(
        slots=_merged(change.slots for change in changes),
        codes=_merged(change.codes for change in changes),
        taxes=_merged(change.taxes for change in changes),
        locations=_merged(change.locations for change in changes),
    )


def about(code: str, subject: str, severity: Severity, message: str, fix: Fix, homes: Sequence[Home]) -> Finding:
    """A finding about homes: their money, and the documents whose lines stand where they do."""
    return Finding(
        code=code,
        subject=subject,
        severity=severity,
        message=message,
        fix=fix.text,
        amount=sum(home.amount for home in homes),
        currency=homes[0].currency,
        movements=sum(home.movements for home in homes),
        proposal=fix.proposal,
        concern=Concern(footings=frozenset(map(_footing, homes))) if severity == "blocking" else None,
    )


def slot_entry(slot: str, account: str) -> str:
    return f"In the account map, under slots: {{{slot}: {account}}}."


def code_entry(kind: str, code: str, account: str) -> str:
    return f"In the account map, under codes: {{kind: {kind}, code: {code!r}, account: {account}}}."


def in_map(home: Home, account: str) -> str:
    """The entry that sends a home to an account."""
    return slot_entry(home.slot, account) if home.slot else code_entry(home.kind, home.code, account)


def _footing(home: Home) -> Footing:
    return Footing(home.place.role, home.place.account, home.place.tax_code, home.place.tracking)


def _moved(decided: Placement | None, account: str) -> Placement:
    return replace(decided or Placement(), account=account, number="")


def _merged(parts: Iterable[Mapping[_K, _V]]) -> dict[_K, _V]:
    whole: dict[_K, _V] = {}
    for part in parts:
        whole |= part
    return whole


def _with_reason(entry: str, reason: str) -> str:
    return f"{entry} Reason: {reason}." if reason else entry
