"""What a pack is: an archive of JSON members, uncompressed, with a manifest that is signed.

Uncompressed, for then nothing in it can unpack to more than the file itself, and the same pack is the same bytes on
every machine."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

FORM = "connector-pack/1"
MANIFEST, CELLS, SIGNATURE = "manifest.json", "cells.json", "signature.json"
REPORT, DOCUMENTS, RECORDS, MAPS = "report.json", "documents.json", "records.json", "maps.json"
TOLD = (REPORT, DOCUMENTS, RECORDS, MAPS)
"""The members that tell something; the others prove them."""

LARGEST = 200_000_000  # bytes of a pack


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A member by its name, and the SHA-256 of its bytes."""

    id: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose pack it is, of when, the key that signs it (Ed25519, as hex) and what every member must be."""

    organisation: str
    first: str
    last: str
    made_at: str
    public_key: str
    members: tuple[Sealed, ...]
    form: str = FORM


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signature over the bytes of the manifest, as hex; with the hash of the manifest and the key once more, so
    that it can be told which of them was changed."""

    signature: str
    manifest_sha256: str
    public_key: str
    algorithm: str = "Ed25519"


Members = Mapping[str, bytes]
"""Bytes by the name of the member."""
