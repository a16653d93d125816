"""Door 3 of mapping: where something without a decision probably belongs, each answer with its reason.

What this organisation decided comes first: the same name elsewhere, what else is in its category, names like it, words
that always went one way. Then the names of the accounts in the books, then what is decided for the whole slot, then
what the source proposes."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz, process, utils

from connector.domain.books import Account, AccountType, Books, TaxRate
from connector.domain.defaults import SourceDefaults
from connector.domain.document import Role

SUGGESTED = 3  # answers at most
ALIKE = 72  # of 100: names less alike say nothing
SAME_NAME, SIBLING, ALIKE_NAME, WORD, ACCOUNT_NAME, SLOT, PROPOSED = 1000, 520, 560, 330, 300, 90, 60
CLEAR = 700  # so much speaks for an account that names much like it need not be looked for
ELSEWHERE = 900  # in a thousand: what another feed decided counts a little less than what this one did

INCOME: frozenset[AccountType] = frozenset({"income", "other_income"})
COSTS: frozenset[AccountType] = frozenset({"expense", "cost_of_sales"})
OWED: frozenset[AccountType] = frozenset({"current_liability", "liability"})
WAITING: frozenset[AccountType] = frozenset({"bank", "current_asset"})

_FITTING: Mapping[Role, frozenset[AccountType]] = {
    "sales": INCOME, "other_income": INCOME, "discount": INCOME | COSTS, "refund": INCOME,
    "service_charge": INCOME | {"current_liability"}, "reimbursement": INCOME | COSTS,
    "tax": OWED, "tip": OWED, "gift_card": OWED, "store_credit": OWED, "customer_deposit": OWED,
    "house_account": frozenset({"current_asset", "receivable"}), "receivable": frozenset({"receivable"}),
    "clearing": WAITING, "carry": WAITING, "bank": frozenset({"bank"}),
    "fee": COSTS, "fee_tax": COSTS | OWED | {"current_asset"}, "dispute": COSTS | {"current_asset", "asset"},
    "rounding": COSTS | INCOME, "over_short": COSTS | INCOME, "fx": COSTS | INCOME,
    "reserve": frozenset({"current_asset", "asset"}), "deferred": frozenset({"current_asset", "asset"}),
    "withholding": frozenset({"current_asset", "asset"}), "loan": OWED | {"current_asset"}, "cogs": COSTS,
    "inventory": frozenset({"current_asset", "asset"}),
}  # fmt: skip


class Decided(NamedTuple):
    """One decision of the bookkeeper: a code of a kind, and the account that it goes to."""

    kind: str
    code: str
    account: str
    category: str = ""


class Wanted(NamedTuple):
    """What needs an account. `role` limits the answers to accounts of a type that fits."""

    kind: str
    code: str
    category: str = ""
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An account, how much speaks for it (thousandths, more than 1000 where several things do), and what does."""

    account: str
    score: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that suggestions are made from, looked up by what is asked for."""

    accounts: Mapping[str, Account]
    defaults: SourceDefaults
    by_name: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_category: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    by_word: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    by_account_word: Mapping[str, Sequence[str]] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)


def known_from(
    books: Books,
    defaults: SourceDefaults,
    here: Iterable[Decided],
    elsewhere: Iterable[Decided] = (),
    slots: Mapping[str, str] | None = None,
) -> Known:
    """The decisions of this feed and of others of its organisation, indexed, with the accounts that this one decided
    for whole slots; accounts that are closed are left out."""
    by_name: defaultdict[str, dict[str, int]] = defaultdict(dict)
    by_category: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    by_word: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    names: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for each, weight in [*((each, 1000) for each in here), *((each, ELSEWHERE) for each in elsewhere)]:
        name, account = _plain(each.code), each.account
        counted = [by_name[name], *(by_word[each.kind, word] for word in _words(name))]
        if each.category:
            counted.append(by_category[each.kind, each.category])
        for weights in counted:
            weights[account] = weights.get(account, 0) + weight
        names[each.kind].setdefault(_in_order(name), (account, name))
    accounts = {account.name: account for account in books.accounts if account.is_active}
    by_account_word: defaultdict[str, list[str]] = defaultdict(list)
    for account in accounts:
        for word in _words(_plain(account)):
            by_account_word[word].append(account)
    return Known(
        accounts=accounts,
        defaults=defaults,
        by_name=by_name,
        by_category=by_category,
        by_word=by_word,
        names=names,
        by_account_word=by_account_word,
        slots=slots or {},
    )


def suggest(wanted: Wanted, known: Known) -> tuple[Suggestion, ...]:
    """The accounts that it probably belongs to, the likeliest first; none where nothing speaks for any."""
    scores: Counter[str] = Counter()
    reasons: dict[str, tuple[int, str]] = {}
    _weigh(_plain_evidence(wanted, known), wanted, known, scores, reasons)
    if max(scores.values(), default=0) < CLEAR:
        _weigh(_alike(wanted, _plain(wanted.code), known), wanted, known, scores, reasons)
    ranked = sorted(scores, key=lambda account: (-scores[account], account))
    return tuple(
        Suggestion(account=account, score=scores[account], reason=reasons[account][1]) for account in ranked[:SUGGESTED]
    )


def _weigh(
    evidence: Iterable[tuple[str, int, str]],
    wanted: Wanted,
    known: Known,
    scores: Counter[str],
    reasons: dict[str, tuple[int, str]],
) -> None:
    """Adds up what speaks for each account that fits; the reason told is the strongest."""
    for account, score, reason in evidence:
        if _fits(account, wanted, known):
            scores[account] += score
            if score > reasons.get(account, (0, ""))[0]:
                reasons[account] = score, reason


def fitting(role: Role) -> frozenset[AccountType] | None:
    """The types of account that lines of a role may stand on; None where any may."""
    return _FITTING.get(role)


def suggest_tax(code: str, rates: Iterable[TaxRate]) -> Suggestion | None:
    """The tax code of the books whose name is most like the source's; where a percentage is told, it must be equal."""
    wanted = percent_in(code)
    open_rates = [rate for rate in rates if rate.is_active and _is_of(rate, wanted)]
    named = {rate.code: f"{rate.name} {rate.code}" for rate in open_rates}
    best = process.extractOne(code, named, scorer=fuzz.token_set_ratio, processor=utils.default_process)
    if best is None or (best[1] < ALIKE and not (wanted and len(named) == 1)):
        return None
    name = named[best[2]].removesuffix(f" {best[2]}")
    return Suggestion(account=best[2], score=int(best[1]) * 10, reason=f"its name in the books is {name!r}")


