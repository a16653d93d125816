"""Whether a map decides about what there is: slots and kinds of its source, and coverage that can be kept."""

from __future__ import annotations

from connector.domain.account_map import AccountMap, Coverage
from connector.domain.defaults import SLOTS, SourceDefaults
from connector.domain.facts import UNKNOWN
from connector.domain.map_file import TAXES
from connector.errors import Unreadable


def check_map(account_map: AccountMap, defaults: SourceDefaults) -> None:
    """Raises Unreadable where the map decides for a slot or a kind that nobody has: a typing mistake."""
    slots = {*defaults.accounts, *(rule.slot for rule in defaults.kinds.values()), *SLOTS}
    known = slots | {slot.partition(".")[0] for slot in slots}
    for slot in account_map.slots:
        if slot not in known and not slot.startswith("bank."):  # a place's or a currency's own bank account
            raise Unreadable(f"In the account map, {defaults.title} has no slot {slot!r}; it has {_listed(known)}.")
    for slot, coverage in account_map.coverage.items():
        _check_coverage(slot, coverage, known, defaults)
    kinds = {kind for kind, _ in defaults.kinds} | {UNKNOWN}
    for kind in (*(kind for kind, _ in account_map.codes), *(spot[0] for spot in account_map.places)):
        if kind not in kinds:
            raise Unreadable(f"In the account map, {defaults.title} has no kind {kind!r}; it has {_listed(kinds)}.")


def _check_coverage(slot: str, coverage: Coverage, known: set[str], defaults: SourceDefaults) -> None:
    names = known | {TAXES, UNKNOWN}
    if slot not in names:
        raise Unreadable(f"In the account map, coverage has no slot {slot!r}; it has {_listed(names)}.")
    if coverage.policy == "fall back" and bool(coverage.tax_code) != (slot == TAXES):
        what = "a tax_code" if slot == TAXES else "an account"
        raise Unreadable(f"In the account map, coverage.{slot} falls back to {what}.")
    if coverage.policy == "post" and (slot == TAXES or defaults.account(_proposing(slot)) is None):
        raise Unreadable(
            f"In the account map, coverage.{slot} cannot be post: {defaults.title} proposes nothing there. Say "
            "hold, or what to fall back to."
        )


def _proposing(slot: str) -> str:
    """The slot whose proposal takes what is posted for want of a decision."""
    return "adjustments" if slot == UNKNOWN else slot


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names - {""}))
