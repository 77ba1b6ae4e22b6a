"""Several gates of one evidence: every setting."""

import hashlib

from pydantic import Field, SecretStr, field_validator

from distillgate.errors import needs
from distillgate.fleet.share import ShareSettings
from distillgate.settings import Positive, SecretUrl, Settings


class RedisSettings(Settings):
    """A Redis (7 or later) or Valkey server that holds one evidence for several gates."""

    url: SecretUrl | None = None
    """Where it is, best as `${REDIS_URL}`: `redis://user:password@host:6379/0`, `rediss://` for
    TLS (`?ssl_ca_certs=FILE` names a certificate authority of one's own), `unix://` for a socket;
    null shares nothing. It needs `key`, the same in every gate."""
    prefix: str = Field(default="distillgate", pattern=r"^[^{}\s]+$")
    """What its keys begin with; gates of one prefix and one key are one evidence."""
    journal_bytes: int = Field(default=268_435_456, ge=65_536)
    """Bytes of entries the server keeps, about: how far back a gate can take up what it missed."""
    records_seconds: Positive = 5.0
    """Seconds between what is written of the state for gates that join, where `store.path` names no
    file of their own."""
    timeout_seconds: Positive = 5.0
    """Seconds after which a connection that does not answer is given up."""

    @field_validator("url")
    @classmethod
    def _readable(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        with needs("redis"):
            from redis.connection import parse_url
        try:
            parse_url(url.get_secret_value())  # type: ignore[no-untyped-call] # has no types
        except ValueError:  # what it says may have the password in it
            raise ValueError("not like redis://user:password@host:6379/0") from None
        return url


def of_key(settings: RedisSettings, secret: bytes) -> RedisSettings:
    """Give the settings with a prefix that gates of another key do not share."""
    check = hashlib.blake2b(b"fleet", key=secret[:64], digest_size=8).hexdigest()
    return settings.model_copy(update={"prefix": f"{settings.prefix}-{check}"})


class FleetSettings(Settings):
    """What several gates share. Off unless a server is named; it needs `key`, the same in all."""

    redis: RedisSettings = RedisSettings()
    """The server that holds the journal of what they learn."""
    share: ShareSettings = ShareSettings()
    """How what one of them learns reaches the others."""
