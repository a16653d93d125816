"""Where a bucket goes, and why: the bookkeeper's decision first, by code, then by slot, then the source's proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from connector.domain.account_map import Coverage, Placement
from connector.domain.defaults import KindRule, Side
from connector.domain.document import Role, Tracking
from connector.domain.facts import UNKNOWN, Bucket, BucketKey
from connector.domain.map_file import TAXES
from connector.mapping.precedence import decisions, slot_decision
from connector.mapping.rules import Rules

TAXED_ROLES = frozenset({"sales", "other_income", "discount", "refund", "service_charge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home: role, account, tax code and tracking, and the group within which lines are netted. `why` says which
    decision or proposal won; `gap` names the slot that has no decision, where its coverage lets the money go on."""

    role: Role
    account: str
    number: str
    tax_code: str
    tracking: Tracking
    group: str
    text: str
    debit: bool
    why: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """No home: which slot or code, and what to write into the account map."""

    code: str
    subject: str
    message: str
    fix: str

    @property
    def name(self) -> str:
        """What is to be decided, in two words."""
        return {"unmapped_tax": f"tax {self.subject}", "unknown_kind": f"kind of {self.subject}"}.get(
            self.code, f"slot {self.subject}"
        )


def place(bucket: Bucket, rules: Rules, names: Mapping[str, str]) -> Place | Missing:
    """The home of a bucket. `names` fills the placeholders of proposed account names, such as {marketplace}."""
    key = bucket.key
    rule = _rule(key, rules)
    if rule is None:
        return _unknown(key)
    home = _home(key, rule, rules, names)
    if isinstance(home, Missing):
        return home
    tax_code, tax_gap = _covered_tax(_tax_code(key, rule.role, home.placement, rules), rules)
    if isinstance(tax_code, Missing):
        return tax_code
    to = home.placement
    return Place(
        role=rule.role,
        account=to.account or to.number,
        number=to.number,
        tax_code=tax_code,
        tracking=_tracking(to, key.location, rules),
        group=rule.group,
        text=rule.text,
        debit=rule.side == "debit",
        why=home.why,
        gap=home.gap or tax_gap,
    )


