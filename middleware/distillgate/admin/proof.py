"""How a gate proves that it has a key before anybody sends it that key.

An address without the pages' path reaches the upstream, and a wrong one reaches a stranger: whoever
answers there must not be shown the key. The client sends a nonce, the gate returns its HMAC. Of the
shared key the HMAC's key is derived slowly, so that a proof is no quick way to guess a weak one. A
person's own key is drawn at random, and the gate has only its hash.
"""

import hashlib
import hmac
import re
import secrets
from functools import lru_cache

NONCE = re.compile(r"[0-9a-f]{32,64}")
"""What a client chooses anew each time, in hexadecimal."""
OWN = "dgk-"
"""How a person's own key begins."""
HASHED = "sha256:"
"""How its hash is written in a configuration."""
SHOWN = 16
"""Digits of its hash by which a client says which key it means."""

_SALT = b"distillgate admin proof"
_COST = 1 << 14
"""scrypt's cost: some 50 ms and 16 MB."""


def new_key() -> str:
    """Draw a person's own key."""
    return OWN + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """Return the hash of a key that was drawn; one that people chose could be guessed from it."""
    return HASHED + hashlib.sha256(key.encode()).hexdigest()


def meant(key: str) -> str:
    """Return which key a client means, without showing it; empty for the shared one."""
    return hashed(key).removeprefix(HASHED)[:SHOWN] if key.startswith(OWN) else ""


@lru_cache(4)
def derived(key: str) -> bytes:
    """Return the HMAC's key. Slow: call it before anything is served."""
    return hashlib.scrypt(key.encode(), salt=_SALT, n=_COST, r=8, p=1, dklen=32)


def proof(key: str, nonce: str) -> str:
    """Return what only a holder of the key can answer to a nonce."""
    if key.startswith(OWN):
        return proof_of(hashed(key), nonce)
    return hmac.new(derived(key), nonce.encode(), hashlib.sha256).hexdigest()


def proof_of(hash_: str, nonce: str) -> str:
    """Return what a gate answers to a nonce that has only the hash of a person's key."""
    return hmac.new(hash_.encode(), nonce.encode(), hashlib.sha256).hexdigest()
