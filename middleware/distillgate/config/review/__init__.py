"""What a configuration says that it cannot mean, or hardly can: each file reads one part of it."""

from typing import NamedTuple

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """A finding, and whether the configuration must not be used with it."""

    path: Path
    text: str
    fatal: bool = False
    local: bool = False
    """It is of this machine and not of what is said: a gate that runs goes on without."""
