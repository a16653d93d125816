"""A record of which a part has another shape than its provider says: the rest of it is read, and that part is named, so
that its own day waits for a person and everything else goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec

from connector.errors import Broken

MOST = 200  # parts of one record that may be unreadable
MOST_DIGITS = 15  # an amount of more is no amount
_NO_NUMBER = re.compile(r"[+-]?(s?nan\d*|inf(inity)?|[\d.]+e[+-]?\d+|\d{17,}.*)\Z", re.IGNORECASE)
_WHERE = re.compile(r" - at `\$(.*)`\Z")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
T = TypeVar("T", bound=msgspec.Struct)


def mended(
    body: bytes | msgspec.Raw, shape: type[T], *, json: Callable[[bytes | msgspec.Raw], object], strict: bool = True
) -> T:
    """The record without the parts that have another shape; its field `unread` names them. `json` reads the JSON as
    its source does. Raises Broken where nothing of it can be read, or a part is missing that it cannot do without."""
    try:
        found = json(body)
        unread: list[str] = []
        while len(unread) < MOST:
            try:
                record = msgspec.convert(found, shape, strict=strict)
            except msgspec.ValidationError as error:
                unread.append(_without(found, error))
            else:
                return msgspec.structs.replace(record, unread=tuple(unread)) if unread else record
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not a {shape.__name__}: {error}") from error
    raise Broken(f"not a {shape.__name__}: more than {MOST} of its parts cannot be read")


def without_no_numbers(told: object) -> object:
    """JSON in which what a computer takes for a number, and is no amount, stands as an empty list, which is none for
    certain; ids stay as they are."""
    if isinstance(told, dict):
        return {
            name: each if name.casefold().endswith("id") else without_no_numbers(each) for name, each in told.items()
        }
    if isinstance(told, list):
        return [without_no_numbers(each) for each in told]
    if isinstance(told, Decimal | int):
        return [] if abs(Decimal(told).adjusted()) > MOST_DIGITS else told
    return [] if isinstance(told, str) and _NO_NUMBER.match(told) else told


def _without(found: object, error: msgspec.ValidationError) -> str:
    """Takes the part out that the error is about, and names it; raises the error where that is all of the record."""
    where = _WHERE.search(str(error))
    steps: list[str | int] = [int(n) if n else name for name, n in _STEP.findall(where[1])] if where else []
    if not steps:
        raise error
    for step in steps[:-1]:
        found = found[step]  # type: ignore[index]
    del found[steps[-1]]  # type: ignore[attr-defined]
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
