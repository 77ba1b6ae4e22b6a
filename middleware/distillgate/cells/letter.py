"""What goes between cells: a summary, sealed with the operator's key."""

import hashlib
import hmac

from distillgate.campaign.elsewhere import MOST_BYTES
from distillgate.campaign.summary import Summary
from distillgate.derive import derive
from distillgate.errors import StoreError
from distillgate.records import decoder, encode

_SEAL = 32
"""Bytes of the seal."""


class Seal:
    """Seals and opens letters. The key is the one that names accounts: who has another cannot read
    whom a summary is of, and is not believed.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = derive(secret, b"cells", 64)
        self.check = derive(secret, b"cells check", 8).hex()
        """Tells keys apart, and nothing of them."""

    def close(self, summary: Summary) -> bytes:
        """Write a summary."""
        written = encode(summary)
        return self._of(written) + written

    def open(self, letter: bytes) -> Summary:
        """Read a summary. Raises `StoreError` where it is too large, not sealed with the key, or
        another version's.
        """
        if len(letter) > MOST_BYTES:
            raise StoreError(f"a letter of {len(letter):,} bytes")
        seal, written = letter[:_SEAL], letter[_SEAL:]
        if not hmac.compare_digest(seal, self._of(written)):
            raise StoreError("a letter that is not sealed with this key")
        read: Summary = _READ(written)
        return read

    def _of(self, written: bytes) -> bytes:
        return hashlib.blake2b(written, key=self._key, digest_size=_SEAL).digest()


_READ = decoder(Summary)
