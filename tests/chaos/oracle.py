"""What must hold when everything is over, asked of the books themselves: nothing twice, nothing lost, nothing stuck."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.errors import Rejected, Unreadable
from connector.store import outbox
from connector.store.invariants import breaches
from connector.store.postings import rejected
from connector.sync.drift import adopt, look, restore
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books
from connector.sync.post import post, post_again
from connector.sync.pull import pull
from tests.chaos.world import Books, World, feed_of, source_of, target_of, walk, world

TICKS = 30  # of twenty minutes each: longer than the longest wait between attempts
MOST_ATTEMPTS = 12
DONE = frozenset({"verified", "superseded", "voided"})
MOVING = ("planned", "sending", "unknown")
KEPT = ("record", "fact", "period", "bucket", "document", "line", "shelf", "allocation", "posting", "attempt")

Document = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fair:
    """What the books hold when nothing ever goes wrong."""

    documents: tuple[Document, ...]
    balances: Mapping[str, int]


@lru_cache
def fair(books: Books, *, is_changed: bool = False) -> Fair:
    """The run in fair weather; `is_changed` with what the shop changes later."""
    with TemporaryDirectory() as folder, world(books, Path(folder), "connected") as made:
        if is_changed:
            made.shop_changes()
            made.passes(minutes=1)
        assert not made.run()
        return Fair(documents=tuple(made.documents()), balances=made.balances())


def wrong_in_the_end(made: World, *, is_changed: bool = False) -> dict[str, list[str]]:
    """Heals, drains and checks everything: what is "doubled", "lost", "stuck" or "broken"; empty when all is well."""
    heal(made)
    stuck = drained(made)
    truth = fair(made.books, is_changed=is_changed)
    found = {
        "doubled": doubled(made),
        "stuck": stuck,
        "lost": off(made.balances(), truth.balances),
        "broken": [*broken(made), *written_again(made)],
    }
    return {what: names for what, names in found.items() if names}


def assert_all_well(made: World, *, is_changed: bool = False) -> None:
    found = wrong_in_the_end(made, is_changed=is_changed)
    assert found == {}, found


def heal(made: World) -> None:
    """Fair weather from now on: nothing dies, nothing is lost, the books are open."""
    made.hook = lambda point: None
    for weather in made.weather.values():
        weather.next_mishap = lambda scope: None
        weather.lag = timedelta(0)
        weather.waiting.clear()
    made.lock("")


def drained(made: World) -> list[str]:
    """Runs and the bookkeeper's own clicks until nothing waits; what still waits after so many ticks."""
    before: list[str] = []
    for tick in range(TICKS):
        made.passes(minutes=20)
        made.run(partial(_first, pulls=made.pulls) if tick == 0 else _next)
        waits = waiting(made)
        if not waits or (waits == before and not any(f" is {state}" in str(waits) for state in MOVING)):
            return waits
        before = waits
    return before


def _first(house: House, *, pulls: bool) -> None:
    """What a person does who wants it all as it was: opens it again where it was refused, and looks at the books."""
    if pulls:
        pull(house, source_of(house))
    read_books(house, feed_of(house), house.books(target_of(house)), afresh=True)
    _next(house)
    look(house, target_of(house), at_once=True)


def _next(house: House) -> None:
    """A run without a pull; what was refused is planned again, and what drifted is restored."""
    feed = feed_of(house)
    with house.database.transaction() as tx:
        refused = rejected(tx, feed.target.id)
        edited = [each.mark for each in outbox.unknown(tx, feed.target.id) if "drift adopt" in each.reason]
    for mark in edited:
        with suppress(Unreadable):  # what stood under the mark is gone again
            adopt(house, mark, by="Ada")
    with house.database.transaction() as tx:
        drifted = [each.mark for each in outbox.in_books(tx, feed.target.id) if each.state == "drifted"]
    for mark in drifted:
        with suppress(Rejected):  # changed once more since: told now, and restored the next time
            restore(house, mark, by="Ada")
    if refused:
        post_again(house, feed)
    journalize(house, feed_of(house))
    post(house, feed.target)


def _settled(house: House) -> None:
    """A last run, and a look at what the books made of it."""
    _next(house)
    look(house, target_of(house), at_once=True)


def waiting(made: World) -> list[str]:
    """What is on no shelf and not in the books for certain, or on a shelf where it should not be."""
    postings = [f"{mark} is {state}: {reason}" for mark, state, reason in rows_of(made, POSTINGS) if state not in DONE]
    shelves = [f"{key} is {state}: {code}" for key, state, code in rows_of(made, SHELVES) if state != "ignored"]
    return postings + shelves


POSTINGS = "select mark, state, reason from posting order by id"
SENT = """select mark, count(*) from posting join attempt on posting_id = id where outcome not like 'planned%'
          group by mark"""
"""What the books may have acted on; a call of which they said that they did nothing costs nothing."""
SHELVES = "select business_key, state, code from shelf order by id"


def doubled(made: World) -> list[str]:
    """Marks that the books hold more than once."""
    counts = Counter(mark for _, mark, _ in made.documents())
    return sorted(mark for mark, count in counts.items() if count > 1)


def off(is_: Mapping[str, int], should_be: Mapping[str, int]) -> list[str]:
    """Accounts that do not stand where they should."""
    names = sorted({*is_, *should_be})
    return [f"{n}: {is_.get(n, 0)}, not {should_be.get(n, 0)}" for n in names if is_.get(n, 0) != should_be.get(n, 0)]


def broken(made: World) -> list[str]:
    """Rules of the house's own database that do not hold, and what it thinks is in the books and is not."""
    with made.house() as house, house.database.transaction() as tx:
        target = target_of(house).id
        rules = [f"{number}: {', '.join(names)}" for number, names in breaches(tx, target, house.now()).items()]
        believed = {each.mark for each in outbox.in_books(tx, target)}
    held = {mark for _, mark, _ in made.documents()}
    return [
        *rules,
        *(f"{mark} is not in the books" for mark in sorted(believed - held)),
        *(f"{mark} stands in the books unknown" for mark in sorted(held - believed)),
        *(f"{mark} was sent {times} times" for mark, times in rows_of(made, SENT) if int(times) > MOST_ATTEMPTS),
    ]


def written_again(made: World) -> list[str]:
    """What one more run writes, once a run has seen that nothing waits: into the books, or into the database."""
    made.run(_settled)
    before, writes = state_hash(made), len(made.writes())
    made.run(walk if made.pulls else _next)
    found = [f"a second run wrote {each.method} {each.path}" for each in made.writes()[writes:]]
    return found + ([] if state_hash(made) == before else ["a second run changed the database"])


def state_hash(made: World) -> str:
    """Of all rows that say what happened and what is in the books."""
    hashed = hashlib.sha256()
    for table in KEPT:
        for row in rows_of(made, f"select * from {table}"):
            hashed.update(repr(row).encode())
    return hashed.hexdigest()


def rows_of(made: World, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(made.folder / "connector.db")) as database:
        return database.execute(query).fetchall()
