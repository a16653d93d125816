"""The bench's generated books, smaller: right nearly always, wrong hardly ever, and never wrong and certain."""

from __future__ import annotations

import pytest

from bench.matching import generate, scored
from connector.reconcile.matching.ladder import match


@pytest.mark.parametrize("seed", [11, 12])
def test_nearly_every_line_is_right_and_nothing_wrong_is_certain(seed: int) -> None:
    books = generate(seed, 1_500)
    found = match(books.lines, books.entries, books.rules)
    score = scored(books, found)
    assert score.lines == 1_500
    assert score.right * 100 >= 97 * score.lines
    assert score.wrong * 200 <= score.lines
    assert score.wrong_certain == 0
    assert sum(each.confidence == "certain" for each in found.proposals) > 100


def test_no_line_and_no_entry_is_in_two_matches() -> None:
    books = generate(13, 1_000)
    found = match(books.lines, books.entries, books.rules)
    lines = [name for each in found.proposals for name in each.lines]
    entries = [name for each in found.proposals for name in each.entries]
    assert len(lines) == len(set(lines)) > 900
    assert len(entries) == len(set(entries))
    assert set(entries).isdisjoint(found.open_entries)
    assert len(lines) + len(found.waiting) == len(books.lines)


def test_every_match_but_a_write_off_is_exact() -> None:
    books = generate(14, 1_000)
    paid = {each.line_id: each.amount for each in books.lines}
    due = {each.entry_id: each.amount - each.fee for each in books.entries}
    for each in match(books.lines, books.entries, books.rules).proposals:
        assert sum(paid[name] for name in each.lines) == sum(due[name] for name in each.entries), each
