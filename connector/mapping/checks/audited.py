"""What the auditor looks at: one feed on one day. Everything that several checks need is worked out here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from msgspec.structs import replace

from connector.domain.account_map import Placement
from connector.domain.books import Account, Books
from connector.domain.defaults import KindRule
from connector.mapping.checks.homes import Group, Home, Lack, Placer, derived_homes, groups_of
from connector.mapping.checks.values import Code, Deposit, Neighbour, PaidOut, Posted, Taking, Use
from connector.mapping.lookup import TAXED_ROLES, Missing, bank_slot, slot_account
from connector.mapping.rules import Rules
from connector.mapping.suggest import Decided, Known, Wanted, known_from

NEW_FOR = timedelta(days=30)  # after that it is no news, only undecided
HISTORY = timedelta(days=14)  # with less there is nothing to be new against


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One feed to be audited, on one day. `earlier` are older readings of the books, newest first; `percents` the rate
    of each tax code of the books, where it is known; `balances` the books' own, debit positive, by account name;
    `decisions` and `taxes` what other feeds of the organisation decided; `books_deposits` says that this feed writes
    bank lines."""

    feed: str
    today: date
    rules: Rules
    books: Books
    uses: Sequence[Use] = ()
    earlier: tuple[Books, ...] = ()
    posted: tuple[Posted, ...] = ()
    balances: Mapping[str, int] = field(default_factory=dict)
    percents: Mapping[str, Decimal] = field(default_factory=dict)
    takings: tuple[Taking, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    payouts: tuple[PaidOut, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    decisions: tuple[Decided, ...] = ()
    taxes: tuple[tuple[str, str], ...] = ()
    books_deposits: bool = True

    @cached_property
    def homes(self) -> tuple[Home, ...]:
        """Where everything goes that has a home, each decision once."""
        return self._placed[0]

    @cached_property
    def lacks(self) -> tuple[Lack, ...]:
        """What has no home."""
        return self._placed[1]

    @cached_property
    def _placed(self) -> tuple[tuple[Home, ...], tuple[Lack, ...]]:
        placer = Placer(self.rules)
        placed = [placer.found(key[1], uses) for key, uses in self.groups.items()]
        homes = [each for each in placed if isinstance(each, Home)]
        derived = derived_homes(self.groups, self.payouts if self.books_deposits else (), self.rules)
        return (*homes, *derived), tuple(each for each in placed if isinstance(each, Lack))

    @cached_property
    def groups(self) -> Mapping[Group, Sequence[Use]]:
        """The uses that one decision places together, by kind, deciding code (empty: the kind's own) and the rest."""
        return groups_of(self.uses, self.rules)

    @cached_property
    def accounts(self) -> tuple[tuple[str, str, tuple[Home, ...]], ...]:
        """Each account by name and number, with the homes on it."""
        found: dict[tuple[str, str], list[Home]] = {}
        for home in self.homes:
            found.setdefault((home.place.account, home.place.number), []).append(home)
        return tuple((name, number, tuple(homes)) for (name, number), homes in found.items())

    @cached_property
    def chart(self) -> Chart:
        return Chart(self.books)

    @cached_property
    def earlier_charts(self) -> tuple[Chart, ...]:
        return tuple(Chart(books) for books in self.earlier)

    @cached_property
    def categories(self) -> Mapping[Code, str]:
        """The category of each product that is decided by itself, where it has one."""
        codes = self.rules.account_map.codes
        alone = ((key[:2], uses[0].category) for key, uses in self.groups.items() if key[2] and key[:2] in codes)
        return {code: category for code, category in alone if category}

    @cached_property
    def known(self) -> Known:
        """What suggestions are made from."""
        return known_from(self.books, self.rules.defaults, self.decided_here, self.decisions, self._slots)

    @cached_property
    def _slots(self) -> Mapping[str, str]:
        """The account of each slot that the map decides as a whole, by the books' name."""
        decided = self.rules.account_map.slots.items()
        found = {slot: self.chart.find(to.account or to.number, to.number) for slot, to in decided}
        return {slot: account.name for slot, account in found.items() if account}

    @cached_property
    def decided_here(self) -> tuple[Decided, ...]:
        """What the map decides code by code, with the category of each."""
        categories = self.categories
        return tuple(
            Decided(kind, code, to.account or to.number, categories.get((kind, code), ""))
            for (kind, code), to in self.rules.account_map.codes.items()
            if code and (to.account or to.number)
        )

    @cached_property
    def undecided(self) -> tuple[Wanted, ...]:
        """Each code of the source that the map does not decide, once."""
        found = {}
        for use in self.uses:
            rule = self.rules.defaults.rule(use.kind, use.code)
            if use.code and not use.parent and not self._is_decided(use):
                found[use.kind, use.code] = Wanted(use.kind, use.code, use.category, rule.role if rule else None)
        return tuple(found[code] for code in sorted(found))

    @cached_property
    def undecided_taxes(self) -> tuple[str, ...]:
        """Each tax of the source without a code of the books, where these carry tax by code; `none` for no tax."""
        if not self.rules.by_tax_code:
            return ()
        rules = self.rules.defaults
        taxed = (use for use in self.uses if use.tax_code or _is_taxed(rules.rule(use.kind, use.code)))
        return tuple(sorted({use.tax_code or "none" for use in taxed} - set(self.rules.account_map.taxes)))

    @cached_property
    def decided_taxes(self) -> tuple[tuple[str, str], ...]:
        """The taxes that are decided, those of this feed first."""
        return (*self.rules.account_map.taxes.items(), *self.taxes)

    @cached_property
    def mapped_kinds(self) -> frozenset[str]:
        """The kinds for which the bookkeeper decides code by code."""
        codes = self.rules.account_map.codes.items()
        return frozenset(kind for (kind, code), to in codes if code and (to.account or to.number))

    @cached_property
    def fresh(self) -> Mapping[Code, Use]:
        """Codes seen for the first time lately, of which nothing is decided, each with its sum."""
        month = self.today - NEW_FOR
        lately = [use for use in self.uses if use.first > month]
        since = max(self.begins + HISTORY, month) if lately else month
        found: dict[Code, Use] = {}
        for use in [use for use in lately if use.first > since and use.code]:
            code, first = (use.kind, use.code), found.get((use.kind, use.code))
            more = (use.amount + first.amount, use.movements + first.movements) if first else ()
            found[code] = replace(use, amount=more[0], movements=more[1]) if more else use
        older = {(use.kind, use.code) for use in self.uses if use.first <= since} if found else set()
        return {code: use for code, use in found.items() if code not in older and not self._is_decided(use)}

    def _is_decided(self, use: Use) -> bool:
        codes, taxes = self.rules.account_map.codes, self.rules.account_map.taxes
        return (use.kind, use.code) in codes or (use.kind, use.category) in codes or use.code in taxes

    @cached_property
    def begins(self) -> date:
        """The first day of which anything is known."""
        return min([use.first for use in self.uses], default=self.today)


class Chart:
    """The accounts of the books by name and number, active ones first."""

    def __init__(self, books: Books) -> None:
        self._by: dict[str, Account] = {}
        self._by_id = {account.account_id: account for account in books.accounts}
        for account in sorted(books.accounts, key=lambda each: each.is_active):
            for name in (f"name {account.name.casefold()}", f"number {account.number}"):
                self._by[name] = account

    def find(self, name: str, number: str = "") -> Account | None:
        """The account of that number, else of that name, active or not; None where there is none."""
        by_number = self._by.get(f"number {number}") if number else None
        by_name = self._by.get(f"name {name.casefold()}")
        if by_number and by_name and not by_number.is_active and by_name.is_active:
            return by_name
        return by_number or by_name

    def of_id(self, account_id: str) -> Account | None:
        return self._by_id.get(account_id)


def _is_taxed(rule: KindRule | None) -> bool:
    return rule is not None and rule.role in TAXED_ROLES


def bank_of(rules: Rules, payout: PaidOut | None = None) -> Placement | Missing:
    """The bank account of a payout, or of those without one of their own."""
    slot = bank_slot(payout.location, payout.currency, rules, payout.destination) if payout else "bank"
    return slot_account(slot, rules, {})


def is_taxed(home: Home) -> bool:
    return home.place.role in TAXED_ROLES
