"""How far the limits on calls are used up, shared by all threads and processes: one conditional update a limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Integer,
    String,
    bindparam,
    case,
    column,
    select,
    table,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from connector.store.database import Database
from connector.transport.budget import Limit, exhausted, latest, micros, stopped, taken, used_up, waiting

# Written once and without the sessions of the other tables: this runs before every call to a provider.
_key, _slot, _tat = column("key", String()), column("slot", Integer()), column("tat", BigInteger())
_budget = table("budget", _key, _slot, _tat)


def _given(name: str) -> BindParameter[int]:
    """A whole number that comes with the call: microseconds are too many for a plain integer."""
    return bindparam(name, type_=BigInteger())


_of_key = _key == bindparam("of", type_=String())
_in_turn = select(_slot).where(_of_key).order_by(_tat, _slot)
_freest = _in_turn.limit(1).with_for_update(skip_locked=True).scalar_subquery()
_freest_in_time = _in_turn.limit(1).with_for_update().scalar_subquery()
_later = case((_tat > _given("at"), _tat), else_=_given("at")) + _given("interval")  # what `taken` says
_bearable = update(_budget).where(_of_key, _tat <= _given("latest")).values(tat=_later)
_MOVE_ONLY = _bearable.returning(_tat)
_MOVE_FREEST = _bearable.where(_slot == _freest).returning(_tat)
_MOVE_NEXT = _bearable.where(_slot == _freest_in_time).returning(_tat)  # where others hold every free slot
_FREE_FROM = select(_tat).where(_of_key).order_by(_tat).limit(1)
_RAISE = update(_budget).where(_of_key, _tat < _given("floor")).values(tat=_given("floor"))
_first = _given("floor") + _slot * _given("spacing")
_STOP = update(_budget).where(_of_key, _tat < _first).values(tat=_first)
_beyond = _in_turn.where(_tat <= _given("at")).offset(_given("remaining"))
_FILL = update(_budget).where(_of_key, _slot.in_(_beyond)).values(tat=_given("until"))


class StoredBudget:
    """Keeps budgets for transport. A call is taken from all its limits in one transaction, or from none."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta:
        """How long the call has to wait. Raises RetryLater where that is longer than PATIENCE."""
        in_turn = sorted(limits, key=lambda limit: limit.key)  # one order for all, so that no two wait for each other
        with self._engine.begin() as connection:
            return max(_take(connection, limit, now) for limit in in_turn)

    def learn(self, left: Sequence[tuple[Limit, int]], now: datetime) -> None:
        with self._engine.begin() as connection:
            for limit, remaining in sorted(left, key=lambda each: each[0].key):
                _learn(connection, limit, remaining, micros(now))

    def stop(self, limit: Limit, until: datetime) -> None:
        floor = stopped(limit, micros(until))
        with self._engine.begin() as connection:
            _lay_out(connection, limit)
            connection.execute(_STOP, {"of": limit.key, "floor": floor, "spacing": limit.spacing})


def _take(connection: Connection, limit: Limit, now: datetime) -> timedelta:
    at = micros(now)
    tat = _moved(connection, limit, at)
    if tat is None:
        _lay_out(connection, limit)
        tat = _moved(connection, limit, at, _MOVE_NEXT)
    if tat is None:
        refused = taken(limit, connection.execute(_FREE_FROM, {"of": limit.key}).scalar_one(), at)
        raise used_up(limit, now + timedelta(microseconds=waiting(limit, refused, at)))
    return timedelta(microseconds=waiting(limit, tat, at))


def _moved(
    connection: Connection, limit: Limit, at: int, of_several: ReturningUpdate[int] = _MOVE_FREEST
) -> int | None:
    """Moves the slot that is free first, where its wait is bearable: its new moment."""
    move = _MOVE_ONLY if limit.slots == 1 else of_several
    wanted = {"of": limit.key, "at": at, "interval": limit.interval, "latest": latest(limit, at)}
    return connection.execute(move, wanted).scalar()


def _learn(connection: Connection, limit: Limit, remaining: int, at: int) -> None:
    """Moves what is left by our own count, but not by the provider's, out of reach."""
    if limit.slots == 1:
        connection.execute(_RAISE, {"of": limit.key, "floor": exhausted(limit, remaining, at)})
    else:
        wanted = {"of": limit.key, "at": at, "remaining": remaining, "until": taken(limit, at, at)}
        connection.execute(_FILL, wanted)


def _lay_out(connection: Connection, limit: Limit) -> None:
    """The rows of a limit, those that are missing."""
    rows = [{"key": limit.key, "slot": slot, "tat": 0} for slot in range(limit.slots)]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(_budget).values(rows).on_conflict_do_nothing())
