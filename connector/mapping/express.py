"""Express set-up: the default accounts of a source against a chart, what to reuse and what to open; and which accounts
may take a slot at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from connector.domain.account_map import AccountMap, Placement
from connector.domain.books import TYPE_WORDS, Account, AccountType, Books
from connector.domain.cutover import OPENS
from connector.domain.defaults import SlotAccount, SourceDefaults
from connector.domain.document import Role
from connector.errors import Unreadable
from connector.mapping.checks.values import Use
from connector.mapping.precedence import decided_slot
from connector.mapping.suggest import fitting

Action = Literal["mapped", "reuse", "create", "decide"]
FIRST_FREE = 6100  # numbers for accounts that come without one begin here
TAKES_PAYMENTS = frozenset({"clearing"})
_OWN: dict[str, Role] = {"bank": "bank", "carry": "carry", "stored_balance": "bank", "fx": "fx", "deferred": "deferred"}
_ONLY: dict[Role, frozenset[AccountType]] = {"house_account": frozenset({"current_asset"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What set-up does about a slot: keep what is mapped, reuse an account of the books, open one, or leave it to the
    owner; with the reason. `account` is the books' name where it is there already, else the one proposed."""

    slot: str
    account: str
    number: str
    type: str
    action: Action
    reason: str

    @property
    def wanted(self) -> SlotAccount:
        """The account to be opened."""
        return SlotAccount(slot=self.slot, name=self.account, number=self.number, type=_type(self.type))


def occurring(defaults: SourceDefaults, uses: Sequence[Use], *, everything: bool = False) -> list[SlotAccount]:
    """The default accounts of the slots that occur at the source (all where `everything`, or where nothing is known
    yet), those of a way of paying or a marketplace once for each, under its name."""
    found: dict[tuple[str, str], SlotAccount] = {}
    every = everything or not uses
    for slot in defaults.accounts if every else ():
        _add(found, slot, {}, defaults)
    for use in uses:
        rule = defaults.rule(use.kind, use.code)
        names = {"code": use.code} | ({"marketplace": use.marketplace, "site": site(use.marketplace)}
                                      if use.marketplace else {})  # fmt: skip
        derived = ("clearing",) if use.marketplace else ()
        for slot in (rule.slot, rule.counter, *derived) if rule else ():
            _add(found, slot, names, defaults)
    return sorted(found.values(), key=lambda account: (account.number or "~", account.name))


def _add(
    found: dict[tuple[str, str], SlotAccount], slot: str, names: Mapping[str, str], defaults: SourceDefaults
) -> None:
    default = defaults.account(slot)
    if default is None:
        return
    name, number = default.name, default.number
    for placeholder, value in names.items():
        name, number = name.replace("{" + placeholder + "}", value), number.replace("{" + placeholder + "}", value)
    if "{" not in name + number:
        found.setdefault((slot, name), replace(default, name=name, number=number))


def site(marketplace: str) -> str:
    """What tells the account numbers of marketplaces apart: nothing for Amazon.com, CA for Amazon.ca."""
    return marketplace.rpartition(".")[2].upper().removeprefix("COM")


def proposals(
    wanted: Iterable[SlotAccount], chart: Books, decided: AccountMap, defaults: SourceDefaults
) -> list[Proposal]:
    """What to do about each of those accounts, and about the bank."""
    numbers = _Numbers(chart, defaults.prefix)
    found = []
    for account in wanted:
        mapped = decided_slot(account.slot, decided, defaults)
        kept = _kept(account, mapped[1]) if mapped else None
        found.append(kept or _proposal(account, chart, defaults, numbers))
    return [*found, _bank(chart, decided)]


def _kept(default: SlotAccount, mapped: Placement) -> Proposal | None:
    """What the map decides stays; None where it names no account."""
    name = mapped.account or mapped.number
    if not name:
        return None
    return Proposal(slot=default.slot, account=name, number=mapped.number, type=default.type, action="mapped",
                    reason="the account map says so")  # fmt: skip


def _proposal(default: SlotAccount, chart: Books, defaults: SourceDefaults, numbers: _Numbers) -> Proposal:
    made = Proposal(
        slot=default.slot, account=default.name, number=default.number, type=default.type, action="create", reason=""
    )
    met, how = _met(default.name, default.number, chart)
    if met is not None:
        why_not = refusal(default.slot, met, chart, defaults)
        if why_not:
            return replace(made, action="decide", reason=why_not)
    if default.asks:
        return replace(made, action="decide", reason=f"it waits for your decision; {default.name} is proposed")
    if met is not None:
        return replace(made, account=met.name, number=met.number, type=met.type, action="reuse", reason=how)
    reason = "the books have no account of that number or name"
    return replace(made, number=default.number or numbers.free(), reason=reason)


def _met(name: str, number: str, chart: Books) -> tuple[Account | None, str]:
    """The account of the books under the same number, else the same name, active ones first."""
    order = sorted(chart.accounts, key=lambda account: not account.is_active)
    by_number = next((account for account in order if number and account.number == number), None)
    if by_number is not None and by_number.is_active:
        return by_number, f"the books have the number {number}"
    by_name = next((account for account in order if account.name.casefold() == name.casefold()), None)
    return by_name or by_number, "the books have an account of that name"


