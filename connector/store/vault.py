"""Tokens at rest: AES-256-GCM, each ciphertext bound to the row it belongs to."""

from __future__ import annotations

import binascii
import hmac
import os
import secrets
import stat
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.errors import Broken, Unreadable

FORM = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A ring of keys by key id; `current` seals, all of them open.

    Sealed text is `v1|key_id|nonce|ciphertext`, the last two base64url. `row` is the identity of the row that holds it
    (such as `connection:7:token`) and must be the same for both: text copied to another row does not open."""

    keys: Mapping[str, bytes] = field(repr=False)
    current: str

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise Unreadable(f"There is no sealing key {self.current!r}.")
        for key_id, key in self.keys.items():
            if len(key) != KEY_BYTES or not key_id or "|" in key_id:
                raise Unreadable(f"The sealing key {key_id!r} must have a plain name and {KEY_BYTES} bytes.")

    def seal(self, plain: bytes, row: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, plain, row.encode())
        return "|".join((FORM, self.current, _text(nonce), _text(sealed)))

    def open(self, sealed: str, row: str) -> bytes:
        """The plain bytes. Raises Unreadable where the key is not in the ring, Broken where the text is damaged or was
        sealed for another row."""
        key_id, nonce, ciphertext = _parts(sealed, row)
        if key_id not in self.keys:
            raise Unreadable(
                f"{row} was sealed with the key {key_id}, which is not set: "
                "give that key (CONNECTOR_KEY or the key file), or connect again."
            )
        try:
            return AESGCM(self.keys[key_id]).decrypt(nonce, ciphertext, row.encode())
        except (InvalidTag, ValueError):
            raise Broken(f"What is sealed in {row} is damaged or belongs to another row: connect again.") from None

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose; it changes with the current key and tells nothing about it."""
        return hmac.digest(self.keys[self.current], f"derived:{purpose}".encode(), "sha256")

    def is_current(self, sealed: str) -> bool:
        """False where the text was sealed with an older key and should be sealed anew."""
        return sealed.startswith(f"{FORM}|{self.current}|")


def vault_from(settings_key: str, key_file: Path) -> Vault:
    """A vault with the key of the settings (32 bytes in base64), else with that of `key_file`, made when missing.

    Beside a key of the settings the file's key, where there is one, still opens what it sealed. Raises Unreadable for a
    key of another length and for a key file that others may read."""
    held = _held(key_file)
    key = _key(settings_key, "CONNECTOR_KEY") if settings_key else held or _made(key_file)
    ring = {key_id(known): known for known in (held, key) if known}
    return Vault(keys=ring, current=key_id(key))


def key_id(key: bytes) -> str:
    """A key's name, taken from its hash: the same key has the same name wherever it is kept."""
    return sha256(b"key id " + key).hexdigest()[:8]


def _held(key_file: Path) -> bytes | None:
    try:
        status = key_file.stat()
    except FileNotFoundError:
        return None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise Unreadable(f"The key file {key_file} can be read by others: run chmod 600 on it.")
    return _key(key_file.read_text(encoding="ascii", errors="replace"), f"The key file {key_file}")


def _made(key_file: Path) -> bytes:
    """A new key, readable by its owner only, written whole or not at all."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    fresh = key_file.with_name(f".{key_file.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link is refused where the name is taken: of two processes that start at once, one key stays.
        os.link(fresh, key_file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _key(key_file.read_text(encoding="ascii"), f"The key file {key_file}")


def _key(text: str, where: str) -> bytes:
    try:
        key = b64decode(text.strip().translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Unreadable(f"{where} must hold {KEY_BYTES} bytes in base64.")
    return key


def _parts(sealed: str, row: str) -> tuple[str, bytes, bytes]:
    parts = sealed.split("|")
    if len(parts) != 4 or parts[0] != FORM:
        raise Broken(f"What is sealed in {row} has not the form {FORM}|key|nonce|ciphertext.")
    try:
        return parts[1], urlsafe_b64decode(parts[2]), urlsafe_b64decode(parts[3])
    except (binascii.Error, ValueError):
        raise Broken(f"What is sealed in {row} is damaged: connect again.") from None


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii")
