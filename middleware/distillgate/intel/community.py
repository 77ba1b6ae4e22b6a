"""A community's keys: what those who share intelligence hash with, and nobody else can.

One file a community, readable by its owner alone; handing it over is copying it. The newest key
hashes what is sent. Rotating keeps the one before for an overlap, in which both are accepted.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from distillgate.errors import StoreError

Use: TypeAlias = Literal["segment", "account", "network", "object"]
"""What is hashed. Each use has a key of its own: equal contents of two uses do not look alike."""

_SECRET_BYTES, _DIGEST_BYTES = 32, 16
_OTHERS = 0o077
"""The permissions that nobody but the owner may have."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One secret of a community."""

    id: str
    secret: str
    """32 bytes, as hexadecimal digits."""
    created: float
    until: float | None = None
    """When it is no longer accepted; None: it is the newest."""

    @property
    def seed(self) -> int:
        """The seed under which texts are cut and drawn, alike in the whole community."""
        return int.from_bytes(self._derived("seed")[:8])

    def digest(self, use: Use, content: bytes) -> str:
        """Return the keyed hash of a content, 128 bits as hexadecimal digits."""
        key = self._derived(use)
        return hashlib.blake2b(content, key=key, digest_size=_DIGEST_BYTES).hexdigest()

    def line(self, value: int) -> str:
        """Return the keyed hash of a line's own hash under `seed`."""
        return self.digest("segment", value.to_bytes(8, "big"))

    def _derived(self, use: str) -> bytes:
        return hmac.digest(bytes.fromhex(self.secret), use.encode(), "sha256")


class Community(msgspec.Struct, forbid_unknown_fields=True):
    """Organisations that share intelligence, and their keys, the newest last."""

    name: str
    keys: list[Key]

    @property
    def newest(self) -> Key:
        """The key that hashes what is sent. Raises `StoreError` where every key was revoked."""
        current = [key for key in self.keys if key.until is None]
        if not current:
            raise StoreError(f"community {self.name}: every key was revoked; rotate it")
        return current[-1]

    def accepted(self, now: float) -> Iterator[Key]:
        """Return the keys that are accepted, the newest first."""
        return (key for key in reversed(self.keys) if key.until is None or now < key.until)

    def rotate(self, now: float, overlap: float) -> Key:
        """Draw a new key; the one before is accepted for `overlap` seconds more."""
        self.keys = [
            msgspec.structs.replace(key, until=now + overlap) if key.until is None else key
            for key in self.keys
        ]
        self.keys.append(_drawn(now))
        return self.keys[-1]

    def revoke(self, name: str, now: float) -> None:
        """Accept a key no longer. Raises `StoreError` where there is none of this name."""
        if all(key.id != name for key in self.keys):
            known = ", ".join(key.id for key in self.keys)
            raise StoreError(f"community {self.name} has no key {name}; it has {known}")
        self.keys = [
            msgspec.structs.replace(key, until=now) if key.id == name else key for key in self.keys
        ]


def create(name: str, now: float) -> Community:
    """Return a new community of one key."""
    return Community(name, [_drawn(now)])


def _drawn(now: float) -> Key:
    return Key(f"k-{secrets.token_hex(4)}", secrets.token_hex(_SECRET_BYTES), now)


def load(path: Path) -> Community:
    """Read a community's file. Raises `StoreError` where others may read it, or it is none."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise StoreError(f"{path}: others may read it; chmod 600 {path}")
        community = msgspec.json.decode(path.read_bytes(), type=Community)
        if not community.keys or any(len(bytes.fromhex(k.secret)) < 16 for k in community.keys):
            raise StoreError(f"{path}: a community needs keys of at least 16 bytes")
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise StoreError(f"{path}: no community's keys: {error}") from None
    return community


def save(community: Community, path: Path, *, new: bool = False) -> None:
    """Write a community's file, at once and for its owner alone.

    Raises `StoreError` where it cannot be written, or is to be new and is there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if new and path.exists():
            raise StoreError(f"{path}: is there already")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(community)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise StoreError(f"{path}: {error.strerror or error}") from None


def moment(at: float) -> str:
    """Return a time as STIX writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
