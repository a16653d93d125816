"""Saved answers and exported files → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from connector.domain.facts import Bucket, Fact, Problem, sum_buckets
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.dash.exports import export_summaries
from connector.sources.dash.records import CONTRACT, Place, Summary, read
from connector.sources.dash.translate.shops import read_shop
from connector.sources.dash.translate.summaries import translate

FILE_BYTES = 200 * 1024 * 1024
SUFFIXES = (".json", ".csv")


@dataclass(slots=True)
class _Found:
    """What the files hold: summaries by the name of their day, locations, and what cannot be read."""

    days: dict[str, list[Summary]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    wrong: list[Unreadable] = field(default_factory=list)


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact for each location and day, ordered by them, whatever order the files are read in; an Unreadable for each
    file and record that cannot be read. Of a day's revisions the highest counts, and a lower one says so.

    `zone` is not needed: the business date is the source's own."""
    found = _Found()
    for file in _files(paths):
        try:
            _read_file(file, found)
        except (Broken, Unreadable) as error:
            found.wrong.append(Unreadable(f"{file}: {error}"))
    yield from found.wrong
    shop = read_shop(found.places, zone, (summary for day in found.days.values() for summary in day))
    for name in sorted(found.days):
        try:
            yield from _day_facts(found.days[name], shop)
        except Broken as error:
            yield Unreadable(f"The day {name}: {error}")


def _day_facts(revisions: Sequence[Summary], shop: Shop) -> Iterator[Fact]:
    newest = max(summary.revision for summary in revisions)
    for revision in sorted({summary.revision for summary in revisions} - {newest}):
        older = next(summary for summary in revisions if summary.revision == revision)
        yield _fact(msgspec.structs.replace(older, superseded_by=newest), shop)
    yield _newest_fact([summary for summary in revisions if summary.revision == newest], shop)


def _newest_fact(same: Sequence[Summary], shop: Shop) -> Fact:
    """The fact of a revision that is there once or several times; told with different money it is held."""
    closed = [summary for summary in same if summary.closed] or list(same)
    facts = [_fact(summary, shop) for summary in sorted(closed, key=msgspec.json.encode)]
    if len({_money(fact) for fact in facts}) == 1:
        return facts[0]
    message = f"Revision {same[0].revision} of {same[0].name} is there with different amounts: leave one of them out."
    problem = Problem(code="same_revision", message=message)
    return replace(facts[0], problems=(problem, *facts[0].problems))


def _fact(summary: Summary, shop: Shop) -> Fact:
    return translate(msgspec.json.encode(summary), shop)


def _money(fact: Fact) -> tuple[Bucket, ...]:
    return sum_buckets(fact.buckets)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        else:
            yield path


def _read_file(file: Path, found: _Found) -> None:
    content = _content(file)
    if content.startswith((b"{", b"[")):
        for record in _records(msgspec.Raw(content)):
            _read_record(file, record, found)
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


def _read_record(file: Path, record: msgspec.Raw, found: _Found) -> None:
    try:
        if read(record, dict[str, msgspec.Raw]).keys() & {"business_date", "contract"}:
            summary = msgspec.structs.replace(read(record, Summary), superseded_by=0)
            found.days.setdefault(summary.name, []).append(summary)
        else:
            found.places.append(read(record, Place))
    except Broken as error:
        found.wrong.append(Unreadable(f"{file}: a record cannot be read: {error}"))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > FILE_BYTES:
            raise Unreadable(f"it is larger than {FILE_BYTES // 1024 // 1024} MB.")
        content = file.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}.") from error
    if not content:
        raise Unreadable("it is empty.")
    return content
