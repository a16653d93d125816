"""The query language: select from one list, conditions joined by and, order, and pages from position 1."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connector.sandbox.body import Body
from connector.sandbox.quickbooks.refusals import Refused, bad_query

_DEFAULT_RESULTS = 100
_MOST_RESULTS = 1000
_NOT_FILTERABLE = frozenset({"PrivateNote", "Line", "Description", "TxnTaxDetail"})
_WITH_ACTIVE = frozenset({"Account", "Customer", "Vendor", "Department", "Class", "TaxCode", "TaxRate", "Item"})

_TOKEN = re.compile(
    r"\s*(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<word>[A-Za-z0-9_.*%+:-]+)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))", re.DOTALL
)

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field, an operator in capitals, and the values it is compared with."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query; `start` counts from 1."""

    kind: str
    counts: bool
    conditions: tuple[Condition, ...]
    order_by: str
    descending: bool
    start: int
    most: int


def run_query(query: Query, bodies: Iterable[Body]) -> Body:
    """The QueryResponse for `query` over every body of its kind."""
    conditions = query.conditions
    if query.kind in _WITH_ACTIVE and all(condition.field != "Active" for condition in conditions):
        conditions = (*conditions, Condition(field="Active", operator="=", values=("true",)))
    found = [body for body in bodies if all(_holds(condition, body) for condition in conditions)]
    if query.counts:
        return {"totalCount": len(found)}
    found.sort(key=lambda body: _comparable(_value(body, query.order_by)), reverse=query.descending)
    page = found[query.start - 1 : query.start - 1 + query.most]
    return {query.kind: page, "startPosition": query.start, "maxResults": len(page)} if page else {}


def parse_query(statement: str, kinds: Iterable[str]) -> Query:
    """The query that `statement` writes, over one of `kinds`. Raises Refused (4000 syntax, 4001 not allowed)."""
    words = _Words(statement)
    words.take("SELECT")
    counts = words.take_columns()
    words.take("FROM")
    known = {kind.lower(): kind for kind in kinds}
    name = words.next()
    if name.lower() not in known:
        raise Refused(bad_query(f"Invalid context declaration: {name}", "4001"))
    conditions = words.take_conditions() if words.comes("WHERE") else ()
    order_by, descending = words.take_order() if words.comes("ORDERBY") else ("Id", False)
    start = words.take_position() if words.comes("STARTPOSITION") else 1
    most = words.take_position() if words.comes("MAXRESULTS") else _DEFAULT_RESULTS
    words.end()
    if most > _MOST_RESULTS:
        raise Refused(bad_query(f"value {most} is too large. Max allowed value is {_MOST_RESULTS}", "4001"))
    return Query(
        kind=known[name.lower()], counts=counts, conditions=conditions, order_by=order_by, descending=descending,
        start=start, most=most,
    )  # fmt: skip


