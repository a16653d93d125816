"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connector.errors import Broken
from connector.sources.contract import Page, Received
from connector.sources.dash.records import Answer, Place, Summary, Told, read, read_summary
from connector.sources.spoilt import spoilt

_BY_DAY = "T18:00:00Z"  # the same date from coast to coast


def kept_locations(records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these locations."""
    return kept_places([read(record, Place) for record in records], position)


def kept_places(places: Sequence[Place], position: str) -> Page:
    """The page of these locations, as they were read."""
    return _page("locations", places, position)


def kept_summaries(summaries: Sequence[Summary], position: str, unread: Sequence[Received] = ()) -> Page:
    """The page of these summaries, and of those that cannot be read."""
    return _page("daily_summaries", summaries, position, unread)


def unread_summary(body: msgspec.Raw, location: str, error: Broken) -> Received:
    """What is kept of a summary that cannot be read: whose and which day it tells; raises the error where none."""
    told = read(body, Told)
    if told.business_date is None:
        raise error
    day = told.business_date.isoformat()
    named = {"id": f"{location}/{day}", "location_id": location, "closed_at": f"{day}{_BY_DAY}"}
    return spoilt("daily_summaries", msgspec.Raw(msgspec.json.encode(named)), ("id",), error)


def marked(summary: Summary, revisions: Mapping[str, int]) -> Summary:
    """The summary, told as superseded where a higher revision of its day is known; what it says itself is no proof."""
    known = revisions.get(summary.name, 0)
    return msgspec.structs.replace(summary, superseded_by=known if known > summary.revision else 0)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    return tuple(_received(stream, bytes(record)) for record in read(body, Answer).data)


def _page(stream: str, records: Sequence[Place | Summary], position: str, unread: Sequence[Received] = ()) -> Page:
    received = (*(_received(stream, msgspec.json.encode(record)) for record in records), *unread)
    body = b",".join(record.body for record in received)
    return Page(body=b'{"data":[%s]}' % body, records=received, position=position)


def _received(stream: str, body: bytes) -> Received:
    kept = Received(stream=stream, source_id="", spelled=body)
    if kept.spoilt:
        return Received(stream=stream, source_id=read(body, Place).id, spelled=body)
    match stream:
        case "locations":
            return Received(stream=stream, source_id=read(body, Place).id, spelled=body)
        case "daily_summaries":
            return Received(stream=stream, source_id=read_summary(body).source_id, spelled=body)
    raise Broken(f"Dash has no stream {stream!r}")
