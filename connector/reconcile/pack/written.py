"""A pack written: members, their digests, the signature, in one archive. The same members give the same bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping

import msgspec

from connector.reconcile.pack.cells import digests
from connector.reconcile.pack.values import CELLS, MANIFEST, SIGNATURE, Manifest, Members, Sealed, Signature
from connector.reconcile.report.written import canonical

Sign = Callable[[bytes], bytes]


def packed(told: Mapping[str, object], about: Manifest, sign: Sign) -> bytes:
    """The archive of what the members tell; `about` says everything but the members' digests."""
    members = {name: canonical(body) for name, body in told.items()}
    members[CELLS] = canonical({name: digests(msgspec.json.decode(body)) for name, body in members.items()})
    sealed = tuple(Sealed(id=name, sha256=hashlib.sha256(body).hexdigest()) for name, body in members.items())
    manifest = canonical(msgspec.structs.replace(about, members=sealed))
    members[MANIFEST] = manifest
    signature = Signature(
        signature=sign(manifest).hex(),
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        public_key=about.public_key,
    )
    members[SIGNATURE] = canonical(signature)
    return archive(members)


def archive(members: Members) -> bytes:
    """The members as one file, in the order of their names, uncompressed and undated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name)  # of 1980, as an undated one is
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            made.writestr(entry, members[name])
    return out.getvalue()


def fingerprint(public_key: bytes) -> str:
    """What people compare: the first 32 hex digits of the key's SHA-256, in groups of four."""
    text = hashlib.sha256(public_key).hexdigest()[:32]
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
