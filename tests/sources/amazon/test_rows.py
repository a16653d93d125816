"""Rows as files really have them: broken over lines, stripped, with blank lines, cut off; and the way back."""

from __future__ import annotations

import io

import pytest

from connector.errors import Unreadable
from connector.sources.amazon.files import rows
from tests.sources.amazon.reports import V2, fact_of, kinds, report, row, summary, table

COUPON = row("CouponRedemptionFee/CouponRedemptionFee/Spring deal", "-0.60", sku="MUG-BLUE", promotion_id="P-1")
SALE = row("Order/ItemPrice/Principal", "20.00", sku='MUG 12" "BLUE', order_id="111-1", promotion_id="P-2")
CONTENT = report([SALE, COUPON, SALE])
EXPECTED = {"sales": 4000, "fee_coupons": -60}


def test_a_row_broken_anywhere_is_joined_again() -> None:
    start = CONTENT.index(b"\n", CONTENT.index(b"\n") + 1) + 1
    for at in range(start, len(CONTENT)):
        for feed in (b"\n", b"\r\n"):
            fact = fact_of(CONTENT[:at] + feed + CONTENT[at:])
            assert (kinds(fact), fact.problems) == (EXPECTED, ()), CONTENT[at - 5 : at + 5]


def test_a_row_broken_into_three_is_joined_again() -> None:
    fact = fact_of(CONTENT.replace(b"Spring deal", b"Spr\ning\n deal"))
    assert (kinds(fact), fact.problems) == (EXPECTED, ())


def test_a_summary_broken_in_two_is_joined_again() -> None:
    assert kinds(fact_of(CONTENT.replace(b"2026-04-18 20", b"2026-04-18\n 20", 1))) == EXPECTED


def test_a_repair_that_the_total_does_not_prove_is_named_in_the_problem() -> None:
    broken = report([SALE, COUPON], total="19.50").replace(b"Spring", b"Spr\ning")
    (problem,) = fact_of(broken).problems
    assert problem.code == "A1"
    assert "joined: 1" in problem.message


def test_rows_whose_empty_end_was_stripped_are_whole() -> None:
    lines = CONTENT.replace(b"P-1", b"").replace(b"P-2", b"").replace(b"\r", b"").split(b"\n")
    fact = fact_of(b"\n".join(line.rstrip(b"\t") for line in lines))
    assert (kinds(fact), fact.problems) == (EXPECTED, ())


def test_blank_lines_and_windows_line_ends_change_nothing() -> None:
    windows = CONTENT.replace(b"\n", b"\r\n")
    for content in (windows, CONTENT.replace(b"\n", b"\n\n  \n"), b"\n\n" + CONTENT + b"\n\n", CONTENT.rstrip(b"\n")):
        assert fact_of(content) == fact_of(CONTENT)


def test_an_amount_in_the_last_column_is_read_with_any_line_end() -> None:
    columns = [*(name for name in V2 if name != "amount"), "amount"]
    for end in ("\n", "\r\n"):
        assert kinds(fact_of(table([summary("39.40"), SALE, COUPON, SALE], columns, end))) == EXPECTED


def test_a_double_quote_is_data() -> None:
    unbalanced = row("Order/ItemPrice/Principal", "20.00", sku='"12 inch')
    assert kinds(fact_of(report([unbalanced, COUPON, SALE]))) == EXPECTED


def test_a_row_with_too_many_columns_is_refused_unless_they_are_empty() -> None:
    assert kinds(fact_of(CONTENT.replace(b"\tP-1", b"\tP-1\t\t"))) == EXPECTED
    with pytest.raises(Unreadable, match="has 25 columns where the header has 24"):
        fact_of(CONTENT.replace(b"\tP-1", b"\tP-1\tmore"))


def test_a_file_cut_off_within_a_row_is_refused() -> None:
    for lost in (b"111-1", b"20.00", b"2026-04-20 10"):
        cut = CONTENT[: CONTENT.rindex(lost) + 1]
        with pytest.raises(Unreadable, match=r"it is cut off: it ends within a row|'2' in it is not a date"):
            fact_of(cut)


def test_wherever_a_file_is_cut_off_its_money_is_whole_or_it_is_not_taken() -> None:
    last = CONTENT.rindex(b"\n", 0, -1) + 1
    for at in range(last, len(CONTENT)):
        try:
            fact = fact_of(CONTENT[:at])
        except Unreadable:
            continue
        assert fact.problems or fact == fact_of(CONTENT)


def test_a_file_cut_off_between_rows_is_held() -> None:
    lines = CONTENT.splitlines(keepends=True)
    assert [problem.code for problem in fact_of(b"".join(lines[:-1])).problems] == ["A1"]


def test_each_movement_leads_back_to_its_row() -> None:
    nothing = row("Order/ItemPrice/Tax", "0.00")
    content = report([SALE, nothing, COUPON, SALE]).replace(b"Spring", b"Spr\ning")
    found = dict(rows(io.BytesIO(content), frozenset({1, 2})))
    assert list(found) == [1, 2]
    assert "Spring deal\t-0.60" in found[1]
    assert 'MUG 12" "BLUE' in found[2]
    assert list(rows(io.BytesIO(content), frozenset())) == []


def test_lines_that_never_make_a_row_are_refused_soon() -> None:
    with pytest.raises(Unreadable, match="cannot be put together to rows"):
        fact_of(CONTENT + b"x\n" * 100_000)
