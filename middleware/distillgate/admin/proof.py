"""How a gate proves that it has the admin key before anybody sends it that key.

An address without the pages' path reaches the upstream, and a wrong one reaches a stranger: whoever
answers there must not be shown the key. The client sends a nonce, the gate returns its HMAC. The
HMAC's key is derived slowly, so that a proof is no quick way to guess a weak admin key.
"""

import hashlib
import hmac
import re
from functools import lru_cache

NONCE = re.compile(r"[0-9a-f]{32,64}")
"""What a client chooses anew each time, in hexadecimal."""

_SALT = b"distillgate admin proof"
_COST = 1 << 14
"""scrypt's cost: some 50 ms and 16 MB."""


@lru_cache(4)
def derived(key: str) -> bytes:
    """Return the HMAC's key. Slow: call it before anything is served."""
    return hashlib.scrypt(key.encode(), salt=_SALT, n=_COST, r=8, p=1, dklen=32)


def proof(key: str, nonce: str) -> str:
    """Return what only a holder of the key can answer to a nonce."""
    return hmac.new(derived(key), nonce.encode(), hashlib.sha256).hexdigest()
