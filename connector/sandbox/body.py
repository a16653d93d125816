"""JSON bodies as the stand-ins keep them: numbers are int or Decimal, never float; unknown keys are kept."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

Body = dict[str, object]

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class NotJson(ValueError):
    """The bytes are not a JSON object."""


def decode(content: bytes) -> Body:
    """The JSON object in `content`; decimals arrive as Decimal with the digits as written. Raises NotJson."""
    try:
        value = _DECODER.decode(content)
    except msgspec.DecodeError as error:
        raise NotJson(str(error)) from error
    if not isinstance(value, dict):
        raise NotJson("expected a JSON object")
    return value


def encode(value: object) -> bytes:
    """`value` as JSON bytes; a Decimal becomes a JSON number with its own digits."""
    return _ENCODER.encode(value)


def text(body: Mapping[str, object], key: str) -> str:
    """The text under `key`; anything else, also a missing key, is the empty text."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def number(body: Mapping[str, object], key: str) -> Decimal | None:
    """The JSON number under `key`; None when it is missing, text, true or false."""
    value = body.get(key)
    if isinstance(value, bool):
        return None
    return Decimal(value) if isinstance(value, int | Decimal) else None


def child(body: Mapping[str, object], key: str) -> Body:
    """The object under `key`; an empty one when there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def children(body: Mapping[str, object], key: str) -> list[Body]:
    """The objects in the list under `key`; an empty list when there is none."""
    value = body.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