def suggest_decided_tax(code: str, rates: Sequence[TaxRate], decided: Iterable[tuple[str, str]]) -> Suggestion | None:
    """The same, after what this organisation decided already: for the same tax, else for taxes of the same percentage;
    `decided` are pairs of the source's tax and the books' code, those of this feed first."""
    open_codes = {rate.code for rate in rates if rate.is_active}
    known = [(tax, to) for tax, to in decided if to in open_codes]
    same = next((to for tax, to in known if _plain(tax) == _plain(code)), None)
    if same:
        return Suggestion(account=same, score=SAME_NAME, reason=f"{code!r} is decided so elsewhere")
    percent = percent_in(code)
    alike = Counter(to for tax, to in known if percent and percent_in(tax) == percent)
    if alike:
        to, _ = alike.most_common(1)[0]
        return Suggestion(account=to, score=SIBLING, reason=f"other taxes of {percent} % are decided so")
    return suggest_tax(code, rates)


def _is_of(rate: TaxRate, percent: str) -> bool:
    """Whether a rate may be one of that percentage (empty: not told): by its name, else as the books have it."""
    told = percent_in(rate.name)
    return told == percent or (not told and bool(percent) and rate.percent == percent)


def percent_in(name: str) -> str:
    """The percentage that a name tells, without needless zeros; empty where it tells none."""
    found = re.search(r"(\d+(?:[.,]\d+)?)\s*%", name)
    if not found:
        return ""
    number = found[1].replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number


class Tried(NamedTuple):
    """How suggestions did: `right` of `asked` were the bookkeeper's own decision, `answered` had one at all."""

    asked: int
    answered: int
    right: int

    @property
    def percent(self) -> int:
        return self.right * 100 // self.asked if self.asked else 0


