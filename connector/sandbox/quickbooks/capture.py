"""Change data capture: what was made, edited or deleted since a moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from connector.sandbox.body import Body, child, text
from connector.sandbox.quickbooks.company import Company
from connector.sandbox.quickbooks.refusals import Refused, bad_query, missing

DAYS_BACK = timedelta(days=30)
MOST_OBJECTS = 1000


def captured(
    company: Company, query: Mapping[str, str], kinds: frozenset[str], bodies: Callable[[str], Sequence[Body]]
) -> Body:
    """The CDCResponse to `entities` and `changedSince`: whole objects, and of a deleted one its Id only.

    Goes 30 days back, and stops without a word at 1000 objects."""
    since = _since(company, query)
    room = MOST_OBJECTS
    lists: list[Body] = []
    for kind in query.get("entities", "").split(","):
        known = next((name for name in kinds if name.lower() == kind.strip().lower()), "")
        if not known:
            raise Refused(bad_query(f"{kind} cannot be captured", "4001"))
        found = [*_live(bodies(known), since), *_deleted(company, known, since)][:room]
        room -= len(found)
        lists.append({known: found, "startPosition": 1, "maxResults": len(found)} if found else {})
    return {"CDCResponse": [{"QueryResponse": lists}]}


def _since(company: Company, query: Mapping[str, str]) -> datetime:
    if not query.get("changedSince"):
        raise Refused(missing("changedSince"))
    try:
        since = datetime.fromisoformat(query["changedSince"])
    except ValueError:
        raise Refused(bad_query("changedSince is not a date and time")) from None
    since = since if since.tzinfo else since.replace(tzinfo=company.now().tzinfo)
    if since < company.now() - DAYS_BACK:
        raise Refused(bad_query("changedSince can go back 30 days at most", "4001"))
    return since


def _live(bodies: Sequence[Body], since: datetime) -> list[Body]:
    return [body for body in bodies if _moment(text(child(body, "MetaData"), "LastUpdatedTime")) >= since]


def _deleted(company: Company, kind: str, since: datetime) -> list[Body]:
    return [
        {"domain": "QBO", "status": "Deleted", "Id": stone["Id"]}
        for stone in company.shelf.marked("gone", kind)
        if _moment(text(stone, "at")) >= since
    ]


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
