"""Square's lists of cash drawers, gift card activities and disputes."""

from collections.abc import Callable
from datetime import datetime

from connector.sandbox.body import Body, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_listing import YEAR, Cursor, SquareRefusal, cursor_of, page, sorted_by, window
from connector.sandbox.square_till import summary_of

_DRAWERS_USUAL, _DRAWERS_MOST = 200, 1000
_ACTIVITIES_USUAL, _ACTIVITIES_MOST = 50, 100
_DISPUTES = 50


class TillLists:
    """The GET lists over one shelf; windows without a begin reach one year back."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._clock = clock

    def drawers(self, call: Call) -> Answer:
        """Summaries of the shifts of one location, which must be named, by opening; oldest first."""
        cursor = self._cursor(call)
        opened = _span(call, "opened_at", cursor)
        shifts = [each for each in self._of(call, "cash-drawer") if opened(each)]
        ordered = sorted_by("opened_at", shifts, call.query.get("sort_order", "ASC"))
        limit = _limit(call, _DRAWERS_USUAL, _DRAWERS_MOST)
        return Answer(body=page("cash_drawer_shifts", [summary_of(each) for each in ordered], cursor, limit))

    def drawer(self, call: Call) -> Answer:
        """One shift whole."""
        found = [each for each in self._of(call, "cash-drawer") if each["id"] == call.path_values["shift_id"]]
        if not found:
            raise SquareRefusal("NOT_FOUND", "The cash drawer shift is not known.", field="shift_id", status=404)
        return Answer(body={"cash_drawer_shift": found[0]})

    def gift_card_activities(self, call: Call) -> Answer:
        """By creation, newest first unless asked otherwise; of one card, kind or location where it is named."""
        cursor = self._cursor(call)
        created = _span(call, "created_at", cursor)
        named = {key: call.query.get(key, "") for key in ("gift_card_id", "type", "location_id")}
        found = [
            each
            for each in self._shelf.all("square-gift-card-activity")
            if created(each) and all(value in ("", each[key]) for key, value in named.items())
        ]
        ordered = sorted_by("created_at", found, call.query.get("sort_order", ""))
        limit = _limit(call, _ACTIVITIES_USUAL, _ACTIVITIES_MOST)
        return Answer(body=page("gift_card_activities", ordered, cursor, limit))

    def disputes(self, call: Call) -> Answer:
        """Every dispute, of the states named if any; there is no window."""
        cursor = self._cursor(call)
        states = [state for state in call.query.get("states", "").split(",") if state]
        found = [each for each in self._shelf.all("square-dispute") if not states or each["state"] in states]
        return Answer(body=page("disputes", found, cursor, _DISPUTES))

    def _of(self, call: Call, kind: str) -> list[Body]:
        location = call.query.get("location_id", "")
        if not location:
            raise SquareRefusal("MISSING_REQUIRED_PARAMETER", "A location is needed.", field="location_id")
        if self._shelf.get("square-location", location) is None:
            raise SquareRefusal("NOT_FOUND", f"Location {location} is not known.", field="location_id", status=404)
        return [each for each in self._shelf.all(f"square-{kind}") if text(each, "location_id") == location]

    def _cursor(self, call: Call) -> Cursor:
        return cursor_of({"path": call.path, **call.query}, call.query.get("cursor", ""), self._clock())


def _span(call: Call, field: str, cursor: Cursor) -> Callable[[Body], bool]:
    asked = call.query.get("begin_time", ""), call.query.get("end_time", "")
    return window(field, *asked, default_start=cursor.as_of - YEAR, default_end=cursor.as_of).holds


def _limit(call: Call, usual: int, most: int) -> int:
    asked = call.query.get("limit", "")
    if asked and not asked.isdecimal():
        raise SquareRefusal("INVALID_VALUE", "limit is a whole number.", field="limit")
    return min(int(asked), most) if asked and int(asked) else usual