def taxed_parent(key: BucketKey) -> BucketKey:
    """The key of what a tax is charged on: where books carry tax by code, tax stands on that line."""
    kind, _, code = key.parent.partition("|")
    return BucketKey(
        kind=kind,
        code=code,
        currency=key.currency,
        period=key.period,
        tax_code=key.tax_code,
        location=key.location,
        channel=key.channel,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An account with the words for how it was found, and the slot that it covers for where nobody decided."""

    placement: Placement
    why: str
    gap: str = ""


def slot_account(slot: str, rules: Rules, names: Mapping[str, str]) -> Placement | Missing:
    """The account of a slot: as decided, else as proposed. A bank account is never proposed."""
    found = slot_home(slot, rules, names)
    return found if isinstance(found, Missing) else found.placement


def bank_slot(location: str, currency: str, rules: Rules, destination: str = "") -> str:
    """The slot of the bank account that money of a place and currency arrives on: that of the processor's own id of
    the account, else `bank.PLACE`, else `bank.CURRENCY`, where the map decides one; else the one for all of it."""
    own = (f"bank.{destination}", f"bank.{location}", f"bank.{currency}")
    return next((slot for slot in own if slot in rules.account_map.slots), "bank")


def slot_home(slot: str, rules: Rules, names: Mapping[str, str]) -> Found | Missing:
    """The account of a slot and why; where it has none, what the slot's coverage says."""
    decision = slot_decision(slot, rules)
    decided, why = decision if decision else (None, "")
    proposed = rules.defaults.account(slot) or rules.defaults.account(slot.partition(".")[0])
    if decided and (decided.account or decided.number):
        is_proposal = proposed is not None and not decided.number and proposed.name == decided.account
        to = replace(decided, number=proposed.number) if proposed and is_proposal else decided
        return _in_books(Found(placement=to, why=why), slot, rules)
    if proposed is None:
        return _covered(_undecided(slot, rules, ""), None, slot, rules)
    to = Placement(
        account=_filled(proposed.name, names),
        number=_filled(proposed.number, names),
        tax_code=decided.tax_code if decided else "",
        tracking=decided.tracking if decided else (),
    )
    if proposed.asks:
        return _covered(_undecided(slot, rules, proposed.name), to, slot, rules)
    return _in_books(Found(placement=to, why=f"{rules.defaults.title} proposes it for the slot {slot}"), slot, rules)


def _covered(missing: Missing, proposed: Placement | None, slot: str, rules: Rules) -> Found | Missing:
    """What has no home goes where its slot's coverage says; nothing said means that it waits."""
    coverage = rules.account_map.covered(slot)
    if coverage.policy == "fall back" and (coverage.account or coverage.number):
        return _fallen_back(coverage, slot)
    if coverage.policy == "post" and proposed:
        return Found(placement=proposed, why=f"nobody decided {slot}, and its coverage is to post", gap=slot)
    return missing


def _fallen_back(coverage: Coverage, slot: str) -> Found:
    to = Placement(account=coverage.account, number=coverage.number)
    return Found(placement=to, why=f"{slot} has no home, and its coverage falls back to {to.account or to.number}",
                 gap=slot)  # fmt: skip


def _in_books(found: Found, slot: str, rules: Rules) -> Found:
    """The same, or what the slot falls back to where the books lack the account."""
    coverage = rules.account_map.covered(slot)
    if coverage.policy != "fall back" or not slot or rules.accounts is None:
        return found
    to = found.placement
    if rules.accounts.account(to.account, to.number):
        return found
    return _fallen_back(coverage, slot)


def _filled(pattern: str, names: Mapping[str, str]) -> str:
    for placeholder, value in names.items():
        pattern = pattern.replace("{" + placeholder + "}", value)
    return pattern


def _rule(key: BucketKey, rules: Rules) -> KindRule | None:
    if key.kind != UNKNOWN:
        return rules.defaults.rule(key.kind, key.code)
    decided = rules.account_map.by_code(UNKNOWN, key.code)
    if decided is None or not (decided.account or decided.number):
        is_covered = rules.account_map.covered(UNKNOWN).policy != "hold"
        decided = Placement() if is_covered else None
    if decided is None:
        return None
    role = cast(Role, decided.role or "adjustment")
    side: Side = "debit" if decided.side == "debit" else "credit"
    return KindRule(kind=UNKNOWN, code=key.code, role=role, slot="", side=side, group="", text=key.code)


def _home(key: BucketKey, rule: KindRule, rules: Rules, names: Mapping[str, str]) -> Found | Missing:
    decided = tuple(decisions(key, rules))
    first = next(((to, why) for to, why in decided if to.account or to.number), None)
    if first:
        found: Found | Missing = _in_books(Found(placement=first[0], why=first[1]), rule.slot, rules)
    elif key.kind == UNKNOWN:
        adjustments = rules.defaults.account("adjustments")
        proposed = Placement(account=adjustments.name, number=adjustments.number) if adjustments else None
        found = _covered(_unknown(key), proposed, UNKNOWN, rules)
    else:
        found = slot_home(rule.slot, rules, {**names, "code": key.code})
    if isinstance(found, Missing) or not decided:
        return found
    to = found.placement
    for placement, _ in reversed(decided):  # the narrower decision has the last word
        to = replace(to, tax_code=placement.tax_code or to.tax_code, tracking=placement.tracking or to.tracking)
    return replace(found, placement=to)


def _covered_tax(tax_code: str | Missing, rules: Rules) -> tuple[str | Missing, str]:
    """A tax without a code of the books takes the one that taxes fall back to, where that is said."""
    fallback = rules.account_map.covered(TAXES).tax_code
    return (fallback, TAXES) if isinstance(tax_code, Missing) and fallback else (tax_code, "")


def _tax_code(key: BucketKey, role: Role, home: Placement, rules: Rules) -> str | Missing:
    if not rules.by_tax_code:
        return home.tax_code
    if role not in TAXED_ROLES:
        return home.tax_code or rules.out_of_scope
    if not rules.registration.charges(key.period):
        return _unregistered(key, rules)
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


def _unregistered(key: BucketKey, rules: Rules) -> str | Missing:
    """Before the registration everything is out of scope; tax that the till charged all the same must be looked at."""
    if not key.tax_code:
        return rules.out_of_scope
    since = rules.registration.since
    registered = f"from {since}" if since else "not"
    return Missing(
        code="tax_before_registration",
        subject=key.tax_code,
        message=f"The source charged {key.tax_code!r}, and the owner is registered {registered}.",
        fix="Correct the registration (connector setup answers), or the tax at the till.",
    )


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
