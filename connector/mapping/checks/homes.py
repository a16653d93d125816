"""Homes: where the uses of one decision go. There are as many uses as products, and only as many homes as decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import msgspec

from connector.domain.account_map import Placement
from connector.domain.document import Role
from connector.domain.facts import UNKNOWN, Bucket, BucketKey
from connector.mapping.checks.values import PaidOut, Use
from connector.mapping.lookup import Missing, Place, bank_slot, place, slot_account
from connector.mapping.precedence import Decision, decisions, slot_decision
from connector.mapping.rules import Rules

Group = tuple[str, str, bool, str, str, str, str, str, str]
"""Kind, deciding code, whether that is the use's own, and what else decides."""
_Rest = tuple[str, ...]
_Split = tuple[dict[str, list[Use]], dict[str, list[Use]]]  # by their own code, by their category


class Home(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where the uses of one decision go. `slot` is the place in the account map that decides, or would; empty where an
    entry for `kind` and `code` does. `tax` is the source's, where the books carry tax by code."""

    place: Place
    kind: str
    code: str
    slot: str
    is_decided: bool
    currency: str
    amount: int
    movements: int
    tax: str = ""

    @property
    def origin(self) -> str:
        """The place in the account map, as a person says it."""
        return self.slot or f"{self.kind} {self.code}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Uses that have no home, with what mapping says about it."""

    missing: Missing
    kind: str
    currency: str
    amount: int
    movements: int
    periods: tuple[str, ...]


def groups_of(uses: Iterable[Use], rules: Rules) -> dict[Group, list[Use]]:
    """One pass over everything. A code stands for itself only where a decision or a proposal is about that very code;
    else the category of the product does, else the kind. Of the other fields only those count that decide."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for kind, code, *_ in (*rules.account_map.codes, *rules.account_map.places, *rules.defaults.kinds):
        if code:
            named[kind].add(code)
    spelled = _spelled_kinds(rules)
    alike: defaultdict[_Rest, _Split] = defaultdict(lambda: (defaultdict(list), defaultdict(list)))
    fields = _deciding(rules)
    for rest, neighbours in groupby(uses, attrgetter(*fields)):
        alone, together = alike[rest]
        own, is_spelled = named[rest[0]], rest[0] in spelled
        for use in neighbours:  # for each product: as little as can be
            code = use.code
            if is_spelled or code in own:
                alone[code].append(use)
            else:
                together[use.category if use.category in own else ""].append(use)
    return _joined(alike, fields)


def _deciding(rules: Rules) -> Sequence[str]:
    """The fields of a use that decide where it goes, its kind first; what they do not tell apart stays together."""
    by_place = ("location",) if rules.account_map.locations or rules.account_map.places else ()
    by_tax = ("tax_code", "parent") if rules.by_tax_code else ()
    return "kind", "currency", "marketplace", "channel", *by_place, *by_tax


def _joined(alike: Mapping[_Rest, _Split], fields: Sequence[str]) -> dict[Group, list[Use]]:
    """The groups; fields that decide nothing are left empty."""
    groups: dict[Group, list[Use]] = {}
    for rest, split in alike.items():
        told = dict(zip(fields, rest, strict=True))
        kind, currency, marketplace, channel = rest[:4]
        place, tax, parent = (told.get(name, "") for name in ("location", "tax_code", "parent"))
        for is_own, codes in zip((True, False), split, strict=True):
            for code, some in codes.items():
                groups[kind, code, is_own, currency, marketplace, place, tax, parent, channel] = some
    return groups


def _spelled_kinds(rules: Rules) -> frozenset[str]:
    """Kinds whose proposed account has the code in its name, so that each code has an account of its own."""
    return frozenset({UNKNOWN}) | {
        rule.kind
        for rule in rules.defaults.kinds.values()
        if (account := rules.defaults.account(rule.slot)) and "{code}" in account.name
    }


class Placer:
    """Finds the home of each group. What the same decision places is looked up once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._by_tax = rules.by_tax_code
        self._known: dict[object, Place] = {}

    def found(self, code: str, uses: Sequence[Use]) -> Home | Lack:
        use = uses[0]
        kind = use.kind
        if self._by_tax and use.parent:  # tax goes where that goes which is taxed
            kind, _, code = use.parent.partition("|")
        decision = self._rules.account_map.codes.get((kind, code))
        is_decided = decision is not None and bool(decision.account)
        placed = self._place(kind, code, use, decision if is_decided else None)
        amount = sum([abs(each.amount) for each in uses])
        movements = sum([each.movements for each in uses])
        if isinstance(placed, Missing):
            return Lack(
                missing=placed,
                kind=use.kind,
                currency=use.currency,
                amount=amount,
                movements=movements,
                periods=tuple(sorted({period for each in uses for period in each.periods})),
            )
        slot, is_decided = ("", True) if is_decided else decided_by(_key(kind, code, use), self._rules)
        return Home(
            place=placed,
            kind=kind,
            code=code,
            slot=slot,
            is_decided=is_decided,
            currency=use.currency,
            amount=amount,
            movements=movements,
            tax=use.tax_code if self._by_tax else "",
        )

    def _place(self, kind: str, code: str, use: Use, decision: Placement | None) -> Place | Missing:
        is_general = decision is not None and not decision.role and (kind, code) not in self._rules.defaults.kinds
        is_general = is_general and not self._rules.account_map.places
        rest = use.currency, use.marketplace, use.location, use.tax_code, use.parent
        same = (kind, *rest, *_spelled(decision)) if decision and is_general else None
        known = self._known.get(same) if same else None
        if known is not None:
            return known
        bucket = Bucket(key=_key(kind, code, use), amount=0, count=0)
        placed = place(bucket, self._rules, _names(use.marketplace))
        if same and isinstance(placed, Place):
            self._known[same] = placed
        return placed


def _spelled(to: Placement) -> tuple[object, ...]:
    """What tells placements apart; as a tuple it is compared at once."""
    return to.account, to.number, to.tax_code, to.tracking, to.side


def derived_homes(groups: Mapping[Group, Sequence[Use]], payouts: Sequence[PaidOut], rules: Rules) -> Iterator[Home]:
    """Where lines go that no movement makes: the other side of a miscount or fee, a settlement's clearing, the bank."""
    wanted: dict[tuple[str, Role, str], list[Use]] = {}
    counters = {rule.kind: rule.counter for rule in rules.defaults.kinds.values() if rule.counter}
    for key, uses in groups.items():
        if key[0] in counters:
            counter = counters[key[0]]
            wanted.setdefault((counter, rules.defaults.role(counter), ""), []).extend(uses)
        if uses[0].marketplace:
            wanted.setdefault(("clearing", "clearing", uses[0].marketplace), []).extend(uses)
    for (slot, role, marketplace), uses in wanted.items():
        yield from _slot_home(slot, role, marketplace, uses, rules)
    paid: defaultdict[str, list[Use]] = defaultdict(list)
    for payout in payouts:
        paid[bank_slot(payout.location, payout.currency, rules, payout.destination)].append(_use_of(payout))
    for slot, uses in paid.items():
        yield from _slot_home(slot, "bank", "", uses, rules)


def _use_of(payout: PaidOut) -> Use:
    return Use("payout", "", "", payout.currency, "", "", "", "", payout.amount, 1, payout.day, payout.day)


def _slot_home(slot: str, role: Role, marketplace: str, uses: Sequence[Use], rules: Rules) -> Iterator[Home]:
    account = slot_account(slot, rules, _names(marketplace))
    if isinstance(account, Missing):
        return
    decision = slot_decision(slot, rules)
    yield Home(
        place=Place(
            role=role,
            account=account.account or account.number,
            number=account.number,
            tax_code=account.tax_code,
            tracking=account.tracking,
            group="",
            text=slot,
            debit=True,
        ),
        kind=slot,
        code="",
        slot=slot,
        is_decided=_names_account(decision),
        currency=uses[0].currency,
        amount=sum(abs(use.amount) for use in uses),
        movements=sum(use.movements for use in uses),
    )


def _names(marketplace: str) -> Mapping[str, str]:
    """What fills the placeholders of proposed accounts; the site tells numbers of marketplaces apart."""
    site = marketplace.rpartition(".")[2].upper().removeprefix("COM")
    return {"marketplace": marketplace, "site": site} if marketplace else {}


def decided_by(key: BucketKey, rules: Rules) -> tuple[str, bool]:
    """The slot that decides about a code, empty where an entry for the code does; and whether anybody decided."""
    if any(to.account or to.number for to, _ in decisions(key, rules)):
        return "", True
    rule = rules.defaults.rule(key.kind, key.code)
    slot = rule.slot if rule else ""
    return slot, _names_account(slot_decision(slot, rules))


def _names_account(decision: Decision | None) -> bool:
    return decision is not None and bool(decision[0].account or decision[0].number)


def _key(kind: str, code: str, use: Use) -> BucketKey:
    return BucketKey(
        kind=kind,
        code=code,
        currency=use.currency,
        period="",
        tax_code=use.tax_code,
        location=use.location,
        channel=use.channel,
    )
