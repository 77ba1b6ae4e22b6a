"""One thing that a configuration says and cannot mean, or hardly can."""

from typing import NamedTuple

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """A finding, and whether the configuration must not be used with it."""

    path: Path
    text: str
    fatal: bool = False
    local: bool = False
    """It is of this machine and not of what is said: a gate that runs goes on without."""
