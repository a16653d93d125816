"""A change of the account map: decisions that take the place of others, and nothing else of the map touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from connector.domain.account_map import AccountMap, Placement

_K = TypeVar("_K")


def changed(account_map: AccountMap, change: AccountMap) -> AccountMap:
    """The map with every decision of the change in the place of its own; an empty one takes the decision out."""
    return replace(
        account_map,
        slots=_placed(account_map.slots, change.slots),
        codes=_placed(account_map.codes, change.codes),
        taxes={code: to for code, to in {**account_map.taxes, **change.taxes}.items() if to},
        locations={place: to for place, to in {**account_map.locations, **change.locations}.items() if to},
    )


def _placed(decided: Mapping[_K, Placement], change: Mapping[_K, Placement]) -> dict[_K, Placement]:
    return {name: to for name, to in {**decided, **change}.items() if to != Placement()}
