"""Saved answers and exported files → facts for a preview without a connection, or pages as a pull brings them; pure but
for reading the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import msgspec

from connector.domain.facts import Bucket, Fact, Problem, sum_buckets
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.contract import FilePage, PositionOf
from connector.sources.dash.exports import export_summaries
from connector.sources.dash.pages import kept_places, kept_summaries, marked
from connector.sources.dash.positions import Position
from connector.sources.dash.records import CONTRACT, Place, Summary, read
from connector.sources.dash.translate.shops import read_shop
from connector.sources.dash.translate.summaries import day_fact
from connector.sources.saved import FILE_BYTES, checked, content_of

SUFFIXES = (".json", ".csv")
_CONTRADICTION = "Revision {} of {} is there with different amounts: leave one of them out."


@dataclass(slots=True)
class _Found:
    """What the files hold: summaries by the name of their day, locations, and what cannot be read."""

    days: dict[str, list[Summary]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    wrong: list[Unreadable] = field(default_factory=list)


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Unreadable]:
    """A fact for each location and day, ordered by them, whatever order the files are read in; an Unreadable for each
    file and record that cannot be read. Of a day's revisions the highest counts, and a lower one says so.

    `told` is what a person says of the shop; no zone is needed, for the business date is the source's own."""
    found = _Found()
    for file in _files(paths):
        try:
            _read_content(f"{file}", content_of(file), found)
        except (Broken, Unreadable) as error:
            found.wrong.append(Unreadable(f"{file}: {error}"))
    yield from found.wrong
    days = (summary for day in found.days.values() for summary in day)
    shop = read_shop(found.places, told.zone, days).as_told(told)
    for name in sorted(found.days):
        try:
            yield from _day_facts(found.days[name], shop)
        except Broken as error:
            yield Unreadable(f"The day {name}: {error}")


def file_pages(stream: BinaryIO, position_of: PositionOf) -> Iterator[FilePage]:
    """The locations and days of one saved answer or export as pages, the days of each location in order of time. A
    revision that a higher one supersedes, in the file or known from before, says so.

    Raises Unreadable, in one sentence, where a record cannot be read or a revision is there with different money."""
    found = _Found()
    try:
        _read_content("The file", checked(stream.read(FILE_BYTES + 1)), found)
        days = sorted(_told_once(found), key=lambda summary: (summary.location.id, summary.business_date))
    except (Broken, Unreadable) as error:
        raise Unreadable(f"The file cannot be read: {error}") from error
    if found.wrong:
        raise found.wrong[0]
    if found.places:
        yield FilePage(stream="locations", location="", page=kept_places(found.places, Position().text))
    for location, each in groupby(days, key=lambda summary: summary.location.id):
        summaries = list(each)
        position = Position.of(position_of("daily_summaries", location)).past(summaries, ())
        page = kept_summaries([marked(summary, position.revisions) for summary in summaries], position.text)
        yield FilePage(stream="daily_summaries", location=location, page=page)


def _told_once(found: _Found) -> Iterator[Summary]:
    """Each revision once; raises Unreadable where it is there with different money."""
    shop = read_shop(found.places, "")
    for revisions in found.days.values():
        for number in sorted({summary.revision for summary in revisions}):
            same = _same_revision([summary for summary in revisions if summary.revision == number])
            if len({_money(day_fact(summary, shop)) for summary in same}) > 1:
                raise Unreadable(_CONTRADICTION.format(number, same[0].name))
            yield same[0]


def _day_facts(revisions: Sequence[Summary], shop: Shop) -> Iterator[Fact]:
    newest = max(summary.revision for summary in revisions)
    for revision in sorted({summary.revision for summary in revisions} - {newest}):
        older = next(summary for summary in revisions if summary.revision == revision)
        yield day_fact(msgspec.structs.replace(older, superseded_by=newest), shop)
    yield _newest_fact([summary for summary in revisions if summary.revision == newest], shop)


def _newest_fact(same: Sequence[Summary], shop: Shop) -> Fact:
    """The fact of a revision that is there once or several times; told with different money it is held."""
    facts = [day_fact(summary, shop) for summary in _same_revision(same)]
    if len({_money(fact) for fact in facts}) == 1:
        return facts[0]
    message = _CONTRADICTION.format(same[0].revision, same[0].name)
    problem = Problem(code="same_revision", message=message)
    return msgspec.structs.replace(facts[0], problems=(problem, *facts[0].problems))


def _same_revision(same: Sequence[Summary]) -> list[Summary]:
    """Those that count, in an order that the files do not decide: a closed day counts before an open one."""
    return sorted([summary for summary in same if summary.closed] or same, key=msgspec.json.encode)


def _money(fact: Fact) -> tuple[Bucket, ...]:
    return sum_buckets(fact.buckets)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        else:
            yield path


def _read_content(name: str, content: bytes, found: _Found) -> None:
    if content.startswith((b"{", b"[")):
        for record in _records(msgspec.Raw(content)):
            _read_record(name, record, found)
    else:
        for summary in export_summaries(content):
            found.days.setdefault(summary.name, []).append(summary)


def _records(content: msgspec.Raw) -> Iterator[msgspec.Raw]:
    """The records of an answer, of a list of answers, or bare ones."""
    if bytes(content).startswith(b"["):
        for inner in read(content, list[msgspec.Raw]):
            yield from _records(inner)
        return
    keys = read(content, dict[str, msgspec.Raw])
    if "data" in keys:
        yield from read(keys["data"], list[msgspec.Raw])
    elif "id" in keys or "business_date" in keys or "contract" in keys:
        yield content
    else:
        raise Unreadable(f"it holds no summary and no location of the contract {CONTRACT}, which this project defines.")


def _read_record(name: str, record: msgspec.Raw, found: _Found) -> None:
    try:
        if read(record, dict[str, msgspec.Raw]).keys() & {"business_date", "contract"}:
            summary = msgspec.structs.replace(read(record, Summary), superseded_by=0)
            found.days.setdefault(summary.name, []).append(summary)
        else:
            found.places.append(read(record, Place))
    except Broken as error:
        found.wrong.append(Unreadable(f"{name}: a record cannot be read: {error}"))
