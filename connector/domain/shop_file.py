"""What a person says of a shop beside its saved answers, in YAML: zones, currencies and closing hours of its places."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connector.domain.shop import Location, Shop, is_zone
from connector.domain.yaml_text import loaded
from connector.errors import Unreadable

MAX_CHARACTERS = 100_000
_PLACE = ("name", "zone", "currency", "closes_at")


def read_shop_file(text: str) -> Shop:
    """The shop that the text tells: `zone` for places that it does not name, and under `places` by the source's id of
    each its name, zone, currency and closes_at, all of them optional. Raises Unreadable in one sentence."""
    body = loaded(text, "The file of the shop is", MAX_CHARACTERS)
    fields = _fields(body, ("zone", "places"), "the file of the shop")
    places = fields.get("places") or {}
    if not isinstance(places, dict):
        raise Unreadable("In the file of the shop, places should hold ids, and under each what is said of it.")
    return Shop(
        zone=_zone(fields.get("zone", ""), "zone"),
        locations={str(name): _place(str(name), told) for name, told in places.items()},
    )


def _place(name: str, told: object) -> Location:
    where = f"places.{name}"
    fields = _fields(told, _PLACE, f"the file of the shop, {where}")
    hour = fields.get("closes_at", 0)
    if not isinstance(hour, int) or isinstance(hour, bool) or not 0 <= hour < 24:
        raise Unreadable(f"In the file of the shop, {where}.closes_at is {hour!r}; it should be an hour, 0 to 23.")
    currency = fields.get("currency", "")
    if not isinstance(currency, str) or not re.fullmatch("([A-Z]{3})?", currency):
        raise Unreadable(f"In the file of the shop, {where}.currency is {currency!r}; it should be one such as NZD.")
    return Location(
        source_id=name,
        name=str(fields.get("name") or ""),
        zone=_zone(fields.get("zone", ""), f"{where}.zone"),
        currency=currency,
        closes_at=hour,
    )


def _fields(told: object, names: tuple[str, ...], where: str) -> Mapping[str, object]:
    if not isinstance(told, dict):
        raise Unreadable(f"In {where}, there should be some of: {', '.join(names)}.")
    unknown = [str(name) for name in told if name not in names]
    if unknown:
        raise Unreadable(f"In {where}, {unknown[0]!r} is not known; there may be: {', '.join(names)}.")
    return told


def _zone(told: object, where: str) -> str:
    if told in ("", None):
        return ""
    if not isinstance(told, str) or not is_zone(told):
        raise Unreadable(f"In the file of the shop, {where} is {told!r}, which is no time zone such as Europe/Berlin.")
    return told
