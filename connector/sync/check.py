"""Check: what must hold at any time, asked of the database each hour and before anything is sent.

A rule that is broken stops posting for the connection concerned, and for no other, until it holds again; why is shown
as a finding of that connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.domain.finding import Finding
from connector.errors import Rejected
from connector.store.connection_findings import keep_connection_findings
from connector.store.feeds import Connection
from connector.store.invariants import ALARMS, alarms, breaches
from connector.sync.house import House

BROKEN = "invariant_broken"

MEANS: Mapping[str, str] = {
    "I1": "money is not in exactly one place",
    "I3": "documents do not balance",
    "I5": "a clearing account is not the sum of what is open on it",
    "I6": "a payout is not the sum of its entries",
    "I9": "a mark stands twice",
    "I10": "documents count as posted that have no id in the books",
    "I14": "a stream claims to be read further than it can be",
    "I16": "a payment is allocated beyond its amount",
    "I17": "a bank line is matched twice",
    "I26": "nothing was read for too long",
    "late": "a schedule has not come to a good end for too long",
}

MENDS: Mapping[str, str] = {"I5": "connector drift look proves it anew, beside what the books hold now"}
"""What mends a rule by itself, where something does; the others are said in docs/decisions/0010."""


def check(house: House, connection: Connection) -> dict[str, list[str]]:
    """The rules that are broken for a target connection, by number, each with the first names; empty when all is well.

    Findings are kept as they now stand: what holds again is closed, and posting goes on by itself."""
    with house.database.transaction(of=connection.id) as tx:
        found = breaches(tx, connection.id, house.now()) | alarms(tx, connection.id, house.now())
        findings = [_finding(connection, number, names) for number, names in found.items()]
        keep_connection_findings(tx, connection.id, BROKEN, findings, house.now())
    return found


def require_sound(house: House, connection: Connection) -> None:
    """Raises Rejected where a rule is broken for these books: nothing may be sent into them."""
    found = {number: names for number, names in check(house, connection).items() if number not in ALARMS}
    if found:
        said = "; ".join(_said(number, names) for number, names in found.items())
        raise Rejected(f"Nothing is sent into {connection.title or connection.name} until this is mended. {said}.")


def _finding(connection: Connection, number: str, names: Sequence[str]) -> Finding:
    if number in ALARMS:
        return Finding(
            code=BROKEN,
            subject=number,
            severity="warning",
            message=f"{connection.title or connection.name}: {_means(number)} ({', '.join(names)}).",
            fix="connector runs --trouble says why; is connector serve, or a scheduler, running?",
        )
    mends = MENDS.get(number)
    return Finding(
        code=BROKEN,
        subject=number,
        severity="blocking",
        message=f"{connection.title or connection.name}: {_means(number)} ({', '.join(names)}). Nothing is sent there.",
        fix=f"{mends or 'See docs/decisions/0010'}; connector check asks again, and posting goes on once it holds.",
    )


def _said(number: str, names: Sequence[str]) -> str:
    mends = f", {MENDS[number]}" if number in MENDS else ""
    return f"{number}: {_means(number)} ({', '.join(names)}){mends}"


def _means(number: str) -> str:
    return MEANS.get(number, f"rule {number} is broken")
