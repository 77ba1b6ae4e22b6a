"""The link in a refusal under which a customer may ask for a review: signed, ending, of that one.

It holds what the client was told anyway, and nothing of why: a limit of the plan and a suspicion
have links alike.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from distillgate.account.windows import DAY
from distillgate.derive import derive
from distillgate.errors import needs
from distillgate.settings import Positive, Settings

_LONGEST = 4096
"""Characters of a link's last part: 128 of an account's name may take 12 each, a third more."""

Kind: TypeAlias = Literal["wait", "budget", "held", "verify", "reasoning"]
"""What a client was told: to slow down, that its plan is used up, no, to verify, that reasoning
belongs elsewhere."""


class AppealSettings(Settings):
    """Where a customer who was held back may ask for a review. Off unless an address is given."""

    url: str = ""
    """The page's public address, such as `https://api.example.com/appeal`: what is below its path
    is taken from the upstream, and refusals name a link there. Empty: there is none."""
    days: Positive = 14.0
    """How long a link holds."""
    keep_days: float = Field(default=30.0, gt=0, le=365)
    """How long what a customer wrote is kept, with its answer."""

    @field_validator("url")
    @classmethod
    def _has_path(cls, url: str) -> str:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and len(parts.path) > 1
        if url and (not whole or parts.query or parts.fragment or not url.isascii()):
            raise ValueError("must be like https://api.example.com/appeal, with a path of its own")
        if url:
            with needs("console"):
                import jinja2  # noqa: F401 - missing, it is the configuration's fault
        return url.rstrip("/")

    @property
    def path(self) -> str:
        """The path of the page."""
        return urlsplit(self.url).path


class Ticket(NamedTuple):
    """What a link is about."""

    reference: str
    account: str
    kind: Kind
    at: float


def link(settings: AppealSettings, secret: bytes, ticket: Ticket) -> str:
    """Return the address of one refusal's page; empty where there is none."""
    if not settings.url:
        return ""
    text = json.dumps([*ticket[:3], int(ticket.at)], separators=(",", ":"))
    payload = base64.urlsafe_b64encode(text.encode()).rstrip(b"=")
    return f"{settings.url}/{payload.decode()}.{_sign(secret, payload)}"


def read(token: str, secret: bytes, settings: AppealSettings, now: float) -> Ticket | None:
    """Return what a link is about; None where we did not write it, or its time is over."""
    payload, _, signature = token.partition(".")
    if len(token) > _LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(signature, _sign(secret, payload.encode())):
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return None
    ticket = Ticket(*found)
    return ticket if now < ticket.at + settings.days * DAY else None


def form_token(secret: bytes, token: str) -> str:
    """Return what the page's form must carry: another site cannot know it."""
    return _sign(secret, b"form " + token.encode())


def _sign(secret: bytes, payload: bytes) -> str:
    return hmac.new(derive(secret, b"appeal"), payload, hashlib.sha256).hexdigest()[:32]
