"""Square's plain lists: locations, payments, refunds, payouts and their entries."""

from collections.abc import Callable
from datetime import datetime

from connector.sandbox.body import Body, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_listing import YEAR, Cursor, SquareRefusal, Window, cursor_of, page, sorted_by, window

_LIMIT = 100


class SquareLists:
    """The GET lists over one shelf. `empty_pages` puts an empty page with a cursor amid payments."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime], *, empty_pages: bool) -> None:
        self._shelf = shelf
        self._clock = clock
        self._empty_pages = empty_pages

    def locations(self, call: Call) -> Answer:
        return Answer(body={"locations": self._shelf.all("square-location")})

    def location(self, call: Call) -> Answer:
        """One location; `main` is the first."""
        wanted = call.path_values["location_id"]
        return Answer(body={"location": self._known_location(self._main() if wanted == "main" else wanted)})

    def payments(self, call: Call) -> Answer:
        """Of the main location unless one is named; created within the last year unless said otherwise."""
        cursor = self._cursor(call)
        own = self._of_location(self._shelf.all("square-payment"), call.query.get("location_id") or self._main())
        records = _in_both_windows(own, call, cursor)
        return Answer(body=page("payments", records, cursor, _limit(call), with_empty_page=self._empty_pages))

    def refunds(self, call: Call) -> Answer:
        """Of all locations unless one is named."""
        cursor = self._cursor(call)
        own = self._of_location(self._shelf.all("square-refund"), call.query.get("location_id", ""))
        status = call.query.get("status", "")
        matching = [refund for refund in own if status in ("", refund["status"])]
        return Answer(body=page("refunds", _in_both_windows(matching, call, cursor), cursor, _limit(call)))

    def payouts(self, call: Call) -> Answer:
        """Of the main location unless one is named, by creation only; there is no window on changes."""
        cursor = self._cursor(call)
        own = self._of_location(self._shelf.all("square-payout"), call.query.get("location_id") or self._main())
        status = call.query.get("status", "")
        created = _created(call, cursor)
        records = [payout for payout in own if status in ("", payout["status"]) and created.holds(payout)]
        ordered = sorted_by("created_at", records, call.query.get("sort_order", ""))
        return Answer(body=page("payouts", ordered, cursor, _limit(call)))

    def payout(self, call: Call) -> Answer:
        return Answer(body={"payout": self._known_payout(call)})

    def payout_entries(self, call: Call) -> Answer:
        """The entries of a BATCH payout; a payout of another type has none."""
        cursor = self._cursor(call)
        entries = self._shelf.marked("square-payout-entry", text(self._known_payout(call), "id"))
        ordered = sorted_by("effective_at", entries, call.query.get("sort_order", ""))
        return Answer(body=page("payout_entries", ordered, cursor, _limit(call)))

    def _cursor(self, call: Call) -> Cursor:
        query = {"path": call.path, **call.query}
        return cursor_of(query, call.query.get("cursor", ""), self._clock())

    def _main(self) -> str:
        locations = self._shelf.all("square-location")
        return text(locations[0], "id") if locations else ""

    def _of_location(self, records: list[Body], location_id: str) -> list[Body]:
        if not location_id:
            return records
        self._known_location(location_id)
        return [record for record in records if record["location_id"] == location_id]

    def _known_location(self, location_id: str) -> Body:
        location = self._shelf.get("square-location", location_id)
        if location is None:
            raise SquareRefusal("NOT_FOUND", f"Location {location_id} is not known.", field="location_id", status=404)
        return location

    def _known_payout(self, call: Call) -> Body:
        payout = self._shelf.get("square-payout", call.path_values["payout_id"])
        if payout is None:
            raise SquareRefusal("NOT_FOUND", "The payout is not known.", field="payout_id", status=404)
        return payout


def _in_both_windows(records: list[Body], call: Call, cursor: Cursor) -> list[Body]:
    """The created window always applies, with its default of one year; the updated one when asked for."""
    windows = [_created(call, cursor)]
    start, end = call.query.get("updated_at_begin_time", ""), call.query.get("updated_at_end_time", "")
    if start or end:
        year_ago = cursor.as_of - YEAR
        windows.append(window("updated_at", start, end, default_start=year_ago, default_end=cursor.as_of))
    sort_field = call.query.get("sort_field", "CREATED_AT").lower()
    if sort_field not in ("created_at", "updated_at"):
        raise SquareRefusal("INVALID_ENUM_VALUE", "sort_field is CREATED_AT or UPDATED_AT.", field="sort_field")
    matching = [record for record in records if all(each.holds(record) for each in windows)]
    return sorted_by(sort_field, matching, call.query.get("sort_order", ""))


def _created(call: Call, cursor: Cursor) -> Window:
    begin, end = call.query.get("begin_time", ""), call.query.get("end_time", "")
    return window("created_at", begin, end, default_start=cursor.as_of - YEAR, default_end=cursor.as_of)


def _limit(call: Call) -> int:
    """As asked for between 1 and 100; more than that is ignored, as by Square."""
    asked = call.query.get("limit", "")
    if asked and not asked.isdecimal():
        raise SquareRefusal("INVALID_VALUE", "limit is a whole number.", field="limit")
    return int(asked) if asked and 0 < int(asked) <= _LIMIT else _LIMIT