def back_test(decisions: Sequence[Decided], books: Books, defaults: SourceDefaults) -> Tried:
    """Hides half of what was decided (always the same half), and asks for it: was the first answer the right one?"""
    hidden = [each for each in decisions if _is_hidden(each)]
    known = known_from(books, defaults, [each for each in decisions if not _is_hidden(each)])
    answered = right = 0
    for each in hidden:
        rule = defaults.rule(each.kind, each.code)
        wanted = Wanted(kind=each.kind, code=each.code, category=each.category, role=rule.role if rule else None)
        first = next(iter(suggest(wanted, known)), None)
        answered += first is not None
        right += first is not None and first.account == each.account
    return Tried(asked=len(hidden), answered=answered, right=right)


def _is_hidden(decided: Decided) -> bool:
    return hashlib.sha256(f"{decided.kind}|{decided.code}".encode()).digest()[0] % 2 == 1


def _plain_evidence(wanted: Wanted, known: Known) -> Iterator[tuple[str, int, str]]:
    """What speaks for an account and is only looked up: (account, how much, why)."""
    name = _plain(wanted.code)
    for account, share in _shares(known.by_name.get(name)):
        yield account, SAME_NAME * share // 1000, f"{wanted.code!r} goes there elsewhere"
    if wanted.category:
        for account, share in _shares(known.by_category.get((wanted.kind, wanted.category))):
            told = f"{share // 10} of 100 of what is in {wanted.category!r} goes there"
            yield account, SIBLING * share // 1000, told
    yield from _by_words(wanted, name, known)
    yield from _named_alike(wanted, known)
    yield from _proposed(wanted, known)


def _alike(wanted: Wanted, name: str, known: Known) -> Iterator[tuple[str, int, str]]:
    names = known.names.get(wanted.kind, {})
    # Words are put in order beforehand, on both sides: comparing is then four times as fast.
    found = process.extract(_in_order(name), names.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=5)
    for other, alike, _ in found:
        account, told = names[other]
        yield account, ALIKE_NAME * int(alike - ALIKE + 20) // 100, f"{told!r}, a name much like it, goes there"


def _by_words(wanted: Wanted, name: str, known: Known) -> Iterator[tuple[str, int, str]]:
    for word in _words(name):
        for account, share in _shares(known.by_word.get((wanted.kind, word))):
            if share >= 600:
                yield account, WORD * share // 1000, f"what is called {word!r} goes there"


def _named_alike(wanted: Wanted, known: Known) -> Iterator[tuple[str, int, str]]:
    """Accounts whose own name says it, such as Sales – Food for Food."""
    for asked in dict.fromkeys((wanted.code, wanted.category)):
        words = dict.fromkeys(_words(_plain(asked)))
        met = Counter(account for word in words for account in known.by_account_word.get(word, ()))
        for account, count in met.items():
            yield account, ACCOUNT_NAME * count // len(words), f"the account is called {account!r}"


def _proposed(wanted: Wanted, known: Known) -> Iterator[tuple[str, int, str]]:
    rule = known.defaults.rule(wanted.kind, wanted.code)
    if rule and rule.slot in known.slots:
        yield known.slots[rule.slot], SLOT, f"the map decides the slot {rule.slot}"
    proposed = known.defaults.account(rule.slot) if rule else None
    if proposed:
        name = proposed.name.replace("{code}", wanted.code)
        yield name, PROPOSED, f"it is what {known.defaults.title} proposes"


def _fits(account: str, wanted: Wanted, known: Known) -> bool:
    """An account of the books of a type that fits; one that is not there yet can be opened only as proposed."""
    there = known.accounts.get(account)
    allowed = _FITTING.get(wanted.role) if wanted.role else None
    if there is None:
        rule = known.defaults.rule(wanted.kind, wanted.code)
        proposed = known.defaults.account(rule.slot) if rule else None
        return proposed is not None and proposed.name.replace("{code}", wanted.code) == account
    return not there.is_system and (allowed is None or there.type in allowed)


def _shares(counted: Mapping[str, int] | None) -> Iterator[tuple[str, int]]:
    """Each account with its share in thousandths."""
    whole = sum(counted.values()) if counted else 0
    for account, weight in counted.items() if counted else ():
        yield account, weight * 1000 // whole


def _plain(name: str) -> str:
    return utils.default_process(name)


def _in_order(plain: str) -> str:
    return " ".join(sorted(plain.split()))


def _words(plain: str) -> list[str]:
    return [word for word in plain.split() if len(word) > 2 and not word.isdigit()]
