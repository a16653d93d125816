"""Square's searches: POST /v2/orders/search and the catalogue."""

from collections.abc import Callable
from datetime import UTC, datetime

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_listing import Cursor, SquareRefusal, Window, cursor_of, moment, page, sorted_by, window

Bodies = list[Body]

_LOCATIONS_MOST = 10
_ORDERS_USUAL, _ORDERS_MOST = 500, 1000
_CATALOG_PAGE, _CATALOG_MOST = 100, 1000
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_SORT_FIELDS = ("created_at", "updated_at", "closed_at")


class OrderSearch:
    """Orders of up to ten locations. `empty_pages` puts an empty page with a cursor amid the answer."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime], *, empty_pages: bool) -> None:
        self._shelf = shelf
        self._clock = clock
        self._empty_pages = empty_pages

    def search(self, call: Call) -> Answer:
        """The orders in the asked order, or ids and versions only with `return_entries`."""
        asked = call.json()
        cursor = cursor_of(asked, text(asked, "cursor"), self._clock())
        orders = self._matching(asked, cursor)
        is_brief = asked.get("return_entries") is True
        records = [_entry(order) for order in orders] if is_brief else orders
        key, limit = ("order_entries" if is_brief else "orders"), _limit(asked, _ORDERS_USUAL, _ORDERS_MOST)
        return Answer(body=page(key, records, cursor, limit, with_empty_page=self._empty_pages))

    def _matching(self, asked: Body, cursor: Cursor) -> list[Body]:
        locations = _locations(asked)
        query = child(asked, "query")
        wanted = child(query, "filter")
        _refuse_other_filters(wanted)
        states = child(wanted, "state_filter").get("states")
        span, sort_field = _window(wanted, child(query, "sort"), cursor)
        if sort_field == "closed_at" and not states:
            raise SquareRefusal("MISSING_REQUIRED_PARAMETER", "Sorting by CLOSED_AT needs a state_filter.")
        orders = [
            order
            for order in self._shelf.all("square-order")
            if order["location_id"] in locations
            and (not isinstance(states, list) or order["state"] in states)
            and (span is None or span.holds(order))
        ]
        return sorted_by(sort_field, orders, text(child(query, "sort"), "sort_order"))


class CatalogSearch:
    """Items with their variations, categories and taxes."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._clock = clock

    def list(self, call: Call) -> Answer:
        """Every object that is not deleted, of the types named in `types`; variations only when named."""
        cursor = cursor_of(dict(call.query), call.query.get("cursor", ""), self._clock())
        types = {name.strip().upper() for name in call.query.get("types", "").split(",") if name}
        return Answer(body=page("objects", self._objects(types, with_deleted=False), cursor, _CATALOG_PAGE))

    def search(self, call: Call) -> Answer:
        """Objects changed after `begin_time` (exclusive), with related ones where asked for."""
        asked = call.json()
        if child(asked, "query"):
            raise SquareRefusal("INVALID_VALUE", "This stand-in searches by type and begin_time only.", field="query")
        cursor = cursor_of(asked, text(asked, "cursor"), self._clock())
        types = _texts(asked, "object_types")
        since = moment(text(asked, "begin_time"), _BEGINNING)
        objects = self._objects(set(types), with_deleted=asked.get("include_deleted_objects") is True)
        changed = [each for each in objects if moment(text(each, "updated_at"), _BEGINNING) > since]
        answer = page("objects", changed, cursor, _limit(asked, _CATALOG_PAGE, _CATALOG_MOST))
        related = self._related(children(answer, "objects")) if asked.get("include_related_objects") is True else {}
        return Answer(body=answer | related | {"latest_time": _latest(objects)})

    def batch_retrieve(self, call: Call) -> Answer:
        """The objects with these ids, variations too; unknown ids are passed over."""
        asked = call.json()
        everything = {text(each, "id"): each for each in self._everything()}
        found = [everything[each] for each in _texts(asked, "object_ids") if each in everything]
        related = self._related(found) if asked.get("include_related_objects") is True else {}
        return Answer(body=({"objects": found} if found else {}) | related)

    def _objects(self, types: set[str], *, with_deleted: bool) -> Bodies:
        kept = self._everything() if types else self._shelf.all("square-catalog")
        return [
            each
            for each in kept
            if (not types or each["type"] in types) and (with_deleted or each.get("is_deleted") is not True)
        ]

    def _everything(self) -> Bodies:
        items = self._shelf.all("square-catalog")
        return items + [v for item in items for v in children(child(item, "item_data"), "variations")]

    def _related(self, found: Bodies) -> Body:
        """The items of variations, the categories and taxes of items."""
        wanted = {each for record in found for each in _references(record)}
        items = [each for each in self._everything() if each["id"] in wanted]
        wanted |= {each for record in items for each in _references(record)}
        have = {text(record, "id") for record in found}
        related = [each for each in self._everything() if text(each, "id") in wanted - have]
        return {"related_objects": related} if related else {}


def _locations(asked: Body) -> list[str]:
    locations = _texts(asked, "location_ids")
    if not locations:
        raise SquareRefusal("MISSING_REQUIRED_PARAMETER", "At least one location is needed.", field="location_ids")
    if len(locations) > _LOCATIONS_MOST:
        raise SquareRefusal("ARRAY_LENGTH_TOO_LONG", "At most ten locations.", field="location_ids")
    return locations


def _refuse_other_filters(wanted: Body) -> None:
    other = wanted.keys() - {"date_time_filter", "state_filter"}
    if other:
        raise SquareRefusal("INVALID_VALUE", f"This stand-in does not filter by {', '.join(sorted(other))}.")


def _window(wanted: Body, sort: Body, cursor: Cursor) -> tuple[Window | None, str]:
    """The time window, None without a filter, and the field to sort by, which must be the filter's."""
    sort_field = (text(sort, "sort_field") or "CREATED_AT").lower()
    if sort_field not in _SORT_FIELDS:
        raise SquareRefusal("INVALID_ENUM_VALUE", "sort_field is CREATED_AT, UPDATED_AT or CLOSED_AT.")
    times = child(wanted, "date_time_filter")
    if not times:
        return None, sort_field
    if len(times) != 1 or not times.keys() <= set(_SORT_FIELDS):
        raise SquareRefusal("CONFLICTING_PARAMETERS", "Filter by one of created_at, updated_at, closed_at.")
    field = next(iter(times))
    if field != sort_field:
        raise SquareRefusal("INVALID_VALUE", "sort_field must be the field of the date_time_filter.")
    span = child(times, field)
    ends = text(span, "start_at"), text(span, "end_at")
    return window(field, *ends, default_start=_BEGINNING, default_end=cursor.as_of), sort_field


def _entry(order: Body) -> Body:
    return {"order_id": order["id"], "version": order["version"], "location_id": order["location_id"]}


def _limit(asked: Body, usual: int, most: int) -> int:
    limit = number(asked, "limit")
    if limit is None:
        return usual
    if not 1 <= limit <= most:
        raise SquareRefusal("VALUE_TOO_HIGH" if limit > most else "VALUE_TOO_LOW", f"limit is 1 to {most}.")
    return int(limit)


def _texts(asked: Body, key: str) -> list[str]:
    values = asked.get(key)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _references(record: Body) -> list[str]:
    item, variation = child(record, "item_data"), child(record, "item_variation_data")
    categories = [*children(item, "categories"), child(item, "reporting_category")]
    return [text(variation, "item_id"), *(text(each, "id") for each in categories), *_texts(item, "tax_ids")]


def _latest(objects: list[Body]) -> str:
    return max((text(each, "updated_at") for each in objects), default="")
