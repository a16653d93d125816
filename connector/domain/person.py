"""Persons: what each may do in which organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from connector.errors import Unreadable

MemberRole = Literal["owner", "admin", "accountant", "operator", "reader"]
Right = Literal["read", "note", "run", "decide", "manage", "own"]
Digest = Literal["off", "daily", "weekly"]

MEMBER_ROLES: tuple[MemberRole, ...] = get_args(MemberRole)
DIGESTS: tuple[Digest, ...] = get_args(Digest)
_RIGHTS: Mapping[MemberRole, frozenset[Right]] = {
    "owner": frozenset({"read", "note", "run", "decide", "manage"}),
    "admin": frozenset({"read", "note", "run", "decide", "manage"}),
    "accountant": frozenset({"read", "note", "run", "decide"}),
    "operator": frozenset({"read", "note", "run"}),
    "reader": frozenset({"read"}),
}
_WORDS: Mapping[Right, str] = {
    "read": "see it", "note": "assign, comment or mute", "run": "pull or post", "decide": "decide what goes where",
    "manage": "say who may do what", "own": "look after the installation: its owner does, without --as",
}  # fmt: skip


def roles_with(right: Right) -> tuple[MemberRole, ...]:
    """The roles that have the right."""
    return tuple(role for role, rights in _RIGHTS.items() if right in rights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Who looks: a person with a role in each organisation that it may see, or (no name) the owner of the installation,
    who may do everything."""

    person: str = ""
    roles: Mapping[str, MemberRole] = field(default_factory=dict)

    def hint(self, right: Right) -> str:
        """Where the person may do it, as the end of a sentence about what was not found; empty where it sees no more
        than that."""
        places = [organisation for organisation in self.roles if self.may(right, organisation)]
        return f" ({self.person} may {_WORDS[right]} in: {', '.join(places)}.)" if len(places) < len(self.roles) else ""

    def may(self, right: Right, organisation: str) -> bool:
        return not self.person or right in _RIGHTS.get(self.roles.get(organisation, "reader"), frozenset())

    def need(self, right: Right, organisation: str) -> None:
        """Raises Unreadable where the person may not do it."""
        if not self.may(right, organisation):
            role = self.roles.get(organisation, "nobody")
            raise Unreadable(f"{self.person} is {role} of {organisation}, and may not {_WORDS[right]}.")


EVERYTHING = Sight()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works here, and how notices arrive: blocking findings at once, the rest in a digest; by mail, by
    webhook, or both. `roles` by organisation."""

    name: str
    email: str = ""
    webhook: str = ""
    at_once: bool = True
    digest: Digest = "off"
    roles: Mapping[str, MemberRole] = field(default_factory=dict)
