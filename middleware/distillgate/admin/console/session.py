"""Who is signed in: a signed cookie, and a token that a form must carry.

A key is checked once, at sign-in. The cookie holds a name, an end, a nonce and which key it was,
under an HMAC whose key is derived from the admin key: it outlives restarts, holds at every worker,
and ends when that key is changed, or the person's own; a role counts as it is configured now.
Browsers send it to these pages alone, and from no other site. Whom a proxy vouches for needs none.
"""

import base64
import hashlib
import hmac
import secrets
from typing import NamedTuple

import orjson

from distillgate.admin.access import Access
from distillgate.admin.proof import HASHED, SHOWN, derived
from distillgate.admin.roles import MAX_NAME, Caller, May

COOKIE = "distillgate"
SECONDS = 12 * 3600
"""How long one is signed in: a working day."""
_LONGEST = 1024


class Session(NamedTuple):
    """One person at one browser."""

    by: str
    csrf: str
    """What each form must carry; a stranger's page cannot know it."""
    caller: Caller
    vouched: bool = False
    """A proxy signed them in, and signs them out."""

    def may(self, what: str) -> bool:
        """Return whether the person's role allows it."""
        return self.caller.may(May(what))


class Sessions:
    """Signs people in and knows them again."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def open(self, by: str, caller: Caller, now: float) -> str:
        """Return the cookie of a person who has shown a key."""
        document = [by[:MAX_NAME], now + SECONDS, secrets.token_hex(16), self._key_of(caller.name)]
        payload = base64.urlsafe_b64encode(orjson.dumps(document)).decode()
        return f"{payload}.{self._sign('session of a key', payload)}"

    def read(self, cookie: str, now: float) -> Session | None:
        """Return whose cookie it is; None where it is nobody's, or its time is over."""
        payload, _, signature = cookie.partition(".")
        if not payload or len(cookie) > _LONGEST:
            return None
        wanted = self._sign("session of a key", payload)
        if not hmac.compare_digest(signature.encode(), wanted.encode()):
            return None
        by, until, _, key = orjson.loads(base64.urlsafe_b64decode(payload))
        person = self._access.person(by) if key else None
        if now >= until or (key and (person is None or key != self._key_of(by))):
            return None
        if not key and self._access.is_taken(by):  # somebody has got that name since
            return None
        caller = Caller("", "administrator") if person is None else Caller(by, person.role)
        return Session(by, self._sign("csrf", payload), caller)

    def vouched(self, caller: Caller) -> Session:
        """Return the session of a person whom a proxy signed in."""
        csrf = self._sign("csrf of a proxy's", caller.name)
        return Session(caller.name, csrf, caller, vouched=True)

    def _key_of(self, name: str) -> str:
        """Return which key a person has; the shared one, and one that is gone, have none."""
        person = self._access.person(name) if name else None
        key = "" if person is None or person.key is None else person.key
        return key.removeprefix(HASHED)[:SHOWN]

    def _sign(self, what: str, payload: str) -> str:
        words = f"distillgate console {what} {payload}".encode()
        return hmac.new(derived(self._access.shared_key), words, hashlib.sha256).hexdigest()
