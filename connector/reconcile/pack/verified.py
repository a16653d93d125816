"""A pack proved: whether every byte is what was signed, and whether what it tells follows from what it holds."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connector.errors import Unreadable
from connector.reconcile.pack.cells import changed, digests
from connector.reconcile.pack.consistent import inconsistent
from connector.reconcile.pack.values import (
    CELLS,
    FORM,
    LARGEST,
    MANIFEST,
    REPORT,
    SIGNATURE,
    TOLD,
    Manifest,
    Members,
    Signature,
)
from connector.reconcile.pack.written import archive, fingerprint
from connector.reconcile.report.values import Report
from connector.reconcile.report.written import canonical, read_report

Kind = TypeVar("Kind")
SHOWN = 5  # cells of a member that are named
NAMES = (CELLS, MANIFEST, SIGNATURE, *TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A pack that was looked at: what is wrong with it, each as "member: cell: what"; none where all is as signed.

    The fingerprint is that of the key in the pack: whether it is the right one, is for whoever knows it to say."""

    manifest: Manifest
    fingerprint: str
    problems: tuple[str, ...]
    members: Members


def verified(pack: bytes) -> Verified:
    """Proves a pack. Raises Unreadable for a file that is none, of another form, or larger than LARGEST."""
    members = unpacked(pack)
    manifest, signature = _read(members[MANIFEST], MANIFEST, Manifest), _read(members[SIGNATURE], SIGNATURE, Signature)
    problems = [*_altered(manifest, members), *_unsigned(members[MANIFEST], manifest, signature)]
    problems += _misnamed(manifest, members)
    if not problems:
        problems += inconsistent(members)
    if not problems and archive(members) != pack:
        problems.append("the archive: bytes outside its members were changed")
    return Verified(
        manifest=manifest, fingerprint=fingerprint(_hex(manifest.public_key)), problems=tuple(problems), members=members
    )


def unpacked(pack: bytes) -> dict[str, bytes]:
    """The members as they lie there; raises Unreadable where they are not those of a pack."""
    if len(pack) > LARGEST:
        raise Unreadable(f"A pack has at most {LARGEST:,} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(pack)) as opened:
            entries = opened.infolist()
            if sorted(entry.filename for entry in entries) != sorted(NAMES):
                raise Unreadable("This is no pack: its members are not those of one.")
            if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
                raise Unreadable("This is no pack: the members of one are neither compressed nor encrypted.")
            return {entry.filename: _bytes(opened, entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise Unreadable(f"This pack cannot be read: {error}.") from None


def _bytes(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > LARGEST:
        raise Unreadable(f"{entry.filename} says that it has {entry.file_size:,} bytes, more than a pack may have.")
    with opened.open(entry) as body:
        # its own checksum is not asked: what was changed is to be told by name
        body._expected_crc = None  # type: ignore[attr-defined]
        return body.read(entry.file_size)


def _altered(manifest: Manifest, members: Members) -> Iterator[str]:
    """Members that are not what the manifest says, with the cells that were changed."""
    wanted = {each.id: each.sha256 for each in manifest.members}
    if sorted(wanted) != sorted((CELLS, *TOLD)):
        yield f"{MANIFEST}: members: they are not those of a pack"
        return
    is_whole = {name: hashlib.sha256(members[name]).hexdigest() == wanted[name] for name in wanted}
    known = _known_cells(members)
    for name in TOLD:
        if not is_whole[name]:
            yield from _named(name, members[name], known.get(name, ""))
    if not is_whole[CELLS]:
        yield from _wrong_cells(members, known)


def _named(name: str, body: bytes, known: str) -> Iterator[str]:
    try:
        plain = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield f"{name}: it is not readable any more: {error}"
        return
    found = changed(plain, known)
    yield from (f"{name}: {place}: was changed" for place in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"{name}: and {len(found) - SHOWN} more cells were changed"
    elif not found and canonical(plain) != body:
        yield f"{name}: it is spelled otherwise than it was signed"
    elif not found:
        yield f"{MANIFEST}: members[{name}].sha256: was changed, its cells are as they were"


def _known_cells(members: Members) -> dict[str, str]:
    try:
        return msgspec.json.decode(members[CELLS], type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _wrong_cells(members: Members, known: Mapping[str, str]) -> Iterator[str]:
    """Which of the lists of digests was changed; none of them means that the manifest's word on the member was."""
    wrong = [name for name in TOLD if _digests(members[name]) != known.get(name)]
    wrong += sorted(set(known) - set(TOLD))
    if wrong:
        yield from (f"{CELLS}: {name}: was changed" for name in wrong)
    elif canonical(dict(known)) != members[CELLS]:
        yield f"{CELLS}: it is spelled otherwise than it was signed"
    else:
        yield f"{MANIFEST}: members[{CELLS}].sha256: was changed, its cells are as they were"


def _digests(body: bytes) -> str:
    try:
        return digests(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _unsigned(body: bytes, manifest: Manifest, signature: Signature) -> Iterator[str]:
    """Whether the manifest is what was signed; where it is not, which of manifest, key and signature was changed."""
    is_same = hashlib.sha256(body).hexdigest() == signature.manifest_sha256
    holds = _holds(_hex(manifest.public_key), _hex(signature.signature), body)
    if signature.algorithm != "Ed25519":
        yield f"{SIGNATURE}: algorithm: {signature.algorithm} is not Ed25519"
    if manifest.public_key != signature.public_key:
        yield f"{SIGNATURE if is_same else MANIFEST}: public_key: was changed"
    elif is_same and not holds:
        yield f"{SIGNATURE}: signature: was changed"
    if not is_same:
        yield f"{SIGNATURE}: manifest_sha256: was changed" if holds else f"{MANIFEST}: it is not what was signed"


def _holds(key: bytes, signature: bytes, body: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _misnamed(manifest: Manifest, members: Members) -> Iterator[str]:
    """What the manifest says of the pack, beside what its report says."""
    if manifest.form != FORM:
        yield f"{MANIFEST}: form: {manifest.form} is not {FORM}"
    try:
        report = read_report(members[REPORT])
    except Unreadable as error:
        yield f"{REPORT}: {error}"
        return
    for name in ("organisation", "first", "last", "made_at"):
        if getattr(manifest, name) != getattr(report, name):
            yield f"{MANIFEST}: {name}: it differs from that of {REPORT}"


def report_of(members: Members) -> Report:
    """The report that a pack holds; raises Unreadable."""
    return read_report(members[REPORT])


def _read(body: bytes, name: str, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name}: it cannot be read: {error}.") from None


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
