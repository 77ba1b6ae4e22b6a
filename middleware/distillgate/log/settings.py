"""Where the log is, and how much of it there is."""

from pydantic import Field, SecretStr, field_validator, model_validator

from distillgate.errors import needs
from distillgate.settings import Positive, SecretUrl, Settings


def readable(url: SecretStr | None) -> SecretStr | None:
    """Return the address of a server, where a client can read it. Raises `ValueError`."""
    if url is None:
        return None
    with needs("redis"):
        from redis.connection import parse_url
    try:
        parse_url(url.get_secret_value())  # type: ignore[no-untyped-call] # has no types
    except ValueError:  # what it says may have the password in it
        raise ValueError("not like redis://user:password@host:6379/0") from None
    return url


class LogSettings(Settings):
    """The log that what is remembered comes from. Off unless it is named; it needs `key`."""

    path: str | None = None
    """An SQLite file, for its owner alone (0600): outlives restarts, and any number of processes of
    this machine share it. Snapshots are beside it. Not on a network's file system."""
    url: SecretUrl | None = None
    """A Redis (7 or later) or Valkey server in place of the file, for several machines, best as
    `${REDIS_URL}`: `redis://user:password@host:6379/0`, `rediss://` for TLS
    (`?ssl_ca_certs=FILE` names a certificate authority of one's own), `unix://` for a socket."""
    prefix: str = Field(default="distillgate", pattern=r"^[^{}\s]+$")
    """What its keys on the server begin with; gates of one prefix and one `key` share evidence."""
    batch_seconds: Positive = 0.05
    """Seconds for which entries are collected before they are appended: what a crash may cost, and
    how far processes that share the log are behind each other."""
    snapshot_entries: int = Field(default=5_000, ge=100)
    """Entries between two snapshots: a start reads about so many at most, or twice as many where
    the latest snapshot is damaged."""
    queue_bytes: int = Field(default=64 << 20, ge=1 << 20)
    """Memory for entries that cannot be appended; when full, the oldest stay unshared."""
    timeout_seconds: Positive = 5.0
    """Seconds after which a log that does not answer is given up and reached for again."""

    @field_validator("url")
    @classmethod
    def _readable(cls, url: SecretStr | None) -> SecretStr | None:
        return readable(url)

    @model_validator(mode="after")
    def _one_home(self) -> "LogSettings":
        if self.path is not None and self.url is not None:
            raise ValueError("name either `path` or `url`: there is one log")
        return self
