"""What is known is not added again, and what is new is never taken for known."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.statement import StatementLine
from connector.reconcile.statements.identity import Import, KeyedLine, compare_lines, keyed_lines

DAY = date(2026, 3, 14)


def line(
    text: str = "COFFEE", amount: int = -450, bank_id: str = "", day: date = DAY, is_booked: bool = True
) -> StatementLine:
    return StatementLine(
        number=1, date=day, amount=amount, currency="USD", text=text, bank_id=bank_id, is_booked=is_booked
    )  # fmt: skip


def imported(known: list[KeyedLine], *lines: StatementLine) -> Import:
    found = compare_lines("Checking", known, lines)
    known += found.new
    return found


def test_two_equal_coffees_of_a_day_stay_two_and_come_once() -> None:
    known: list[KeyedLine] = []
    assert len(imported(known, line(), line()).new) == 2
    again = imported(known, line(), line())
    assert (len(again.new), len(again.seen)) == (0, 2)
    assert len({each.key for each in known}) == 2


def test_a_third_equal_coffee_later_that_day_is_new() -> None:
    known: list[KeyedLine] = []
    imported(known, line(), line())
    assert len(imported(known, line(), line(), line()).new) == 1


def test_equal_lines_with_ids_of_their_own_are_two_even_in_files_of_their_own() -> None:
    known: list[KeyedLine] = []
    imported(known, line(bank_id="A"))
    assert len(imported(known, line(bank_id="B")).new) == 1
    assert len(imported(known, line(bank_id="B"), line(bank_id="A")).seen) == 2


def test_an_id_given_to_different_lines_of_a_file_counts_for_nothing() -> None:
    known: list[KeyedLine] = []
    imported(known, line("A", bank_id="0"), line("B", bank_id="0"))
    again = imported(known, line("B", bank_id="0"))
    assert (len(again.new), len(again.seen), len(again.edited)) == (0, 1, 0)
    assert len(imported(known, line("C", bank_id="0")).new) == 1


def test_an_id_given_twice_on_one_day_counts_for_nothing_though_another_day_bears_it_too() -> None:
    known: list[KeyedLine] = []
    imported(known, line(bank_id="0", day=DAY + timedelta(1)))
    first = imported(known, line(), line(bank_id="0"), line(bank_id="0"))
    assert (len(first.new), len(first.edited)) == (3, 0)
    assert len(imported(known, line(), line(bank_id="0"), line(bank_id="0")).seen) == 3


def test_a_line_that_the_bank_edits_is_flagged_and_the_known_one_kept() -> None:
    known: list[KeyedLine] = []
    imported(known, line("SQ *CAFE", bank_id="A"), line("RENT", -100000, "B"))
    found = imported(known, line("SQUARE CAFE INC", bank_id="A"), line("RENT", -100000, "B"))
    (edited,) = found.edited
    assert (edited.before.text, edited.after.text, edited.key) == ("SQ *CAFE", "SQUARE CAFE INC", known[0].key)
    assert (len(found.new), len(found.seen), len(known)) == (0, 1, 2)


def test_a_changed_amount_or_day_is_an_edit_but_an_id_on_a_wholly_other_line_is_used_again() -> None:
    known: list[KeyedLine] = []
    imported(known, line(bank_id="A"))
    assert len(imported(known, line(amount=-460, bank_id="A")).edited) == 1
    assert len(imported(known, line(day=DAY + timedelta(1), bank_id="A")).edited) == 1
    assert len(imported(known, line("OTHER", -1, "A", DAY + timedelta(9))).new) == 1
    assert len({each.key for each in known}) == 2


def test_spaces_and_small_letters_are_no_edit() -> None:
    known: list[KeyedLine] = []
    imported(known, line("SQUARE  Inc.", bank_id="A"), line("Coffee shop"))
    assert len(imported(known, line("square inc", bank_id="A"), line("COFFEE-SHOP")).seen) == 2


def test_a_line_known_without_an_id_is_known_again_when_the_bank_names_it() -> None:
    known: list[KeyedLine] = []
    imported(known, line())
    assert len(imported(known, line(bank_id="A")).seen) == 1


def test_an_announced_line_is_not_kept() -> None:
    known: list[KeyedLine] = []
    assert len(imported(known, line(is_booked=False)).announced) == 1
    assert known == []


def test_keys_are_of_their_account() -> None:
    assert keyed_lines("Checking", [line()])[0].key != keyed_lines("Savings", [line()])[0].key


HISTORY = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["COFFEE", "RENT"]), st.sampled_from([-450, 100])), max_size=25
)
RANGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8)


def ranged(history: list[StatementLine], first: int, last: int) -> list[StatementLine]:
    """The lines of whole days, as a bank's file holds them."""
    return [each for each in history if each.date and first <= (each.date - DAY).days <= last]


def check_overlaps(history: list[StatementLine], ranges: list[tuple[int, int]]) -> None:
    known: list[KeyedLine] = []
    covered: set[int] = set()
    for first, last in ranges:
        found = imported(known, *ranged(history, first, last))
        assert not found.edited
        covered |= set(range(first, last + 1))
        wanted = [each for day in covered for each in ranged(history, day, day)]
        assert Counter(each.line for each in known) == Counter(wanted)
    assert len({each.key for each in known}) == len(known)


@given(history=HISTORY, ranges=RANGES)
def test_overlapping_files_without_ids_never_double_and_never_lose_a_line(
    history: list[tuple[int, str, int]], ranges: list[tuple[int, int]]
) -> None:
    check_overlaps([line(text, amount, day=DAY + timedelta(day)) for day, text, amount in history], ranges)


@given(history=HISTORY, ranges=RANGES)
def test_overlapping_files_with_ids_never_double_and_never_lose_a_line(
    history: list[tuple[int, str, int]], ranges: list[tuple[int, int]]
) -> None:
    lines = [
        line(text, amount, f"ID{number}", DAY + timedelta(day)) for number, (day, text, amount) in enumerate(history)
    ]
    check_overlaps(lines, ranges)


@given(history=HISTORY, ranges=RANGES, ids=st.lists(st.sampled_from(["", "0", "1", "X"]), min_size=25, max_size=25))
def test_whatever_the_ids_no_line_comes_twice_and_none_vanishes_unseen(
    history: list[tuple[int, str, int]], ranges: list[tuple[int, int]], ids: list[str]
) -> None:
    """With ids used at random a line may be flagged for a person, but it is always in exactly one place."""
    lines = [
        line(text, amount, bank_id, DAY + timedelta(day))
        for (day, text, amount), bank_id in zip(history, ids, strict=False)
    ]
    known: list[KeyedLine] = []
    for first, last in ranges:
        part = ranged(lines, first, last)
        found = imported(known, *part)
        assert len(found.new) + len(found.seen) + len(found.edited) == len(part)
        assert not Counter(each.line for each in known) - Counter(lines)
        assert not imported(known, *part).new
    assert len({each.key for each in known}) == len(known)
