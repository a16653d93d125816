"""Where a bucket goes: the bookkeeper's decision first, by code, then by slot, then the source's proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from connector.domain.account_map import Placement
from connector.domain.defaults import KindRule, Side
from connector.domain.document import Role, Tracking
from connector.domain.facts import UNKNOWN, Bucket, BucketKey
from connector.mapping.rules import Rules

TAXED_ROLES = frozenset({"sales", "other_income", "discount", "refund", "service_charge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home: role, account, tax code and tracking, and the group within which lines are netted."""

    role: Role
    account: str
    number: str
    tax_code: str
    tracking: Tracking
    group: str
    text: str
    debit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """No home: which slot or code, and what to write into the account map."""

    code: str
    subject: str
    message: str
    fix: str


def place(bucket: Bucket, rules: Rules, names: Mapping[str, str]) -> Place | Missing:
    """The home of a bucket. `names` fills the placeholders of proposed account names, such as {marketplace}."""
    key = bucket.key
    rule = _rule(key, rules)
    if rule is None:
        return _unknown(key)
    home = _home(key, rule, rules, names)
    if isinstance(home, Missing):
        return home
    tax_code = _tax_code(key, rule.role, home, rules)
    if isinstance(tax_code, Missing):
        return tax_code
    return Place(
        role=rule.role,
        account=home.account or home.number,
        number=home.number,
        tax_code=tax_code,
        tracking=_tracking(home, key.location, rules),
        group=rule.group,
        text=rule.text,
        debit=rule.side == "debit",
    )


def taxed_parent(key: BucketKey) -> BucketKey:
    """The key of what a tax is charged on: where books carry tax by code, tax stands on that line."""
    kind, _, code = key.parent.partition("|")
    return BucketKey(
        kind=kind, code=code, currency=key.currency, period=key.period, tax_code=key.tax_code, location=key.location
    )


def slot_account(slot: str, rules: Rules, names: Mapping[str, str]) -> Placement | Missing:
    """The account of a slot: as decided, else as proposed. A bank account is never proposed."""
    decided = rules.account_map.by_slot(slot)
    proposed = rules.defaults.account(slot) or rules.defaults.account(slot.partition(".")[0])
    if decided and (decided.account or decided.number):
        is_proposal = proposed is not None and not decided.number and proposed.name == decided.account
        return replace(decided, number=proposed.number) if proposed and is_proposal else decided
    if proposed is None or proposed.asks:
        return _undecided(slot, rules, proposed.name if proposed else "")
    return Placement(
        account=_filled(proposed.name, names),
        number=_filled(proposed.number, names),
        tax_code=decided.tax_code if decided else "",
        tracking=decided.tracking if decided else (),
    )


def _filled(pattern: str, names: Mapping[str, str]) -> str:
    for placeholder, value in names.items():
        pattern = pattern.replace("{" + placeholder + "}", value)
    return pattern


def _rule(key: BucketKey, rules: Rules) -> KindRule | None:
    if key.kind != UNKNOWN:
        return rules.defaults.rule(key.kind, key.code)
    decided = rules.account_map.by_code(UNKNOWN, key.code)
    if decided is None or not (decided.account or decided.number):
        return None
    role = cast(Role, decided.role or "adjustment")
    side: Side = "debit" if decided.side == "debit" else "credit"
    return KindRule(kind=UNKNOWN, code=key.code, role=role, slot="", side=side, group="", text=key.code)


def _home(key: BucketKey, rule: KindRule, rules: Rules, names: Mapping[str, str]) -> Placement | Missing:
    decided = rules.account_map.by_code(key.kind, key.code), rules.account_map.by_code(key.kind, "")
    decisions = [placement for placement in decided if placement]
    home = next((placement for placement in decisions if placement.account or placement.number), None)
    found = home or slot_account(rule.slot, rules, {**names, "code": key.code})
    if isinstance(found, Missing):
        return found
    for placement in reversed(decisions):  # the narrower decision has the last word
        tax_code, tracking = placement.tax_code or found.tax_code, placement.tracking or found.tracking
        found = replace(found, tax_code=tax_code, tracking=tracking)
    return found


def _tax_code(key: BucketKey, role: Role, home: Placement, rules: Rules) -> str | Missing:
    if not rules.by_tax_code:
        return home.tax_code
    if role not in TAXED_ROLES:
        return home.tax_code or rules.out_of_scope
    if home.tax_code:
        return home.tax_code
    mapped = rules.account_map.taxes.get(key.tax_code or "none")
    if mapped:
        return mapped
    if key.tax_code:
        message = f"The tax {key.tax_code!r} of the source has no tax code in the books."
    else:
        message = (
            f"{key.kind} {key.code!r} has no tax at the source; whether that is zero-rated or exempt is not decided."
        )
    fix = f"In the account map, under taxes, say which code of the books {key.tax_code or 'none'!r} is."
    return Missing(code="unmapped_tax", subject=key.tax_code or "none", message=message, fix=fix)


def _tracking(home: Placement, location: str, rules: Rules) -> Tracking:
    merged = dict(rules.account_map.locations.get(location, ()))
    merged.update(home.tracking)
    return tuple(sorted(merged.items()))


def _unknown(key: BucketKey) -> Missing:
    return Missing(
        code="unknown_kind",
        subject=key.code or key.kind,
        message=f"{key.code or key.kind!r} is not in the source's vocabulary.",
        fix=f"In the account map, under codes: {{kind: {key.kind}, code: {key.code!r}, role: …, account: …}}.",
    )


def _undecided(slot: str, rules: Rules, proposal: str) -> Missing:
    what = "The bank account" if slot == "bank" else f"The account for {slot}"
    why = "is never guessed" if not proposal else f"waits for a decision ({proposal} is proposed)"
    return Missing(
        code=f"unmapped_{slot.replace('.', '_')}",
        subject=slot,
        message=f"{what} of {rules.defaults.title} {why}.",
        fix=f"In the account map, under slots: {{{slot}: {proposal or 'the name of the account'}}}.",
    )
