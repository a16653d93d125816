"""A document that does not balance cannot exist."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.document import Document, Line
from connector.domain.notation import written
from connector.errors import Broken


def document(*lines: Line) -> Document:
    return Document(
        key="square|ML1|L1|sales|2026-11-19",
        mark="SQ-20261119-7F3K2Q",
        date=date(2026, 11, 19),
        currency="USD",
        kind="sales",
        narration="Square · Main St · sales",
        source_ref="2026-11-19",
        lines=lines,
    )


def line(amount: int, account: str = "Checking", **more: str) -> Line:
    return Line(role="bank", account=account, amount=amount, **more)  # type: ignore[arg-type]


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=8))
def test_an_unbalanced_document_is_refused_with_the_difference(amounts: list[int]) -> None:
    if sum(amounts):
        with pytest.raises(Broken, match="debits and credits differ by"):
            document(*map(line, amounts))
    else:
        assert document(*map(line, amounts)).debits == sum(amount for amount in amounts if amount > 0)


def test_one_line_is_no_document() -> None:
    with pytest.raises(Broken, match="two lines"):
        document(line(0))


def test_a_line_has_a_role_and_an_account_of_the_closed_list() -> None:
    with pytest.raises(Broken, match="not a role"):
        Line(role="misc", account="Checking", amount=1)  # type: ignore[arg-type]
    with pytest.raises(Broken, match="without an account"):
        Line(role="bank", account="", amount=1)


@pytest.mark.parametrize("tax", [101, -1])
def test_tax_is_part_of_the_amount_it_stands_in(tax: int) -> None:
    with pytest.raises(Broken, match="not contained"):
        Line(role="sales", account="Sales", amount=100, tax=tax)


def test_the_notation_aligns_amounts_and_leaves_zero_lines_out() -> None:
    text = written(document(line(41260, "Square Balance"), line(-41260, "Sales"), line(0, "Square Sales Tax")))
    assert text == (
        "2026-11-19  Square · Main St · sales  [SQ-20261119-7F3K2Q]  USD\n"
        "  Dr  Square Balance        412.60\n"
        "  Cr  Sales                 412.60\n"
    )
