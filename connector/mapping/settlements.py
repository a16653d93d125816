"""A marketplace's settlement → one document a month it touches, and the one line that meets the deposit.

In style *clearing* each part leaves what it earned in the clearing account, and a transfer on the deposit date moves
the total to the bank. In style *bank* the parts but the last leave it in the carried balance, and the last takes it
back and holds the bank line; where the deposit falls in a later month, a closing document does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.account_map import Placement
from connector.domain.document import Document, Line, Role
from connector.domain.facts import Bucket, Fact, sum_buckets
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.payouts import Settlement
from connector.domain.shop import local_day
from connector.mapping.lines import derived, lines_of
from connector.mapping.lookup import Missing, bank_slot, slot_account
from connector.mapping.outcome import Journalized, held_by_problems, held_for_mapping, shares
from connector.mapping.payouts import bank_line, last_day
from connector.mapping.rules import Rules

FIX = "Download the settlement file again; it goes by itself when its rows sum to its total."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accounts:
    clearing: Placement
    carry: Placement
    bank: Placement | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    month: str
    dated: date
    buckets: tuple[Bucket, ...]
    lines: tuple[Line, ...]

    @property
    def earned(self) -> int:
        """What the part leaves to be paid out: its credits less its debits."""
        return -sum(line.amount for line in self.lines)


def settlement_documents(fact: Fact, rules: Rules) -> Journalized:
    """All documents of a settlement, or all its parts held together."""
    settlement = _settlement(fact)
    if fact.problems:
        failed = [(settlement.settlement_id, problem) for problem in fact.problems]
        return held_by_problems((_key(fact, "", rules), fact.currency), failed, fact.buckets, FIX)
    names = {"marketplace": settlement.marketplace, "site": _site(settlement.marketplace)}
    parts, missing = _parts(fact, settlement, rules, names)
    rules = rules.on(local_day(settlement.ends_at, settlement.zone))
    clearing, carry = slot_account("clearing", rules, names), slot_account("carry", rules, names)
    missing = (*missing, *(account for account in (clearing, carry) if isinstance(account, Missing)))
    if missing or isinstance(clearing, Missing) or isinstance(carry, Missing):
        return held_for_mapping(_key(fact, "", rules), missing, fact.currency, shares(fact.buckets))
    own_tax = _own_tax(fact, [line for part in parts for line in part.lines])
    if own_tax and rules.by_tax_code and "sales_tax" not in rules.account_map.slots:
        return held_for_mapping(
            _key(fact, "", rules), (_undecided_tax(own_tax[0]),), fact.currency, shares(fact.buckets)
        )
    accounts = _Accounts(
        clearing=clearing, carry=carry, bank=slot_account(bank_slot(fact.location, fact.currency, rules), rules, {})
    )
    if rules.style == "clearing":
        made = _clearing_style(fact, parts, accounts, rules)
    else:
        made = _bank_style(fact, parts, accounts, rules)
    return made + Journalized(findings=own_tax)


def _site(marketplace: str) -> str:
    """What tells the account numbers of marketplaces apart: nothing for Amazon.com, CA for Amazon.ca."""
    return marketplace.rpartition(".")[2].upper().removeprefix("COM")


def _clearing_style(fact: Fact, parts: Sequence[_Part], accounts: _Accounts, rules: Rules) -> Journalized:
    documents = []
    for part in parts:
        balance = _derived("clearing", accounts.clearing, part.earned, rules)
        lines = (*part.lines, balance) if part.earned or len(part.lines) < 2 else part.lines
        documents.append(_document(fact, part.dated, part.month, lines, rules))
    made = Journalized(documents=tuple(documents))
    if rules.deposits == "bank feed":
        return made  # the bookkeeper codes the bank's own line to clearing
    return made + _transfer(fact, "clearing", accounts.clearing, accounts, rules)


def _bank_style(fact: Fact, parts: Sequence[_Part], accounts: _Accounts, rules: Rules) -> Journalized:
    settlement, last = _settlement(fact), parts[-1]
    in_last_month = settlement.deposits_on.strftime("%Y-%m") == last.month
    documents = [
        _document(fact, part.dated, part.month, (*part.lines, _carry(part.earned, accounts, rules)), rules)
        for part in parts[:-1]
    ]
    if settlement.total > 0 and not in_last_month:
        documents.append(
            _document(fact, last.dated, last.month, (*last.lines, _carry(last.earned, accounts, rules)), rules)
        )
        return Journalized(documents=tuple(documents)) + _transfer(fact, "carry", accounts.carry, accounts, rules)
    if settlement.total > 0 and isinstance(accounts.bank, Missing):
        waiting = held_for_mapping(_key(fact, last.month, rules), (accounts.bank,), fact.currency, shares(last.buckets))
        return Journalized(documents=tuple(documents)) + waiting
    lines = [*last.lines, *_closing(settlement, parts, accounts, rules)]
    dated = settlement.deposits_on if settlement.total > 0 else last.dated
    documents.append(_document(fact, dated, last.month, tuple(lines), rules))
    return Journalized(documents=tuple(documents))


def _closing(settlement: Settlement, parts: Sequence[_Part], accounts: _Accounts, rules: Rules) -> list[Line]:
    """The last part's derived lines: it takes back what was carried, and holds the bank line.

    A negative total is not taken from the bank: it stays in clearing until the next settlement takes it back."""
    carried = sum(part.earned for part in parts[:-1])
    lines = [_carry(-carried, accounts, rules)] if carried else []
    if settlement.total > 0 and isinstance(accounts.bank, Placement):
        lines.append(bank_line(accounts.bank, settlement.total, rules))
    elif settlement.total:
        lines.append(_derived("clearing", accounts.clearing, settlement.total, rules))
    return lines


def _transfer(fact: Fact, role: Role, origin: Placement, accounts: _Accounts, rules: Rules) -> Journalized:
    settlement = _settlement(fact)
    if settlement.total <= 0:
        return Journalized()
    key = rules.key(location=settlement.marketplace, kind="transfer", period=settlement.settlement_id)
    if isinstance(accounts.bank, Missing):
        return held_for_mapping(key, (accounts.bank,), fact.currency, (), settlement.total)
    document = Document(
        key=key,
        mark=rules.mark(key, settlement.deposits_on),
        date=settlement.deposits_on,
        currency=fact.currency,
        kind="transfer",
        narration=f"{settlement.marketplace} · deposit of settlement {settlement.settlement_id}",
        source_ref=settlement.settlement_id,
        lines=(
            bank_line(accounts.bank, settlement.total, rules),
            _derived(role, origin, -settlement.total, rules),
        ),
        location=settlement.marketplace,
    )
    return Journalized(documents=(document,))


def _document(fact: Fact, dated: date, month: str, lines: tuple[Line, ...], rules: Rules) -> Document:
    settlement, key = _settlement(fact), _key(fact, month, rules)
    return Document(
        key=key,
        mark=rules.mark(key, dated),
        date=dated,
        currency=fact.currency,
        kind="settlement",
        narration=f"{settlement.marketplace} · settlement {settlement.settlement_id} · {month}",
        source_ref=settlement.settlement_id,
        lines=lines,
        location=settlement.marketplace,
    )


def _parts(
    fact: Fact, settlement: Settlement, rules: Rules, names: dict[str, str]
) -> tuple[list[_Part], tuple[Missing, ...]]:
    """The settlement by month, each under the map of its day, and what of it has no home."""
    months: dict[str, list[Bucket]] = {}
    for bucket in sum_buckets(fact.buckets):
        months.setdefault(bucket.key.period, []).append(bucket)
    ends_on = local_day(settlement.ends_at, settlement.zone)
    parts: list[_Part] = []
    missing: dict[tuple[str, str], Missing] = {}
    for month in sorted(months):
        dated = min(last_day(month), ends_on) if month == ends_on.strftime("%Y-%m") else last_day(month)
        lines, lacking = lines_of(months[month], rules.on(dated), names)
        missing |= {(lack.code, lack.subject): lack for lack in lacking}
        parts.append(_Part(month=month, dated=dated, buckets=tuple(months[month]), lines=lines))
    return parts, tuple(missing.values())


def _carry(amount: int, accounts: _Accounts, rules: Rules) -> Line:
    return _derived("carry", accounts.carry, amount, rules)


def _derived(role: Role, account: Placement, amount: int, rules: Rules) -> Line:
    return derived(role, account, amount, rules, "Carried to the next part" if role == "carry" else "Clearing")


def _key(fact: Fact, month: str, rules: Rules) -> str:
    settlement = _settlement(fact)
    period = f"{settlement.settlement_id}/{month}" if month else settlement.settlement_id
    return rules.key(location=settlement.marketplace, kind="settlement", period=period)


def _own_tax(fact: Fact, lines: Sequence[Line]) -> tuple[Finding, ...]:
    """What of the tax rows was not taken back by the marketplace: the seller's own to pay, listed by kind."""
    own = -sum(line.amount for line in lines if line.role == "tax")
    if not own:
        return ()
    by_code: dict[str, int] = {}
    for line in lines:
        for share in line.shares if line.role == "tax" else ():
            by_code[share.bucket.code] = by_code.get(share.bucket.code, 0) + share.amount
    listed = ", ".join(
        f"{code} {decimal_text(amount, fact.currency)}" for code, amount in sorted(by_code.items()) if amount
    )
    settlement = _settlement(fact)
    message = (
        f"Settlement {settlement.settlement_id}: {decimal_text(own, fact.currency)} {fact.currency} of tax was not "
        f"withheld by the marketplace and is the seller's own to pay: {listed}."
    )
    fix = "Nothing is held. Check that you are registered where this tax arises."
    return (Finding(code="own_tax", subject=settlement.settlement_id, severity="info", message=message, fix=fix),)


def _undecided_tax(finding: Finding) -> Missing:
    """Books that carry tax by code would not see tax on an account: where it goes is the bookkeeper's to say."""
    fix = "In the account map, under slots: {sales_tax: the account that your tax return reads}."
    return Missing(code="unmapped_sales_tax", subject="sales_tax", message=finding.message, fix=fix)


def _settlement(fact: Fact) -> Settlement:
    assert isinstance(fact.about, Settlement)
    return fact.about
