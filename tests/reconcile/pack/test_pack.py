"""A pack proves itself: any cell, any byte that was changed is told by its name; what is no pack is refused."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Unreadable
from connector.reconcile.pack import verified as door
from connector.reconcile.pack.cells import cells
from connector.reconcile.pack.values import CELLS, MANIFEST, REPORT
from connector.reconcile.pack.verified import report_of, unpacked, verified
from connector.reconcile.pack.written import fingerprint
from connector.reconcile.report.build import built
from tests.reconcile.pack.given import KEY, plain, replaced, small_pack, told
from tests.reconcile.report.given import month

PACK = small_pack()
MEMBERS = unpacked(PACK)


def changes(body: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The body once for each of its cells, with that cell changed."""
    for where, _ in cells(body):
        made = copy.deepcopy(body)
        _change(made, where)
        yield where, made


def _change(body: Any, wanted: str, place: str = "") -> None:
    keys = list(body) if isinstance(body, dict) else range(len(body))
    for key in keys:
        each = body[key]
        name = each["id"] if isinstance(each, dict) and "id" in each else key
        here = (f"{place}.{key}" if place else str(key)) if isinstance(body, dict) else f"{place}[{name}]"
        if here == wanted:
            body[key] = "otherwise" if not isinstance(each, int) or isinstance(each, bool) else each + 1
        elif wanted.startswith((f"{here}.", f"{here}[")):
            _change(each, wanted, here)


def test_a_pack_as_it_was_made_holds() -> None:
    done = verified(PACK)
    assert done.problems == ()
    assert done.fingerprint == fingerprint(KEY.public_key().public_bytes_raw())
    assert report_of(done.members) == built(month())


def test_the_same_pack_is_the_same_bytes() -> None:
    assert small_pack() == PACK


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_every_cell_that_was_changed_is_told_with_its_member(name: str) -> None:
    body = plain(MEMBERS[name])
    count = 0
    for place, changed in changes(body):
        count += 1
        try:
            problems = list(verified(replaced(MEMBERS, name, changed)).problems)
        except Unreadable as error:
            problems = [str(error)]
        assert any(problem.startswith(f"{name}:") for problem in problems), (place, problems)
        if name != MANIFEST:
            last = place.rpartition(".")[2]
            named = [problem for problem in problems if place in problem or f"{last}:" in problem]
            assert named, (place, problems)
    assert count == len(list(cells(body))) > 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(PACK) - 1), st.integers(1, 255))
def test_any_byte_that_was_changed_is_told_or_refused(at: int, by: int) -> None:
    changed = bytearray(PACK)
    changed[at] ^= by
    try:
        done = verified(bytes(changed))
    except Unreadable:
        return
    assert done.problems


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(PACK)), st.binary(max_size=40))
def test_a_pack_that_is_cut_or_has_more_bytes_is_told_or_refused(at: int, more: bytes) -> None:
    for changed in (PACK[:at], PACK[:at] + more + PACK[at:]):
        if changed == PACK:
            continue
        try:
            done = verified(changed)
        except Unreadable:
            continue
        assert done.problems


def test_whoever_signs_a_changed_report_with_another_key_has_another_fingerprint() -> None:
    other = small_pack(key=Ed25519PrivateKey.generate())
    assert verified(other).problems == ()
    assert verified(other).fingerprint != verified(PACK).fingerprint


def test_a_figure_that_does_not_follow_from_its_rows_fails_though_it_is_signed() -> None:
    body: Any = told()
    figure = next(each for each in body[REPORT]["figures"] if each["id"].endswith("/sales"))
    figure["amount"] = "100.01"
    (told_first, *_) = verified(small_pack(body)).problems
    assert told_first.startswith(f"{REPORT}: figure bridge/square-books/USD/sales: 100.01 USD stands there, its rows")


def test_a_line_that_the_document_does_not_hold_fails_though_it_is_signed() -> None:
    body: Any = told()
    lines = body["documents.json"]["rows"][0]["lines"]
    lines[0]["amount"], lines[1]["amount"] = "-99.00", "9.00"
    assert [each for each in verified(small_pack(body)).problems if "holds another amount" in each]


def test_a_map_that_is_not_the_one_of_its_hash_fails_though_it_is_signed() -> None:
    body: Any = told()
    body["maps.json"]["rows"][0]["body"] += "country: US\n"
    (problem,) = verified(small_pack(body)).problems
    assert problem == "maps.json: rows[square-books 1].sha256: it is not that of the map's own text"


def test_a_document_by_a_map_that_is_not_there_fails_though_it_is_signed() -> None:
    body: Any = told()
    body["maps.json"]["rows"] = []
    assert all("maps.json has no such version" in each for each in verified(small_pack(body)).problems)


def archived(entries: dict[str, bytes], compression: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, body in entries.items():
            made.writestr(name, body)
    return out.getvalue()


def test_what_is_no_pack_is_refused() -> None:
    for body in (b"", b"PK", b"no archive at all", archived({}, zipfile.ZIP_STORED)):
        with pytest.raises(Unreadable):
            verified(body)


def test_members_that_a_pack_has_not_are_refused() -> None:
    for name in ("../../etc/cron.d/x", "more.json", "report.json/.."):
        with pytest.raises(Unreadable, match="members are not those"):
            verified(archived({**MEMBERS, name: b"{}"}, zipfile.ZIP_STORED))
    with pytest.raises(Unreadable, match="members are not those"):
        verified(archived({name: body for name, body in MEMBERS.items() if name != CELLS}, zipfile.ZIP_STORED))


def test_a_bomb_is_refused_before_anything_is_unpacked() -> None:
    bomb = archived({**MEMBERS, REPORT: b" " * 50_000_000}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    with pytest.raises(Unreadable, match="neither compressed nor encrypted"):
        verified(bomb)


def test_a_pack_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LARGEST", 1_000)
    with pytest.raises(Unreadable, match="at most"):
        verified(PACK)
