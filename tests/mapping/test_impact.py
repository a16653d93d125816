"""What another decision changes: by account and month, with the tax in a line told by its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.domain.document import Document, Line
from connector.mapping.impact import net_of, past_differences

SALE = Document(
    key="square|M1|L1|sales|2026-03-14",
    mark="SQ-20260314-AAAAAA",
    date=date(2026, 3, 14),
    currency="GBP",
    kind="sales",
    narration="Square · sales",
    source_ref="2026-03-14",
    lines=(
        Line(role="clearing", account="Square Balance", amount=360_00),
        Line(role="sales", account="Square Sales", amount=-360_00, tax=-60_00, tax_code="OUTPUT2"),
    ),
)


def test_the_tax_in_a_line_stands_by_its_code_since_the_books_put_it_elsewhere() -> None:
    assert net_of([SALE]) == {
        ("Square Balance", "2026-03", "GBP"): 360_00,
        ("Square Sales", "2026-03", "GBP"): -300_00,
        ("tax OUTPUT2", "2026-03", "GBP"): -60_00,
    }


def test_a_posted_document_that_another_tax_code_would_have_changed_is_told() -> None:
    clearing, sold = SALE.lines
    other = replace(SALE, lines=(clearing, replace(sold, tax_code="RROUTPUT")))
    (told,) = past_differences([SALE], [other], frozenset({SALE.key}))
    assert told.accounts == (("tax OUTPUT2", 60_00), ("tax RROUTPUT", -60_00))
    assert past_differences([SALE], [SALE], frozenset({SALE.key})) == ()
