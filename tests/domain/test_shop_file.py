"""What a person says of a shop's places: it goes before what the source says, and mistakes are one sentence."""

from __future__ import annotations

import pytest

from connector.domain.shop import Location, Shop
from connector.domain.shop_file import read_shop_file
from connector.errors import Unreadable

KNOWN = Shop(locations={"P": Location(source_id="P", name="Pier", zone="Europe/Berlin", currency="EUR", closes_at=2)})


def test_what_is_said_of_a_place_goes_before_what_the_source_says_and_the_rest_stays() -> None:
    said = KNOWN.as_told(read_shop_file("zone: Europe/Rome\nplaces: {P: {closes_at: 4}, Q: {zone: Asia/Tokyo}}"))
    assert said.locations["P"] == Location(
        source_id="P", name="Pier", zone="Europe/Berlin", currency="EUR", closes_at=4
    )
    assert (said.zone_of("Q"), said.zone_of("elsewhere"), said.name_of("Q")) == ("Asia/Tokyo", "Europe/Rome", "Q")


def test_an_empty_word_changes_nothing() -> None:
    assert KNOWN.as_told(read_shop_file("places: {P: {}}")) == KNOWN


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- P", "there should be some of: zone, places"),
        ("zone: Mars/Base", "zone is 'Mars/Base', which is no time zone"),
        ("zone: 5", "zone is 5, which is no time zone"),
        ("zones: UTC", "'zones' is not known; there may be: zone, places."),
        ("places: [P]", "places should hold ids"),
        ("places: {P: {closes_at: 24}}", "places.P.closes_at is 24; it should be an hour"),
        ("places: {P: {closes_at: true}}", "places.P.closes_at is True"),
        ("places: {P: {currency: nzd}}", "places.P.currency is 'nzd'"),
        ("places: {P: {zone: ../etc}}", "places.P.zone is '../etc'"),
        ("places: {P: 4}", "places.P, there should be some of: name"),
        ("places: {P: {}, P: {}}", "'P' stands twice"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_place(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_shop_file(text)
    assert sentence in str(wrong.value) and "\n" not in str(wrong.value)
