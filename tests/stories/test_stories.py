"""Each folder here is a story: given files, an account map, and the journal a bookkeeper expects.

`make stories` rewrites the expected journals; the difference is then read in the commit."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from connector.domain.account_map import AccountMap
from connector.domain.books import AccountType
from connector.domain.defaults import SlotAccount
from connector.domain.document import Line
from connector.domain.facts import Fact
from connector.domain.map_file import read_map
from connector.domain.notation import journal, written_held
from connector.domain.shop import Shop
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules
from connector.sandbox.town import open_town
from connector.sources.registry import source
from connector.targets.contract import OpenBooks, Outgoing, Receipt
from connector.targets.registry import target
from connector.transport.access import Access

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TYPES: dict[str, AccountType] = {
    "bank": "bank", "clearing": "current_asset", "carry": "current_asset", "gift_card": "current_liability",
    "tip": "current_liability", "tax": "current_liability", "fee": "expense", "fx": "other_income",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One story into the books of one target."""

    story: str
    source: str
    target: str
    country: str
    style: str
    account_map: str
    expected: str

    @property
    def folder(self) -> Path:
        return HERE / self.story


def tellings() -> Iterator[Telling]:
    for file in sorted(HERE.glob("*/story.toml")):
        told = tomllib.loads(file.read_text())
        for books in told["books"]:
            yield Telling(
                story=file.parent.name,
                source=told["source"],
                target=books["target"],
                country=books["country"],
                style=books.get("style", "clearing"),
                account_map=books.get("map", "account_map.yaml"),
                expected=books["expected"],
            )


ALL = list(tellings())
NAMES = [f"{telling.story} into {telling.target} {telling.style}" for telling in ALL]


@pytest.mark.parametrize("telling", ALL, ids=NAMES)
def test_the_journal_is_the_one_a_bookkeeper_expects(telling: Telling) -> None:
    facts, made, _ = told(telling)
    text = "\n".join([journal(made.documents), *map(written_held, made.held)])
    expected = telling.folder / telling.expected
    if os.environ.get("REWRITE_STORIES"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert sum(fact.movement_count for fact in facts) == sum(document.movements for document in made.documents)


@pytest.mark.parametrize("telling", ALL, ids=NAMES)
def test_the_books_take_the_story_and_give_it_back_equal(telling: Telling, tmp_path: Path) -> None:
    _, made, rules = told(telling)
    with open_town(tmp_path, clock=lambda: NOW, country=telling.country) as town:
        house = town.xero if telling.target == "xero" else town.quickbooks
        token = town.personal_token("xero" if telling.target == "xero" else "quickbooks")
        books = opened(telling.target, house.base_url, token)
        books.open_contact(rules.defaults.title)
        create_accounts(books, made, rules)
        chart = books.books()
        for document in made.documents:
            for rendered in books.render(document, chart):
                (outcome,) = books.post([Outgoing(rendered=rendered, key=f"p1{rendered.mark}")])
                assert isinstance(outcome, Receipt), outcome
                assert books.read_back(rendered, outcome) == []
        answer = requests.get(f"{house.base_url}/_sandbox/trial-balance", timeout=10)
    in_books = {name: int(minor) for name, minor in answer.json().items()}
    ours = balances(made, telling)
    assert {name: in_books.get(name, 0) for name in ours} == ours


def told(telling: Telling) -> tuple[list[Fact], Journalized, Rules]:
    found = source(telling.source)
    assert found.saved is not None
    facts = [fact for fact in found.saved([telling.folder / "given"], Shop()) if isinstance(fact, Fact)]
    rules = Rules(
        defaults=found.defaults,
        account_map=account_map(telling),
        organisation="story",
        connection=telling.target,
        account="story",
        country=telling.country,
        separate_refunds=target(telling.target).separate_refunds,
        out_of_scope=target(telling.target).out_of_scope,
        style="bank" if telling.style == "bank" else "clearing",
    )
    return facts, documents(facts, rules), rules


def account_map(telling: Telling) -> AccountMap:
    return read_map((telling.folder / telling.account_map).read_text(encoding="utf-8"))


def opened(name: str, base_url: str, token: str) -> OpenBooks:
    kind = target(name)
    access = Access(base_url=base_url, external_id="9341452000000001", token=lambda: token, now=lambda: NOW)
    if kind.reaches is not None:
        (account,) = kind.reaches(access)
        access = Access(base_url=base_url, external_id=account, token=lambda: token, now=lambda: NOW)
    assert kind.open is not None
    return kind.open(access)


def create_accounts(books: OpenBooks, made: Journalized, rules: Rules) -> None:
    chart = books.books()
    lines = {line.account: line for document in made.documents for line in document.lines}
    for number, (name, line) in enumerate(sorted(lines.items())):
        if chart.account(name, line.number) is None:
            books.open_account(wanted(line, name, number, rules))


def wanted(line: Line, name: str, number: int, rules: Rules) -> SlotAccount:
    proposal = next((slot for slot in rules.defaults.accounts.values() if slot.number == line.number), None)
    kind = proposal.type if proposal else TYPES.get(line.role, "income")
    slot = proposal.slot if proposal else line.role
    return SlotAccount(slot=slot, name=name, number=line.number or f"T-{number}", type=kind)


def balances(made: Journalized, telling: Telling) -> Counter[str]:
    """What the documents leave on each account; tax by code stands on the books' own account, beside the line.

    In Xero's bank style the last invoice stays open until the bank line is matched with it."""
    waits = telling.target == "xero" and telling.style == "bank"
    sums: Counter[str] = Counter()
    for document in made.documents:
        for line in document.lines:
            account = "Accounts Receivable" if waits and line.role == "bank" else line.account
            sums[account] += line.amount - line.tax
    return sums