class _Words:
    """The statement cut into words, read from the front."""

    def __init__(self, statement: str) -> None:
        self._words = list(_cut(statement))
        self._at = 0

    def next(self) -> str:
        if self._at == len(self._words):
            raise Refused(bad_query("Encountered end of the query"))
        self._at += 1
        return self._words[self._at - 1]

    def comes(self, word: str) -> bool:
        if self._at < len(self._words) and self._words[self._at].upper() == word:
            self._at += 1
            return True
        return False

    def take(self, word: str) -> None:
        found = self.next()
        if found.upper() != word:
            raise Refused(bad_query(f'Encountered "{found}" where {word} was expected'))

    def take_columns(self) -> bool:
        first = self.next()
        counts = first.upper() == "COUNT"
        if counts:
            for part in ("(", "*", ")"):
                self.take(part)
        while self.comes(","):
            self.next()
        return counts

    def take_conditions(self) -> tuple[Condition, ...]:
        conditions = [self._condition()]
        while self.comes("AND"):
            conditions.append(self._condition())
        return tuple(conditions)

    def take_order(self) -> tuple[str, bool]:
        field = self.next()
        descending = self.comes("DESC")
        if not descending:
            self.comes("ASC")
        return field, descending

    def take_position(self) -> int:
        word = self.next()
        if not word.isdigit():
            raise Refused(bad_query(f'Encountered "{word}" where a number was expected'))
        if int(word) < 1:
            raise Refused(bad_query(f"value {word} is too small. Min allowed value is 1", "4001"))
        return int(word)

    def end(self) -> None:
        if self._at < len(self._words):
            raise Refused(bad_query(f'Encountered "{self._words[self._at]}"'))

    def _condition(self) -> Condition:
        field, operator = self.next(), self.next().upper()
        if field in _NOT_FILTERABLE:
            raise Refused(bad_query(f"property {field} is not queryable", "4001"))
        if operator not in _OPERATORS or (field == "Id" and operator not in ("=", "IN")):
            raise Refused(bad_query(f"operator {operator} is not allowed on {field}", "4001"))
        values = self._list() if operator == "IN" else (self._value(),)
        return Condition(field=field, operator=operator, values=values)

    def _list(self) -> tuple[str, ...]:
        self.take("(")
        values = [self._value()]
        while self.comes(","):
            values.append(self._value())
        self.take(")")
        return tuple(values)

    def _value(self) -> str:
        return self.next().removeprefix("'")


def _cut(statement: str) -> Iterable[str]:
    """The words; a quoted text keeps a leading quote, so that 'from' is never taken for FROM."""
    at, statement = 0, statement.strip()
    while at < len(statement):
        match = _TOKEN.match(statement, at)
        if match is None:
            raise Refused(bad_query(f'Encountered "{statement[at : at + 10]}"'))
        at = match.end()
        quoted = match["text"]
        yield match["word"] or match["sign"] if quoted is None else "'" + re.sub(r"\\(.)", r"\1", quoted)


def _like(value: str, pattern: str) -> bool:
    parts = (re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(".*".join(parts), value, re.IGNORECASE | re.DOTALL) is not None


_Comparable = tuple[int, Decimal, str]

_OPERATORS: dict[str, Callable[[object, str], bool]] = {
    "=": lambda value, wanted: _same(value, wanted),
    "IN": lambda value, wanted: _same(value, wanted),
    "!=": lambda value, wanted: not _same(value, wanted),
    "<": lambda value, wanted: _comparable(value) < _comparable(wanted),
    ">": lambda value, wanted: _comparable(value) > _comparable(wanted),
    "<=": lambda value, wanted: _comparable(value) <= _comparable(wanted),
    ">=": lambda value, wanted: _comparable(value) >= _comparable(wanted),
    "LIKE": lambda value, wanted: _like(str(value), wanted),
}


def _holds(condition: Condition, body: Body) -> bool:
    value = _value(body, condition.field)
    if value is None:
        return condition.operator == "!="
    return any(_OPERATORS[condition.operator](value, wanted) for wanted in condition.values)


def _same(value: object, wanted: str) -> bool:
    # A document number 007 is not 7: texts are compared as texts, only numbers and instants by their size.
    if isinstance(value, str) and value.lower() == wanted.lower():
        return True
    return (not isinstance(value, str) or "T" in value) and _comparable(value) == _comparable(wanted)


def _value(body: Body, path: str) -> object:
    value: object = body
    for part in path.split("."):
        value = value[0] if isinstance(value, list) and value else value
        value = value.get(part, value.get(part.lower())) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = value.get("value")
    return str(value).lower() if isinstance(value, bool) else value


def _comparable(value: object) -> _Comparable:
    """Numbers by size, instants by instant, other texts by their letters without case."""
    written = "" if value is None else str(value)
    if _NUMBER.fullmatch(written):
        return 0, Decimal(written), ""
    if _INSTANT.fullmatch(written):
        return 1, Decimal(int(datetime.fromisoformat(written).timestamp())), ""
    return 2, Decimal(0), written.lower()
