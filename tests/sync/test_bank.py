"""Bank lines are kept once, tied to the deposits of the books, and what people decide about them stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from connector.domain.statement import Statement
from connector.errors import Unreadable
from connector.reconcile.matching.rules import ChannelRule, Rate, Rules
from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading
from connector.store import bank
from connector.store.bank_tables import MatchGroupRow, MatchLinkRow
from connector.store.feeds import Connection, Feed, connection, feed
from connector.store.match_checks import over_allocated, unbalanced_groups
from connector.store.matches import matches as kept_matches
from connector.store.matches import propose
from connector.sync.bank import Deposits, deposits, import_lines
from connector.sync.decide import accept, ignore, undo
from connector.sync.house import House
from connector.sync.pull import pull_file
from tests.sync.walking import NOW, connected, house, town, walked

FOREIGN = Path(__file__).parents[1] / "stories" / "d_deposit_in_another_currency" / "given" / "settlement.txt"
HEADING = "Date,Description,Amount,Currency\n"
MARCH = (
    HEADING
    + "2026-03-16,SQUARE INC L260316000002,117.11,USD\n"
    + "2026-03-16,COFFEE,-4.50,USD\n"
    + "2026-03-16,COFFEE,-4.50,USD\n"
    + "2026-03-17,SQUARE INC,269.93,USD\n"
)


def statements(text: str) -> tuple[Statement, ...]:
    return read_statements("bank.csv", text.encode(), Reading(account="Checking"))


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A weekend of Square and a settlement of Amazon, posted into QuickBooks; and its bank account."""

    house: House

    @property
    def books(self) -> Connection:
        with self.house.database.transaction() as tx:
            return connection(tx, "quickbooks")

    def feed(self, name: str = "square-quickbooks") -> Feed:
        with self.house.database.transaction() as tx:
            return feed(tx, name)

    def keep(self, text: str) -> tuple[int, int, int]:
        done = import_lines(self.house, self.books, "Checking", statements(text))
        return done.new, done.seen, len(done.edited)

    def lines(self) -> list[bank.KeptLine]:
        with self.house.database.transaction() as tx:
            return bank.known_lines(tx, self.books.id, "Checking")

    def tie(self, *, certain: bool = False, rules: Rules | None = None, of: str = "square-quickbooks") -> Deposits:
        return deposits(self.house, self.feed(of), rules, apply_certain=certain)

    def broken(self) -> list[str]:
        books = self.books
        with self.house.database.transaction() as tx:
            return over_allocated(tx, books.id, NOW) + unbalanced_groups(tx, books.id, NOW)


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop that has posted everything; copied for each test, for it takes a while."""
    folder = tmp_path_factory.mktemp("posted")
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
    return folder / "data"


@pytest.fixture
def shop(posted: Path, tmp_path: Path) -> Iterator[Shop]:
    shutil.copytree(posted, tmp_path / "data")
    with house(tmp_path) as ready:
        yield Shop(house=ready)


def states(done: Deposits) -> list[tuple[str, str, int]]:
    return [(each.state, each.made.confidence, each.made.rung) for each in done.matches]


def test_row_89_the_same_file_again_adds_nothing_and_two_equal_lines_stay_two(shop: Shop) -> None:
    assert shop.keep(MARCH) == (4, 0, 0)
    assert shop.keep(MARCH) == (0, 4, 0)
    assert [each.line.text for each in shop.lines()].count("COFFEE") == 2


def test_row_89_a_file_that_overlaps_adds_only_what_is_new(shop: Shop) -> None:
    shop.keep(MARCH)
    later = "2026-03-17,SQUARE INC,269.93,USD\n2026-03-18,RENT,-900.00,USD\n"
    assert shop.keep(HEADING + later) == (1, 1, 0)


def test_row_90_a_line_that_the_bank_edits_is_kept_as_it_was_and_told_once(shop: Shop) -> None:
    heading = "Date,Description,Amount,Currency,Transaction ID\n"
    shop.keep(heading + "2026-03-16,SQUARE INC,117.11,USD,B1\n")
    edited = heading + "2026-03-16,SQUARE INC,117.21,USD,B1\n"
    assert shop.keep(edited) == (0, 0, 1)
    (line,) = shop.lines()
    assert line.line.amount == 11711 and '"amount_minor": 11721' in line.edited
    assert shop.keep(edited) == (0, 1, 0)


def test_bank_lines_of_two_accounts_are_not_mixed_under_one_name(shop: Shop) -> None:
    two = (*statements(MARCH), *read_statements("b.csv", MARCH.encode(), Reading(account="Savings")))
    with pytest.raises(Unreadable, match="2 accounts"):
        import_lines(shop.house, shop.books, "Checking", two)
    assert shop.lines() == []


def test_what_is_certain_is_accepted_where_asked_and_the_rest_waits(shop: Shop) -> None:
    shop.keep(MARCH)
    assert states(shop.tie()) == [("proposed", "certain", 1), ("proposed", "likely", 3)]
    done = shop.tie(certain=True)
    assert states(done) == [("accepted", "certain", 1), ("proposed", "likely", 3)]
    assert (done.new, done.accepted_now, done.matches[0].accepted_by) == (0, 1, "connector")
    assert [each.state for each in shop.lines()] == ["matched", "open", "open", "open"]
    assert [each for each in done.open_entries if not each.startswith("takings|")] == ["SQ-20260318-333JFB"]
    assert shop.broken() == []


def test_a_second_run_changes_nothing(shop: Shop) -> None:
    shop.keep(MARCH)
    shop.tie(certain=True)
    before = shop.tie(certain=True)
    again = shop.tie(certain=True)
    assert (again.new, again.accepted_now, again.matches) == (0, 0, before.matches)


def test_a_match_that_is_undone_stays_in_the_history_and_is_not_accepted_again_by_itself(shop: Shop) -> None:
    shop.keep(MARCH)
    first = shop.tie(certain=True).matches[0]
    undone = undo(shop.house, first.id, by="Ada", reason="another Square account")
    assert (undone.state, undone.accepted_by, undone.undone_by) == ("undone", "connector", "Ada")
    done = shop.tie(certain=True)
    assert sorted(states(done)) == [
        ("proposed", "certain", 1), ("proposed", "likely", 3), ("undone", "certain", 1),
    ]  # fmt: skip
    proposed = next(each for each in done.matches if each.state == "proposed" and each.made.confidence == "certain")
    assert accept(shop.house, proposed.id, by="Ben").accepted_by == "Ben"
    assert shop.broken() == []


def test_only_what_is_proposed_can_be_accepted_and_only_what_is_accepted_undone(shop: Shop) -> None:
    shop.keep(MARCH)
    first = shop.tie().matches[0]
    with pytest.raises(Unreadable, match="only an accepted one"):
        undo(shop.house, first.id, by="Ada")
    accept(shop.house, first.id, by="Ada")
    with pytest.raises(Unreadable, match="only a proposed one"):
        accept(shop.house, first.id, by="Ada")
    with pytest.raises(Unreadable, match="no match 99"):
        accept(shop.house, 99, by="Ada")


def test_a_line_that_is_ignored_needs_a_reason_and_is_matched_no_more(shop: Shop) -> None:
    shop.keep(MARCH)
    with pytest.raises(Unreadable, match="why"):
        ignore(shop.house, 1, by="Ada", reason=" ")
    ignore(shop.house, 1, by="Ada", reason="booked by hand")
    assert states(shop.tie()) == [("proposed", "likely", 3)]
    accept(shop.house, shop.tie().matches[0].id, by="Ada")
    with pytest.raises(Unreadable, match="undo that match first"):
        ignore(shop.house, 4, by="Ada", reason="x")


def test_a_line_can_be_in_one_match_only(shop: Shop) -> None:
    shop.keep(MARCH)
    first = shop.tie(certain=True).matches[0]
    with shop.house.database.transaction() as tx:
        second = propose(tx, shop.feed().id, first.made, NOW)
    with pytest.raises(Unreadable, match="is in another match already"):
        accept(shop.house, second, by="Ada")
    with shop.house.database.transaction() as tx:
        forced = tx.get_one(MatchGroupRow, second)
        forced.state = "accepted"
        tx.add(forced)
    told = shop.broken()
    assert any("bank line 1: 23422 of 11711 minor units" in each for each in told)
    assert any("is in more than one match" in each for each in told)


def test_a_match_whose_sides_differ_is_told(shop: Shop) -> None:
    shop.keep(MARCH)
    first = shop.tie(certain=True).matches[0]
    with shop.house.database.transaction() as tx:
        rows = tx.exec(select(MatchLinkRow).where(MatchLinkRow.group_id == first.id))
        link = next(each for each in rows if each.item)
        link.settled_minor -= 5
        tx.add(link)
    assert shop.broken() == [f"match {first.id} is off by 0.05 USD"]


def test_a_settlement_over_a_month_end_has_one_deposit_to_match(shop: Shop) -> None:
    shop.keep(HEADING + "2026-05-04,AMAZON 18273645546,47563.02,USD\n")
    done = shop.tie(certain=True, of="amazon-quickbooks")
    assert states(done) == [("accepted", "certain", 4)] or states(done) == [("accepted", "certain", 1)]
    assert [len(each.items) for each in done.matches] == [1] and done.open_entries == ()


def test_a_deposit_in_another_currency_is_proposed_with_its_rate_and_difference(shop: Shop) -> None:
    shop.keep("Date,Description,Amount,Currency\n2026-05-04,AMAZON 18273645546,61507.10,CAD\n")
    rules = Rules(rates={("USD", "CAD"): Rate(numerator=129, denominator=100, text="1.2900")})
    (match,) = shop.tie(certain=True, rules=rules, of="amazon-quickbooks").matches
    assert ("implied_rate", "1.293171", "within 2.50 % of 1.2900") in match.made.evidence
    assert (match.made.exchange, match.made.residual) == (6150710 - 6135630, 0)
    assert [(link.currency, link.amount, link.settled) for link in match.made.links] == [
        ("CAD", 6150710, 6150710),
        ("USD", 4756302, 6135630),
    ]
    assert shop.broken() == []


def test_748_97_dollars_are_968_56_canadian_ones_at_the_implied_rate_and_the_difference_is_told(shop: Shop) -> None:
    with shop.house.database.transaction() as tx:
        amazon = connection(tx, "amazon")
    pull_file(shop.house, amazon, FOREIGN)
    shop.keep(HEADING + "2026-05-01,AMAZON.COM MKTPLACE,968.56,CAD\n")
    rules = Rules(rates={("USD", "CAD"): Rate(numerator=129, denominator=100, text="1.2900")})
    (match,) = shop.tie(certain=True, rules=rules, of="amazon-quickbooks").matches
    assert (match.state, match.made.confidence, match.items) == ("proposed", "likely", ("payout|28471003777",))
    assert ("implied_rate", "1.293189", "within 2.50 % of 1.2900") in match.made.evidence
    assert match.made.exchange == 239
    accept(shop.house, match.id, by="Ada")
    assert shop.broken() == []


def test_a_weekend_that_arrives_as_one_deposit_is_one_match_of_several_payouts(shop: Shop) -> None:
    shop.keep(HEADING + "2026-03-18,SQUARE INC,387.04,USD\n2026-03-20,SQUARE INC,29.06,USD\n")
    found = [each for each in shop.tie().matches if len(each.items) == 2]
    assert [(each.made.rung, each.made.confidence) for each in found] == [(5, "likely")]
    accept(shop.house, found[0].id, by="Ada")
    assert shop.broken() == []


def test_a_payout_that_failed_is_not_waited_for_and_the_one_sent_again_is(shop: Shop) -> None:
    shop.keep(HEADING + "2026-03-18,SQUARE INC L260318000004,29.06,USD\n")
    done = shop.tie(certain=True)
    assert states(done) == [("accepted", "certain", 1)]
    assert sorted(entry.amount for entry in done.entries if entry.channel == "Square") == [2906, 11711, 26993]


def test_lines_of_another_rule_are_certain_once_the_owner_approves_it(shop: Shop) -> None:
    shop.keep(MARCH)
    rules = Rules(channels=(ChannelRule(name="Square", descriptors=("SQUARE INC",), latest=4, is_approved=True),))
    assert states(shop.tie(certain=True, rules=rules)) == [("accepted", "certain", 1), ("accepted", "certain", 2)]
    with shop.house.database.transaction() as tx:
        assert len(kept_matches(tx, shop.feed().id, "accepted")) == 2
