"""Who is signed in: a signed cookie, and a token that a form must carry.

The admin key is checked once, at sign-in. The cookie holds a name, an end and a nonce under an HMAC
whose key is derived from the admin key: it outlives restarts, holds at every worker, and ends when
the key is changed. Browsers send it to these pages alone, and from no other site.
"""

import base64
import hashlib
import hmac
import secrets
from typing import NamedTuple

import orjson

from distillgate.admin.proof import derived

COOKIE = "distillgate"
SECONDS = 12 * 3600
"""How long one is signed in: a working day."""
MAX_NAME = 64
"""Characters of a person's name."""
_LONGEST = 1024


class Session(NamedTuple):
    """One person at one browser."""

    by: str
    until: float
    csrf: str
    """What each form must carry; a stranger's page cannot know it."""


class Sessions:
    """Signs people in and knows them again. `key` is the admin key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def accepts(self, key: str) -> bool:
        """Return whether this is the admin key."""
        return bool(self._key) and hmac.compare_digest(key.encode(), self._key.encode())

    def open(self, by: str, now: float) -> str:
        """Return the cookie of a person who has shown the key."""
        document = orjson.dumps([by[:MAX_NAME], now + SECONDS, secrets.token_hex(16)])
        payload = base64.urlsafe_b64encode(document).decode()
        return f"{payload}.{self._sign('session', payload)}"

    def read(self, cookie: str, now: float) -> Session | None:
        """Return whose cookie it is; None where it is nobody's, or its time is over."""
        payload, _, signature = cookie.partition(".")
        if not self._key or not payload or len(cookie) > _LONGEST:
            return None
        if not hmac.compare_digest(signature.encode(), self._sign("session", payload).encode()):
            return None
        by, until, _ = orjson.loads(base64.urlsafe_b64decode(payload))
        if now >= until:
            return None
        return Session(by, until, self._sign("csrf", payload))

    def _sign(self, what: str, payload: str) -> str:
        words = f"distillgate console {what} {payload}".encode()
        return hmac.new(derived(self._key), words, hashlib.sha256).hexdigest()
