"""Tracking: options that the map names and the books do not have, or no longer."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.finding import Finding
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.homes import Home
from connector.mapping.checks.proposals import Fix, about
from connector.mapping.checks.wording import listed


def tracking_findings(audit: Audit) -> Iterator[Finding]:
    """Each option that lines would name and that is not open in the books."""
    there = {(category, option) for category, option, _ in audit.books.tracking}
    before = {(category, option) for books in audit.earlier for category, option, _ in books.tracking}
    wanted: dict[tuple[str, str], list[Home]] = {}
    for home in audit.homes:
        for named in home.place.tracking:
            wanted.setdefault(named, []).append(home)
    for (category, option), homes in sorted(wanted.items()):
        if (category, option) not in there:
            yield _finding(category, option, homes, (category, option) in before, audit)


def _finding(category: str, option: str, homes: list[Home], was_there: bool, audit: Audit) -> Finding:
    state = "is archived in the books" if was_there else "is not in the books"
    others = listed((each for name, each, _ in audit.books.tracking if name == category), most=5)
    choose = f"choose another ({others})" if others else "take it out of the account map"
    mend = "Make it active again in the books" if was_there else "Open it in the books"
    return about(
        "tracking_archived" if was_there else "tracking_missing",
        f"{category}|{option}",
        "blocking",
        f"{category} {option!r} {state}; lines of {listed(home.origin for home in homes)} name it.",
        Fix(f"{mend}, or {choose}."),
        homes,
    )
