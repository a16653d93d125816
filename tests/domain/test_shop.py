"""A shop's places: which trading day a moment belongs to, and what is reckoned once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.shop import MOST_PLACES, Calendar, Location, Shop, is_zone

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(["America/New_York", "Pacific/Auckland", "Asia/Kathmandu", "UTC", "Australia/Lord_Howe"])


@given(
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes)), ZONES, st.integers(0, 6)
)
def test_the_trading_day_is_that_of_the_wall_clock_less_the_hours_after_midnight(
    moment: datetime, zone: str, closes_at: int
) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    expected = local.date() - timedelta(days=local.hour < closes_at)
    assert Calendar(zone, closes_at).day(moment) == expected
    assert Calendar(zone, closes_at).day(local) == expected


@pytest.mark.parametrize(("hour", "day"), [(4, 7), (5, 8), (23, 8), (28, 9)])
def test_a_day_on_which_the_clocks_change_has_its_own_length(hour: int, day: int) -> None:
    moment = datetime(2026, 3, 8, tzinfo=UTC) + timedelta(hours=hour)
    assert Calendar("America/New_York").day(moment) == date(2026, 3, day)


def test_a_zone_is_known_by_its_name() -> None:
    assert is_zone("Pacific/Auckland")
    assert not any(map(is_zone, ["Mars/Phobos", "", "../etc/passwd", "Europe"]))


def test_what_is_made_of_a_place_is_made_once_a_shop_and_anew_for_another() -> None:
    made: list[str] = []

    def make(shop: Shop, location: str) -> str:
        made.append(location)
        return shop.name_of(location)

    shop = Shop(locations={"A": Location(source_id="A", name="Main St", zone="UTC")})
    assert [shop.at("A", make), shop.at("A", make), shop.at("B", make)] == ["Main St", "Main St", "B"]
    assert made == ["A", "B"]
    renamed = shop.as_told(Shop(locations={"A": Location(source_id="A", name="High St", zone="")}))
    assert renamed.at("A", make) == "High St"


def test_what_is_kept_in_mind_of_places_has_a_bound() -> None:
    shop = Shop(zone="UTC")
    for number in range(2 * MOST_PLACES):
        shop.at(str(number), lambda _, location: location)
    assert len(shop._reckoned) <= MOST_PLACES
