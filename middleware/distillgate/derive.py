"""Keys for one use each, of the gate's one secret."""

import hashlib

_LONGEST = hashlib.blake2b.MAX_KEY_SIZE
"""Bytes of a secret that are used: 64."""


def derive(secret: bytes, use: bytes, size: int = 32) -> bytes:
    """Return a key for one use, or a mark that tells secrets apart.

    Nothing is told by it of the secret, nor of what is derived for another use.
    """
    return hashlib.blake2b(use, key=secret[:_LONGEST], digest_size=size).digest()
