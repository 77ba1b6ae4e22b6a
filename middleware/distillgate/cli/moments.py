"""Times for people."""

from datetime import UTC, datetime

_NO_END = datetime.max.replace(tzinfo=UTC).timestamp()


def moment(seconds: float) -> str:
    """Write a time for people."""
    if seconds >= _NO_END:
        return "further notice"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
