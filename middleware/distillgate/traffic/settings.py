"""Settings of the recorder."""

from pydantic import Field

from distillgate.settings import Settings


class RecordSettings(Settings):
    """Where traffic is recorded, if it is. The log holds prompts and answers in plain text."""

    path: str | None = None
    """The log's file, compressed if it ends in `.gz`; null records nothing. Owner-only (0600)."""

    max_bytes: int = Field(default=1 << 30, ge=1 << 16)
    """Bytes of a file, as written, before it is renamed to `.1` and a new one begun."""

    keep: int = Field(default=1, ge=0)
    """Renamed files kept; the oldest is deleted. The disk holds at most `keep` + 1 files."""
