"""A map written and read again decides the same, and is always the same bytes."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.account_map import HOLD, AccountMap, Coverage, Exchange, Placement
from connector.domain.map_file import read_map
from connector.domain.map_writing import MapChange, map_changes, written_map

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
PLACEMENTS = st.builds(
    Placement,
    role=st.sampled_from(["", "clearing", "sales"]),
    side=st.sampled_from(["", "debit", "credit"]),
    account=WORDS,
    number=st.one_of(st.just(""), WORDS),
    tax_code=st.one_of(st.just(""), WORDS),
    tracking=st.dictionaries(WORDS, WORDS, max_size=2).map(lambda options: tuple(sorted(options.items()))),
)
MAPS = st.builds(
    AccountMap,
    slots=st.dictionaries(WORDS, PLACEMENTS, max_size=3),
    codes=st.dictionaries(st.tuples(WORDS, st.one_of(st.just(""), WORDS)), PLACEMENTS, max_size=3),
    places=st.dictionaries(
        st.tuples(WORDS, st.one_of(st.just(""), WORDS), WORDS, st.one_of(st.just(""), WORDS)), PLACEMENTS, max_size=2
    ),
    coverage=st.dictionaries(
        WORDS,
        st.one_of(
            st.sampled_from([HOLD, Coverage(policy="post")]),
            st.builds(Coverage, policy=st.just("fall back"), account=WORDS, number=st.one_of(st.just(""), WORDS)),
        ),
        max_size=2,
    ),
    taxes=st.dictionaries(WORDS, WORDS, max_size=3),
    locations=st.dictionaries(WORDS, st.just((("Location", "Main St"),)), max_size=2),
    exchange=st.one_of(
        st.none(),
        st.builds(
            Exchange,
            home=st.just("CAD"),
            rates=st.dictionaries(st.tuples(st.just("USD"), st.dates(min_value=date(1900, 1, 1))), st.just("1.2900")),
            deposits=st.dictionaries(WORDS, st.integers(-(10**9), 10**9), max_size=2),
            clearing=st.sampled_from(["home", "foreign"]),
        ),
    ),
    country=st.sampled_from(["", "US", "NO"]),
)


@given(MAPS)
def test_a_map_that_is_written_and_read_again_decides_the_same(account_map: AccountMap) -> None:
    text = written_map(account_map)
    again = read_map(text)
    assert again == account_map
    assert written_map(again) == text


@given(MAPS)
def test_a_map_does_not_differ_from_itself(account_map: AccountMap) -> None:
    assert map_changes(account_map, read_map(written_map(account_map))) == ()


def test_what_differs_is_named_with_what_it_was_and_is() -> None:
    before = AccountMap(slots={"bank": Placement(account="Checking")}, taxes={"VAT 20%": "OUTPUT2"})
    after = AccountMap(slots={"bank": Placement(account="Savings", number="1010")}, country="GB")
    assert map_changes(before, after) == (
        MapChange(place="books.country", before="", after="GB"),
        MapChange(place="slots.bank", before="account Checking", after="account Savings, number 1010"),
        MapChange(place="taxes.VAT 20%", before="OUTPUT2", after=""),
    )


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    decided = AccountMap(slots={"bank": Placement(account="No", number="0123")}, taxes={"2026-01-01": "yes"})
    assert read_map(written_map(decided)) == decided


def test_a_map_without_decisions_is_an_empty_text() -> None:
    assert written_map(AccountMap()) == ""