def _bank(chart: Books, decided: AccountMap) -> Proposal:
    made = Proposal(slot="bank", account="", number="", type="bank", action="decide", reason="")
    mapped = decided.slots.get("bank")
    if mapped and (mapped.account or mapped.number):
        return replace(made, account=mapped.account or mapped.number, action="mapped", reason="the account map says so")
    banks = sorted(account.name for account in chart.accounts if account.is_active and account.type == "bank")
    if not banks:
        return replace(made, reason="it is never guessed, and the books have no bank account yet")
    return replace(made, reason=f"it is never guessed; the books have {', '.join(banks)}")


class _Numbers:
    """The numbers that are still free, each given once."""

    def __init__(self, chart: Books, prefix: str) -> None:
        taken = {account.number for account in chart.accounts}
        many = (f"{prefix}-{n}" for n in range(FIRST_FREE, FIRST_FREE + 900))
        self._free = (number for number in many if number not in taken)

    def free(self) -> str:
        return next(self._free)


def mapped(decided: AccountMap, accepted: Iterable[Proposal], defaults: SourceDefaults) -> AccountMap:
    """The map with what set-up decided: an entry for each slot of one account. Ways of paying that have an account each
    stay with the source's proposal, which names it; so does a tax code that was there."""
    slots = dict(decided.slots)
    for each in accepted:
        proposed = defaults.account(each.slot)
        if proposed is not None and "{" in proposed.name and proposed.slot == each.slot:
            continue
        before = slots.get(each.slot, Placement())
        slots[each.slot] = replace(before, account=each.account, number=each.number)
    return replace(decided, slots=slots)


def valid_types(slot: str, defaults: SourceDefaults | None) -> frozenset[AccountType] | None:
    """The types of account that may take a slot, that of its proposal among them; None where any may."""
    role = role_of(slot, defaults)
    proposed = defaults.account(slot) if defaults else None
    allowed = (_ONLY.get(role) or fitting(role)) if role else None
    return allowed | {proposed.type} if allowed and proposed else allowed


def role_of(slot: str, defaults: SourceDefaults | None) -> Role | None:
    """What stands on a slot; None where nobody says."""
    family = slot.partition(".")[0]
    rules = defaults.kinds.values() if defaults else ()
    by_rule = next((rule.role for rule in rules if rule.slot == slot), None)
    opens = OPENS.get(family)
    return by_rule or _OWN.get(family) or (opens[0] if opens else _BY_FAMILY.get(family))


_BY_FAMILY: dict[str, Role] = {
    "sales": "sales", "discount": "discount", "refunds": "refund", "service_charge": "service_charge",
    "other_income": "other_income", "fees": "fee", "fee_tax": "fee_tax", "rounding": "rounding",
    "over_short": "over_short", "shipping": "sales", "points": "discount", "commissions": "fee",
}  # fmt: skip


def refusal(slot: str, account: Account, chart: Books, defaults: SourceDefaults | None) -> str:
    """Why an account cannot take a slot, in one sentence that names what can; empty where it can."""
    allowed = valid_types(slot, defaults)
    if not account.is_active:
        return f"{account.name} is archived in the books."
    if account.is_system:
        return f"{account.name} belongs to the books themselves; no line of ours may stand on it."
    if allowed is not None and account.type not in (*allowed, "other"):
        named = listed(TYPE_WORDS[each] for each in sorted(allowed))
        others = [each.name for each in offers(slot, chart, defaults)]
        examples = f" The books have: {', '.join(others[:5])}." if others else " The books have none yet."
        return f"{account.name} is of type {TYPE_WORDS[account.type]}; {slot} takes {named}.{examples}"
    if slot.partition(".")[0] in TAKES_PAYMENTS and not account.takes_payments and account.type != "bank":
        return f"{account.name} takes no payments: enable payments to this account in the books, or choose another."
    return ""


def offers(slot: str, chart: Books, defaults: SourceDefaults | None) -> list[Account]:
    """The accounts that may take a slot, by name."""
    allowed = valid_types(slot, defaults)
    pays = slot.partition(".")[0] in TAKES_PAYMENTS
    return sorted(
        (
            account
            for account in chart.accounts
            if account.is_active and not account.is_system and (allowed is None or account.type in allowed)
            if not pays or account.takes_payments or account.type == "bank"
        ),
        key=lambda account: (account.number, account.name),
    )


def chosen(slot: str, name: str, chart: Books, defaults: SourceDefaults) -> Proposal:
    """The account of the books that the owner chose for a slot, by name or number; raises Unreadable in one sentence
    where it is not there, or may not take the slot."""
    if slot != "bank" and slot not in defaults.accounts:
        known = ", ".join(sorted({*defaults.accounts, "bank"}))
        raise Unreadable(f"{defaults.title} has no slot {slot!r}; it has {known}.")
    account = chart.account(name, name)
    if account is None:
        others = [each.name for each in offers(slot, chart, defaults)]
        there = ", ".join(others[:8]) or "none"
        raise Unreadable(f"The books have no account {name!r}. For {slot} they have: {there}.")
    why_not = refusal(slot, account, chart, defaults)
    if why_not:
        raise Unreadable(why_not)
    return Proposal(slot=slot, account=account.name, number=account.number, type=account.type, action="mapped",
                    reason="you chose it")  # fmt: skip


def listed(words: Iterable[str]) -> str:
    many: Sequence[str] = list(words)
    return f"{', '.join(many[:-1])} or {many[-1]}" if len(many) > 1 else "".join(many)


def _type(word: str) -> AccountType:
    return next(each for each in TYPE_WORDS if each == word)
