"""Products told apart: as a rule the lines of a till bear their category; where a map decides a product by itself, its
lines bear its own name, and so do those of the other products of its category, which can then be seen to stray."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from connector.domain.account_map import AccountMap
from connector.domain.defaults import SourceDefaults
from connector.domain.shop import Product

_GOODS = frozenset({"sales", "refund"})  # the roles whose codes are products and categories


def decided_goods(maps: Iterable[AccountMap], defaults: SourceDefaults) -> frozenset[str]:
    """Every code of goods that one of the maps decides: products and categories alike."""
    kinds = {rule.kind for rule in defaults.kinds.values() if rule.role in _GOODS}
    return frozenset(code for each in maps for kind, code, *_ in (*each.codes, *each.places) if code and kind in kinds)


def told_apart(
    products: Mapping[str, Product], decided: Collection[str], known: Mapping[str, str]
) -> dict[str, Product]:
    """By the source's id: the products whose lines bear their own names. `known` gives the category of each name that
    was told apart before: a product that moved since, and that nobody decides, bears its new category again, for what
    is in the books keeps the old one. So does a product whose name others of other categories have."""
    categories = {each.category for each in products.values()}
    by_name = frozenset(decided) - categories
    mixed = {each.category for each in products.values() if each.name in by_name} - {""}
    if not by_name:
        return {}
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for each in products.values():
        homes[each.name].add(each.category)

    def is_apart(each: Product) -> bool:
        if each.name in by_name:
            return True
        is_sibling = bool(each.name) and each.category in mixed and each.name not in categories
        return is_sibling and len(homes[each.name]) == 1 and known.get(each.name, each.category) == each.category

    return {number: each for number, each in products.items() if is_apart(each)}


def categories_of(apart: Mapping[str, Product], known: Mapping[str, str]) -> dict[str, str]:
    """Name → category of everything that is, or was, told apart; what was known stays. A name in several categories
    has none."""
    found: dict[str, str] = {}
    for each in apart.values():
        found[each.name] = "" if found.get(each.name, each.category) != each.category else each.category
    return {**{name: category for name, category in found.items() if category}, **known}
