"""Which column of a table is what: by the words of its header, by a known profile, or as somebody says."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from connector.errors import Unreadable
from connector.reconcile.statements.reading import Reading

_LOOK = 80  # rows above the header
_ROLES = {
    "date", "value_date", "amount", "debit", "credit", "direction", "balance", "text", "counterparty", "reference",
    "bank_id", "currency", "account", "kind", "status",
}  # fmt: skip
_MANY = {"text", "reference"}  # several columns may say it


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each role stands, from which row on; `is_inverse` where money out is positive."""

    at: Mapping[str, tuple[int, ...]]
    first_row: int
    is_inverse: bool
    profile: str
    preamble: tuple[tuple[str, ...], ...] = ()
    header: tuple[str, ...] = ()

    def cell(self, row: Sequence[str], role: str) -> str:
        """The text of a role in a row; several columns of one role are joined."""
        return " ".join(row[at].strip() for at in self.at.get(role, ()) if at < len(row)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    name: str
    is_inverse: bool
    headers: frozenset[str]


def find_columns(table: list[list[str]], reading: Reading) -> Columns | None:
    """The first row that names a day and an amount; None where there is none.

    `profile` is a name, or columns by header or number: "date=1,amount=4,text=Details,sign=inverse". Raises
    Unreadable for a profile that does not exist."""
    if "=" in reading.profile:
        return _as_said(table, reading.profile)
    named = _named(reading.profile) if reading.profile else None
    for number, row in enumerate(table[:_LOOK]):
        header = [normal_header(cell) for cell in row]
        at = _roles(header)
        if "date" in at and at.keys() & {"amount", "debit", "credit"}:
            profile = named or _by_signature(header)
            return Columns(
                at=at,
                first_row=number + 1,
                is_inverse=profile.is_inverse,
                profile=profile.name,
                preamble=tuple(tuple(each) for each in table[:number]),
                header=tuple(row),
            )
    return None


def normal_header(cell: str) -> str:
    """A header's words: small, without accents, brackets and marks."""
    plain = unicodedata.normalize("NFKD", cell.casefold().replace("ø", "o").replace("ß", "ss"))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(re.findall(r"[a-z0-9.]+", letters))


def _roles(header: list[str]) -> dict[str, tuple[int, ...]]:
    """Each role at the column whose header stands first in the vocabulary. A column that is the day is nothing else."""
    at: dict[str, tuple[int, ...]] = {}
    taken: set[int] = set()
    for role, words in _vocabulary().items():
        found = [index for word in words for index, cell in enumerate(header) if cell == word and index not in taken]
        if found:
            at[role] = tuple(dict.fromkeys(found)) if role in _MANY else (found[0],)
            taken.update(at[role])
    return at


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = {}
    for row in _table("headers.csv"):
        words.setdefault(row["role"], []).append(row["header"])
    return {role: tuple(found) for role, found in words.items()}


@cache
def _profiles() -> tuple[_Profile, ...]:
    return tuple(
        _Profile(
            name=row["name"],
            is_inverse=row["sign"] == "inverse",
            headers=frozenset(filter(None, row["headers"].split("|"))),
        )
        for row in _table("profiles.csv")
    )


def _table(name: str) -> list[dict[str, str]]:
    text = files("connector.reconcile.statements").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _named(name: str) -> _Profile:
    found = next((profile for profile in _profiles() if profile.name == name), None)
    if found is None:
        known = ", ".join(profile.name for profile in _profiles())
        raise Unreadable(f"there is no profile {name!r}; there are {known}, and columns such as date=1,amount=4,text=5")
    return found


def _by_signature(header: list[str]) -> _Profile:
    """The profile whose whole header is there; a plain bank account where none is."""
    cells = set(header)
    fitting = [profile for profile in _profiles() if profile.headers and profile.headers <= cells]
    return max(fitting, key=lambda profile: len(profile.headers), default=_profiles()[0])


def _as_said(table: list[list[str]], said: str) -> Columns | None:
    """Columns as somebody names them. With numbers only, the table has no header."""
    named: dict[str, str] = {}
    for part in said.split(","):
        role, _, column = part.partition("=")
        named[role.strip()] = column.strip()
    sign = named.pop("sign", "plain")
    if wrong := [role for role in named if role not in _ROLES] or ["sign"] * (sign not in ("plain", "inverse")):
        raise Unreadable(f"a profile has no {wrong[0]}; it has sign=plain, sign=inverse, {', '.join(sorted(_ROLES))}")
    is_inverse = sign == "inverse"
    if all(column.isdecimal() and 0 < int(column) <= len(max(table, key=len, default=[])) for column in named.values()):
        at = {role: (int(column) - 1,) for role, column in named.items()}
        return Columns(at=at, first_row=0, is_inverse=is_inverse, profile=said)
    for number, row in enumerate(table[:_LOOK]):
        header = [normal_header(cell) for cell in row]
        if all(normal_header(column) in header for column in named.values()):
            at = {role: (header.index(normal_header(column)),) for role, column in named.items()}
            return Columns(at=at, first_row=number + 1, is_inverse=is_inverse, profile=said, header=tuple(row))
    return None
