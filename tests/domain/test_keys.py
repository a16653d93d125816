"""Keys and marks never change their form: books hold them for years."""

from __future__ import annotations

import re
from datetime import date

import pytest

from connector.domain.keys import business_key, canonical, digest, mark, part_mark, posting_key
from connector.errors import Broken

KEY = business_key(source="square", account="ML1", location="L7Q4", kind="sales", period="2026-11-19")


def named(**changes: object) -> str:
    fields: dict[str, object] = {
        "organisation": "Main Street", "connection": "quickbooks:1", "key": KEY, "version": 1, "digest": "d", "epoch": 0
    }  # fmt: skip
    return posting_key(**(fields | changes))  # type: ignore[arg-type]


def test_a_mark_is_readable_and_fits_quickbooks() -> None:
    made = mark(prefix="SQ", day=date(2026, 11, 19), organisation="Main Street", connection="q:1", key=KEY, version=1)
    assert made == "SQ-20261119-QWLFMC"
    assert re.fullmatch(r"SQ-20261119-[A-Z2-7]{6}", made)
    assert part_mark(made, "P1") == f"{made}-P1"
    assert part_mark(made, "") == made


def test_a_mark_that_quickbooks_would_cut_is_refused() -> None:
    with pytest.raises(Broken, match="longer than 21"):
        part_mark("SQ-20261119-7F3K2Q", "P100")


def test_the_posting_key_changes_with_whatever_is_sent_and_with_nothing_else() -> None:
    assert named() == named()
    assert re.fullmatch(r"p1[0-9a-f]{40}", named())
    changes: list[dict[str, object]] = [
        {"digest": "e"}, {"epoch": 1}, {"version": 2}, {"organisation": "Other"}, {"connection": "xero:1"}
    ]  # fmt: skip
    assert len({named(), *(named(**change) for change in changes)}) == 6


def test_the_parts_of_a_business_key_cannot_run_into_each_other() -> None:
    with pytest.raises(Broken, match="parts them"):
        business_key(source="square", account="a|b", location="", kind="sales", period="2026-11-19")


def test_a_payload_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": "e\u0301"}) == canonical({"a": "\u00e9", "b": 1})
    assert digest(canonical({"a": 1})) != digest(canonical({"a": 2}))


def test_a_payload_never_holds_a_binary_fraction() -> None:
    with pytest.raises(Broken, match="not float"):
        canonical({"amount": 0.1})
